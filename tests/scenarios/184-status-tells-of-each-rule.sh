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

say "on a terminal it fits, and is drawn anew when the terminal gets another size"
cat >"$work/terminal.sh" <<TERMINAL
stty rows 24 cols 80
"$SHIPPER" status --config "$work/config.yaml" --watch=3600 &
watching=\$!
until grep -q "3 rules" "$work/terminal"; do sleep 0.05; done
stty rows 30 cols 200
until [ "\$(grep -c "3 rules" "$work/terminal")" -gt 1 ]; do sleep 0.05; done
kill \$watching
wait \$watching || true
TERMINAL
code=0
timeout 20 script -qefc "sh $work/terminal.sh" "$work/terminal" >"$work/script.out" </dev/null || code=$?
[ $code -ne 124 ] || fail "it was not drawn twice"
sed -n '/running: /,/3 rules/p; /3 rules/q' "$work/terminal" | sed 's/.\[[0-9]*[A-Z]//g; s/\r$//' >"$work/first"
has_lines first 8 || fail "the first screen is not there"
[ "$(wc -L <"$work/first")" -le 80 ] || fail "wider than the terminal"
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
alerts() { at_day "$1" "$SHIPPER" status --config "$work/config.yaml" --json | jq -r '.alerts[].kind'; }
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
grep -q '^ALERT: acme/request made events on 3 days, and none for 2 days, while 12 lines came near it, more than before: the product seems to log differently since an upgrade. `usage-shipper explain LOG --rules acme`' "$work/text" ||
    fail "the text does not say so"
assert_equal "alerts" "$(alerts 0)" outdated
assert_equal "a month after the service was stopped" "$(alerts 30)" outdated

say "a log in another zone, then this host's clock set wrong"
rm -r "$work/state" "$work/app.log"
two_hours_ago() { # seconds from now, first and last number
    for i in $(seq "$2" "$3"); do
        echo "$(date -u -d "$(($1 - 7200)) seconds" +%FT%TZ) app1 acme[7]: request $i by user$i from 203.0.113.7"
    done >>"$work/app.log"
}
then_read() { # seconds from now, how many lines it is then
    CLOCK_SHIFT_S=$1 LD_PRELOAD=$TOOLS/shifted_clock.so start_run
    total=$2
    wait_until 10 has_read
    delivers() { "$SHIPPER" status --config "$work/config.yaml" | grep -q " $total delivered"; }
    wait_until 10 delivers
    stop run
}
two_hours_ago 0 1 5
then_read 0 5
assert_equal "not yet" "$(alerts 0)" ''
two_hours_ago 900 6 10
then_read 900 10
assert_equal "a clock and a zone" "$(alerts 0 | sort | tr '\n' ' ')" 'clock zone '
"$SHIPPER" status --config "$work/config.yaml" >"$work/text"
grep -q "^ALERT: this host's clock is [0-9]* s ahead of the endpoint's" "$work/text" || fail "no word of the clock"
assert_in "ALERT: acme/request: the times in its log are 120 minutes behind this host's clock" text
