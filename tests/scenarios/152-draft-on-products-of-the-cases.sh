#!/bin/sh
# draft on logs of products that published their lines: each file passes check and test, and names none of their addresses.
. "$(dirname "$0")/../support/scenario.sh"

cases=$(dirname "$0")/../../../shared/cases/cases.jsonl
[ -e "$cases" ] || skip "needs ../shared/cases/cases.jsonl beside the repository"

for product in sshd gitlab teleport sftpgo rabbitmq caddy authelia; do
    jq -r --arg product "$product" \
        'select(.product == $product and (.line | contains("\n") | not)) | .line' "$cases" >"$work/$product.log"
    "$SHIPPER" draft "$work/$product.log" >"$work/$product.yaml" 2>"$work/draft.err" ||
        fail "no rule for $product"
    "$SHIPPER" check "$work/$product.yaml" >"$work/check.out" || fail "$product does not pass check"
    "$SHIPPER" test "$work/$product.yaml" >"$work/test.out" || fail "$product does not pass test"
    # A user where the publisher expects one in some line, and else none.
    finds=yes expects=no
    grep -q "^      user_id: .*# guess$" "$work/$product.yaml" || finds=no
    users=$(jq -r --arg product "$product" 'select(.product == $product) | .expect.user // empty' "$cases")
    [ -z "$users" ] || expects=yes
    assert_equal "$product: a user is found" "$finds" "$expects"
    grep -q "^      ip_addr: .*# guess$" "$work/$product.yaml" || fail "$product: no address is found"
    "$SHIPPER" preview "$work/$product.log" --rules "$work/$product.yaml" >"$work/events.json" 2>"$work/preview.err"
    [ -s "$work/events.json" ] || fail "$product: its rules find nothing in the log"
    # Whole addresses, as the publishers expect them.
    jq -r --arg product "$product" 'select(.product == $product) | .expect.ip // empty' "$cases" | sort -u |
        grep -vE '^(203\.0\.113\.|2001:db8:|192\.0\.2\.|198\.51\.100\.)' |
        while read -r address; do
            ! grep -wF -e "$address" "$work/$product.yaml" || fail "$product.yaml has the address $address"
        done
    say "$product: $(tail -n 1 "$work/draft.err")"
done
