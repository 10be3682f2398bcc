#!/bin/sh
# Runs Debian's nginx in the foreground.
#
# usage: nginx.sh FOLDER CONFIGURATION OPTION...    FOLDER takes its state; the
#                                                   configuration has a line "http {"
set -eu
folder=$(realpath "$1")
configuration=$(realpath "$2")
shift 2
unpacked=$(sh "$(dirname "$0")/unpacked.sh" nginx)
state=$folder/nginx
mkdir -p "$state"
# What it would keep below /var/lib/nginx can only be named inside of http.
sed 's|^http {$|&\
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;|' "$configuration" >"$state/nginx.conf"
exec "$unpacked/usr/sbin/nginx" -p "$state" -c "$state/nginx.conf" -e stderr \
    -g "daemon off; pid $state/nginx.pid;" "$@"
