#!/bin/sh
# Every whole rule file in README.md and docs/ passes check and test, and each key of the schema stands in one of docs/rules.md.
. "$(dirname "$0")/../support/scenario.sh"
cd "$(dirname "$0")/../.."

# Blocks of code, taken off their indentation, as FILE-LINE.yaml; one that a line with
# "holds a mistake" comes before as FILE-LINE.faulty.
cut_blocks() { # file
    awk -v out="$work/blocks/$(basename "$1" .md)" '
        function close_block() {
            if (name != "") close(name)
            name = ""
        }
        /^ *$/ { if (name != "") print "" >name; was_empty = 1; next }
        {
            match($0, /^ */)
            if (name != "" && RLENGTH < indent) close_block()
            if (name == "" && RLENGTH >= 4 && was_empty && $0 !~ /^ *([-*]|[0-9]+\.) /) {
                indent = RLENGTH
                name = out "-" NR (text ~ /holds a mistake/ ? ".faulty" : ".yaml")
            }
            if (name != "") print substr($0, indent + 1) >name
            else text = $0
        }
        { was_empty = 0 }
        END { close_block() }
    ' "$1"
}

mkdir "$work/blocks"
for page in README.md docs/*.md; do cut_blocks "$page"; done
for block in "$work"/blocks/*; do
    if ! { grep -q '^product:' "$block" && grep -q '^rules:' "$block"; }; then rm "$block"; fi
done
count=$(find "$work/blocks" -type f | wc -l)
say "$count whole rule files"
[ "$count" -ge 5 ] || fail "there are more whole rule files than $count in the docs"

for block in "$work"/blocks/*.yaml; do
    "$SHIPPER" check "$block" >"$work/check.out" 2>&1 || fail "$(basename "$block") does not pass check"
    "$SHIPPER" test "$block" >"$work/test.out" 2>&1 || fail "$(basename "$block") does not pass test"
done
for block in "$work"/blocks/*.faulty; do
    cp "$block" "$work/faulty.yaml"
    code=0
    "$SHIPPER" check "$work/faulty.yaml" >"$work/check.out" || code=$?
    assert_equal "exit code of the one with a mistake" "$code" 78
done

say "each key"
cat "$work"/blocks/rules-*.yaml >"$work/examples.out"
"$SHIPPER" schema rules | jq -r '[.. | objects | .properties? | objects | keys[]] | unique | .[]' >"$work/keys"
[ "$(wc -l <"$work/keys")" -ge 40 ] || fail "the schema has few keys"
while read -r key; do
    grep -qE "(^|[ {,-])$key: " "$work/examples.out" || grep -qE "(^|[ {,-])$key:\$" "$work/examples.out" ||
        fail "no whole file in docs/rules.md has the key $key"
done <"$work/keys"
