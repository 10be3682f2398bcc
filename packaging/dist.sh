#!/bin/sh
# Makes a tarball for other distributions: the program with every library that it needs
# but libc's own, rules, manual pages, the systemd unit. It runs where glibc is as new as
# here, so build it on the oldest system that it is for.
#
# usage: dist.sh MAKE VERSION
set -eu
make=$1 version=$2
cd "$(dirname "$0")/.."
name=usage-shipper-$version-$(uname -m)
stage=build/dist/$name
program=build/dist/usage-shipper

rm -rf "$stage" "$program"
mkdir -p "$stage"
# DT_RPATH and not DT_RUNPATH: libraries look there for their own ones, too.
$make --no-print-directory all PROGRAM="$program" PREFIX=/usr/local \
    LDFLAGS="-Wl,--disable-new-dtags -Wl,-rpath,'\$\$ORIGIN/../lib/usage-shipper'"
sh packaging/install.sh "$program" "$version" /usr/local "$stage"
mkdir -p "$stage/usr/local/lib/usage-shipper"
ldd "$program" | awk '$2 == "=>" {print $3}' | while read -r library; do
    case ${library##*/} in
    libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | libresolv.so.* | ld-linux*) ;;
    *) cp -L "$library" "$stage/usr/local/lib/usage-shipper/" ;;
    esac
done
tar -C "$stage" --owner=0 --group=0 --sort=name -czf "build/dist/$name.tar.gz" usr
rm -rf "$stage" "$program"
echo "build/dist/$name.tar.gz"
