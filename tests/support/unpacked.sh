#!/bin/sh
# Prints the folder below which Debian packages are unpacked, which it does when they
# are not yet. For daemons that tests run in the foreground and that must not be
# installed: they would be started as services, and some exclude each other. The
# libraries that they need are installed (DEB_TEST in the Makefile).
#
# usage: unpacked.sh PACKAGE...
set -eu
below=$(realpath "$(dirname "$0")/../..")/build/unpacked
folder=$below/$1

unpack() {
    rm -rf "$folder.new"
    mkdir "$folder.new"
    cd "$folder.new"
    apt-get download -qq "$@" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$@"; } >&2
    for package in *.deb; do dpkg -x "$package" .; done
    rm -f ./*.deb
    mv "$folder.new" "$folder"
}

mkdir -p "$below"
exec 9>"$folder.lock"
flock 9
[ -d "$folder" ] || (unpack "$@") >&2
echo "$folder"
