#!/bin/sh
# Every whole rule file in README.md and docs/ passes check and test, and each key of the schemas stands in one of docs/rules.md, or in the complete configuration.
. "$(dirname "$0")/../support/scenario.sh"
cd "$(dirname "$0")/../.."

mkdir "$work/blocks"
for page in README.md docs/*.md; do
    awk -v out="$work/blocks" -f tests/support/blocks.awk "$page"
done
# Those before which a line says "holds a mistake" are faulty.
for block in "$work"/blocks/*.text; do
    block=${block%.text}
    if grep -q '^product:' "$block.text" && grep -q '^rules:' "$block.text"; then
        if grep -q 'holds a mistake' "$block.before"; then mv "$block.text" "$block.faulty"; else
            mv "$block.text" "$block.yaml"
        fi
    fi
done
count=$(find "$work/blocks" -name '*.yaml' -o -name '*.faulty' | wc -l)
say "$count whole rule files"
[ "$count" -ge 5 ] || fail "there are more whole rule files than $count in the docs"

for block in "$work"/blocks/*.yaml; do
    "$SHIPPER" check "$block" >"$work/check.out" 2>&1 || fail "$(basename "$block" .yaml) does not pass check"
    "$SHIPPER" test "$block" >"$work/test.out" 2>&1 || fail "$(basename "$block" .yaml) does not pass test"
done
for block in "$work"/blocks/*.faulty; do
    cp "$block" "$work/faulty.yaml"
    code=0
    "$SHIPPER" check "$work/faulty.yaml" >"$work/check.out" || code=$?
    assert_equal "exit code of the one with a mistake" "$code" 78
done

say "each key"
cat "$work"/blocks/docs-rules-*.yaml >"$work/examples.out"
"$SHIPPER" schema rules | jq -r '[.. | objects | .properties? | objects | keys[]] | unique | .[]' >"$work/keys"
[ "$(wc -l <"$work/keys")" -ge 40 ] || fail "the schema has few keys"
while read -r key; do
    grep -qE "(^|[ {,-])$key: " "$work/examples.out" || grep -qE "(^|[ {,-])$key:\$" "$work/examples.out" ||
        fail "no whole file in docs/rules.md has the key $key"
done <"$work/keys"
"$SHIPPER" schema config | jq -r '[.. | objects | .properties? | objects | keys[]] | unique | .[]' >"$work/keys"
[ "$(wc -l <"$work/keys")" -ge 60 ] || fail "the schema of configurations has few keys"
while read -r key; do
    grep -qE "(^|[ {,-])$key:" examples/usage-shipper.yaml || fail "examples/usage-shipper.yaml lacks $key"
done <"$work/keys"
