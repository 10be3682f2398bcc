#!/bin/sh
# Runs Debian's rsyslogd in the foreground.
#
# usage: rsyslog.sh FOLDER OPTION...    FOLDER takes its state, OPTION is e.g. -f FILE
set -eu
folder=$(realpath "$1")
shift
unpacked=$(sh "$(dirname "$0")/unpacked.sh" rsyslog)
for modules in "$unpacked"/usr/lib/*/rsyslog; do :; done
exec "$unpacked/usr/sbin/rsyslogd" -n -i "$folder/rsyslog.pid" -M "$modules" "$@"
