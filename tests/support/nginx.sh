#!/bin/sh
# Runs Debian's nginx in the foreground.
#
# usage: nginx.sh FOLDER CONFIGURATION OPTION...    FOLDER takes its state
set -eu
folder=$(realpath "$1")
configuration=$(realpath "$2")
shift 2
unpacked=$(sh "$(dirname "$0")/unpacked.sh" nginx)
mkdir -p "$folder/nginx"
exec "$unpacked/usr/sbin/nginx" -p "$folder/nginx" -c "$configuration" -e stderr \
    -g "daemon off; pid $folder/nginx/nginx.pid;" "$@"
