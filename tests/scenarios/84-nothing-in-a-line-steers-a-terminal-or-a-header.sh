#!/bin/sh
# Control characters, quotes, forged headers and no UTF-8 in a line: a valid request each, and a terminal that stays as it is.
. "$(dirname "$0")/../support/scenario.sh"

printf 'user=%b end\n' 'red\033[31m' 'title\033]0;evil\007' 'c1\0302\023331m' 'bidi\0342\0200\0256x' \
    'cr\rb' 'nul\0000b' 'latin\0351' 'overlong\0300\0242' 'lone\0355\0240\0200' \
    'header\\r\\nX-Injected: yes' 'quote",\"event_id\":\"forged' 'tab\tdel\0177' >"$work/app.log"
cat >"$work/ugly.yaml" <<'RULES'
product: acme
format: plain
rules:
  - name: seen
    match: '^user=(?<user>.+) end'
    event: {activity_type: SEEN, user_id: '${user}', ip_addr: 192.0.2.9, user_agent: '${user}'}
    samples: [{line: 'user=a end', event: {user_id: a}}]
RULES

say "every request keeps the contract, and no header comes from a line"
start_endpoint
write_config "inputs:" "  - {file: $work/app.log, rules: $work/ugly.yaml, start: beginning}"
code=0
"$SHIPPER" run --once --config "$work/config.yaml" >"$work/run.out" 2>"$work/run.err" || code=$?
assert_equal "exit code" "$code" 0
assert_equal "accepted" "$(count_outcome accepted)" "$(wc -l <"$work/app.log")"
assert_equal "refused" "$(count_outcome refused)" 0
assert_not_in "forged\",\"" record

say "what people look at has no control character"
"$SHIPPER" preview --table --rules "$work/ugly.yaml" "$work/app.log" >"$work/table" 2>&1
"$SHIPPER" preview --json --rules "$work/ugly.yaml" "$work/app.log" >"$work/bodies" 2>&1
for shown in table bodies run.out run.err; do
    tr -d '\n' <"$work/$shown" | grep -aq '[[:cntrl:]]' && fail "$shown has a control character"
    ! grep -aq "$(printf '\302\233')" "$work/$shown" || fail "$shown has the control sequence introducer"
done
assert_equal "rows" "$(grep -c SEEN "$work/table")" "$(wc -l <"$work/app.log")"
