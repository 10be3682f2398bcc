#!/bin/sh
# Runs Debian's stunnel with a configuration that keeps it in the foreground.
#
# usage: stunnel.sh CONFIGURATION
set -eu
configuration=$(realpath "$1")
unpacked=$(sh "$(dirname "$0")/unpacked.sh" stunnel4)
exec "$unpacked/usr/bin/stunnel4" "$configuration"
