#!/bin/sh
# The table in rules/README.md, from the rule files.
#
#   library.sh check     fails when the table is not up to date
#   library.sh write     brings it up to date
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# A row: the file, what it is about, its activities, its logs, and the setting, which is
# what stands in brackets at the end of `about`.
row() { # file
    awk -v name="$(basename "$1" .yaml)" '
        function add(list, item) { return index(", " list ",", ", " item ",") ? list : list (list ? ", " : "") item }
        /^about: / {
            about = substr($0, 8)
            if (match(about, / \([^()]*\)$/)) {
                setting = substr(about, RSTART + 2, RLENGTH - 3)
                about = substr(about, 1, RSTART - 1)
            }
        }
        /^  - file: / { sub(/ #.*/, ""); logs = add(logs, "`" $3 "`") }
        /^  - journal: / { logs = add(logs, "journal") }
        /^      activity_type: / { activities = add(activities, "`" $2 "`") }
        END { printf "| `%s` | %s | %s | %s | %s |\n", name, about, activities, logs, setting }
    ' "$1"
}

awk '{ print } /^<!-- library -->$/ { exit }' rules/README.md >"$out"
{
    printf '\n| rules | about | activities | logs | setting |\n|---|---|---|---|---|\n'
    for file in rules/*.yaml; do row "$file"; done
    echo
    awk '/^<!-- end of library -->$/ { on = 1 } on { print }' rules/README.md
} >>"$out"
case ${1-} in
write) cat "$out" >rules/README.md ;;
check) diff rules/README.md "$out" || { echo "run: sh tests/library.sh write" && exit 1; } ;;
*) sed -n '2,5p' "$0" && exit 64 ;;
esac
