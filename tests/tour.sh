#!/bin/sh
# The README's tour of the code, from the first sentence of each module's header.
#
#   tour.sh check     fails when the README's tour is not up to date
#   tour.sh write     brings it up to date
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT

sentence() { # file
    awk 'NR < 3 { next } { sub(/^ \*\/?[ ]?/, "") } ($0 == "" && text) || /^- / { exit } { text = text " " $0 }
         END { print text }' "$1" | sed 's/^ *//; s/\. [A-Z].*//; s/[.:]* *$//'
}

tour() {
    for folder in parsers shipper shipper/sources shipper/spool shipper/sender shipper/endpoint; do
        printf '\n| %s/ | |\n|---|---|\n' "$folder"
        for source in "$folder"/*.c; do
            header=${source%.c}.h
            [ -f "$header" ] || header=$source
            printf '| `%s` | %s |\n' "$(basename "${source%.c}")" "$(sentence "$header")"
        done
    done
    echo
}

awk '/^<!-- tour -->$/ { print; exit } { print }' README.md >"$out"
tour >>"$out"
awk '/^<!-- end of tour -->$/ { on = 1 } on { print }' README.md >>"$out"
case ${1-} in
write) cat "$out" >README.md ;;
check) diff README.md "$out" || { echo "run: sh tests/tour.sh write" && exit 1; } ;;
*) sed -n '2,5p' "$0" && exit 64 ;;
esac
