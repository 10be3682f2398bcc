#!/bin/sh
# Runs Debian's syslog-ng in the foreground.
#
# usage: syslog_ng.sh FOLDER OPTION...    FOLDER takes its state, OPTION is e.g. -f FILE
set -eu
folder=$(realpath "$1")
shift
unpacked=$(sh "$(dirname "$0")/unpacked.sh" syslog-ng-core syslog-ng-mod-http)
libraries=$unpacked/usr/lib/syslog-ng
for modules in "$libraries"/[0-9]*; do :; done
export LD_LIBRARY_PATH="$libraries"
exec "$unpacked/usr/sbin/syslog-ng" --foreground --no-caps --module-path="$modules" \
    --persist-file="$folder/syslog-ng.persist" --control="$folder/syslog-ng.ctl" \
    --pidfile="$folder/syslog-ng.pid" "$@"
