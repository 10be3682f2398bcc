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
grep -q '^ *25  *0  *0  *0  20.*Z  acme/request$' "$work/text" || fail "the table has no row of acme/request"
grep -q '^ *0  *1  *0  *0  never  *acme/export  (incomplete: ip_addr: no usable address)$' "$work/text" ||
    fail "the table does not tell why acme/export is incomplete"

say "--watch tells what came and went"
start watch "$SHIPPER" status --config "$work/config.yaml" --watch=1
wait_until 10 is_in "lines/s" watch.out
stop watch
code=0
"$SHIPPER" status --config "$work/config.yaml" --watch=x >"$work/wrong.out" 2>&1 || code=$?
assert_equal "exit code" "$code" 64
stop run

say "a product that was upgraded: its lines come near a rule that made events each day"
at_day() { # days from now; what is run then
    days=$1
    shift
    CLOCK_SHIFT_S=$((days * 86400)) LD_PRELOAD=$TOOLS/shifted_clock.so "$@"
}
day() { # days from now, how many lines it is then
    total=$2
    at_day "$1" start_run
    has_read() { "$SHIPPER" status --config "$work/config.yaml" --json | jq -e ".all.lines | add == $total" >"$work/code"; }
    wait_until 10 has_read
    stop run
}
alert() { at_day 0 "$SHIPPER" status --config "$work/config.yaml" --json | jq -c '.rules[] | select(.rule == "request") | [.near_misses, .quiet, .outdated]'; }
rm -r "$work/state" "$work/app.log"
for i in 1 2 3; do
    write_lines $i 1
    day $((i - 5)) $i
done
assert_equal "two days ago" "$(alert)" '[0,false,false]'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    echo "2026-11-23T10:11:12Z app1 acme[7]: request #$i by user$i from 203.0.113.7"
done >>"$work/app.log"
day 0 15
assert_equal "after the upgrade" "$(alert)" '[12,false,true]'
"$SHIPPER" status --config "$work/config.yaml" >"$work/text"
grep -q '^acme/request made events on 3 days, and none for 2 days, while 12 lines came near it, more than before: the product seems to log differently since an upgrade. `usage-shipper explain LOG --rules acme`' "$work/text" ||
    fail "the text does not say so"
