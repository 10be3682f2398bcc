#!/bin/sh
# Builds the Debian package in build/deb, from a copy of the tree.
#
# usage: deb.sh VERSION
set -eu
version=$1
cd "$(dirname "$0")/.."
out=build/deb source=build/deb/usage-shipper-$version

rm -rf "$source" "$out"/usage-shipper*_"$version"*
mkdir -p "$source"
tar -cf - --exclude=./build --exclude=./.git --exclude=./.ci . | tar -xf - -C "$source"
cp -r packaging/debian "$source/debian"
# The same package from the same tree.
date=$(date -u -R -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}")
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$date/" packaging/debian/changelog.in >"$source/debian/changelog"
rm "$source/debian/changelog.in"
(cd "$source" && unset MAKEFLAGS MAKELEVEL MFLAGS && dpkg-buildpackage -b -us -uc -tc) >"$out/log" 2>&1 || {
    tail -n 40 "$out/log"
    exit 1
}
rm -rf "$source"
ls "$out"/usage-shipper_"$version"-*.deb
