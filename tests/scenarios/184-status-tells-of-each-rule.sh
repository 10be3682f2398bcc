#!/bin/sh
# status: events of each rule, the one that has none, the one that went quiet; and --watch with what came and went.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config
cat >>"$work/acme.yaml" <<'RULES'
  - name: export
    match: '^export by (?<user>\S+)'
    event: {activity_type: EXPORT, user_id: '${user}'}
    samples:
      - line: '2026-11-23T10:11:12Z app1 acme[7]: export by alice'
        event: {user_id: alice}
      - line: '2026-11-23T10:11:12Z app1 acme[7]: started'
        event: none
  - name: import
    match: '^import by (?<user>\S+)'
    event: {activity_type: IMPORT, user_id: '${user}'}
    samples:
      - line: '2026-11-23T10:11:12Z app1 acme[7]: import by alice'
        event: {user_id: alice}
      - line: '2026-11-23T10:11:12Z app1 acme[7]: started'
        event: none
RULES
rule() { "$SHIPPER" status --config "$work/config.yaml" --json | jq -c ".rules[] | select(.rule == \"$1\") | [.events, .incomplete, .days, .quiet]"; }
is_rule() { [ "$(rule "$1")" = "$2" ]; }

write_lines 1 20
echo '2026-11-23T10:11:12Z app1 acme[7]: export by alice' >>"$work/app.log"
start_run
wait_until 10 has_received 20
wait_until 10 is_rule request '[20,0,1,false]'
assert_equal "a rule without an address" "$(rule export)" '[0,1,0,false]'
assert_equal "a rule that nothing matches" "$(rule import)" '[0,0,0,false]'

say "it is kept over a restart, and a kill"
stop run KILL
start_run
write_lines 21 5
wait_until 10 is_rule request '[25,0,1,false]'
"$SHIPPER" status --config "$work/config.yaml" >"$work/text"
grep -q '^ *25  *0  20.*Z  acme/request$' "$work/text" || fail "the table has no row of acme/request"
grep -q '^ *0  *1  never  *acme/export  (incomplete: ip_addr: no usable address)$' "$work/text" ||
    fail "the table does not tell why acme/export is incomplete"

say "--watch tells what came and went"
start watch "$SHIPPER" status --config "$work/config.yaml" --watch=1
wait_until 10 is_in "lines/s" watch.out
stop watch
code=0
"$SHIPPER" status --config "$work/config.yaml" --watch=x >"$work/wrong.out" 2>&1 || code=$?
assert_equal "exit code" "$code" 64
stop run
