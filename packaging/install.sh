#!/bin/sh
# Puts everything in its place below DESTDIR: program, rules, manual pages, completion,
# example, and what systemd reads. Starts and enables nothing.
#
# usage: install.sh PROGRAM VERSION PREFIX [DESTDIR]; UNIT_DIR says where units go
set -eu
program=$1 version=$2 prefix=$3 root=${4:-}
cd "$(dirname "$0")/.."
share=$root$prefix/share
unit_dir=$root${UNIT_DIR:-$prefix/lib/systemd/system}

file() { install -D -m 0644 "$1" "$2"; } # from, to

install -D -m 0755 "$program" "$root$prefix/bin/usage-shipper"
for rules in rules/*.yaml; do file "$rules" "$share/usage-shipper/rules/$(basename "$rules")"; done
file packaging/usage-shipper.bash-completion "$share/bash-completion/completions/usage-shipper"
# In the folders that they have here, for the links between them.
for doc in README.md CONTRIBUTING.md docs/*.md rules/README.md examples/*.yaml examples/logs/*; do
    file "$doc" "$share/doc/usage-shipper/$doc"
done

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
sh packaging/man/make.sh "$program" "$version" "$pages"
for page in "$pages"/*; do file "$page" "$share/man/man${page##*.}/$(basename "$page")"; done

sed "s|/usr/bin/usage-shipper|$prefix/bin/usage-shipper|" packaging/usage-shipper.service >"$pages/unit"
file "$pages/unit" "$unit_dir/usage-shipper.service"
file packaging/usage-shipper.sysusers "$root$prefix/lib/sysusers.d/usage-shipper.conf"
file packaging/usage-shipper.tmpfiles "$root$prefix/lib/tmpfiles.d/usage-shipper.conf"
