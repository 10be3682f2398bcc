#!/bin/sh
# Runs Debian's nghttpd, which answers every request with the API's success over
# TLS and HTTP/2, in the foreground.
#
# usage: nghttpd.sh FOLDER OPTION... PORT KEY CERTIFICATE    FOLDER takes its files
set -eu
folder=$(realpath "$1")/nghttpd
shift
unpacked=$(sh "$(dirname "$0")/unpacked.sh" nghttp2-server)
mkdir -p "$folder/api/product"
echo '{"response_code":"200","response":"Data Uploaded","status":"success"}' \
    >"$folder/api/product/usage"
exec "$unpacked/usr/sbin/nghttpd" --htdocs="$folder" --address=127.0.0.1 "$@"
