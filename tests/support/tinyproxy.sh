#!/bin/sh
# Runs Debian's tinyproxy in the foreground.
#
# usage: tinyproxy.sh CONFIGURATION
set -eu
configuration=$(realpath "$1")
unpacked=$(sh "$(dirname "$0")/unpacked.sh" tinyproxy-bin)
exec "$unpacked/usr/bin/tinyproxy" -d -c "$configuration"
