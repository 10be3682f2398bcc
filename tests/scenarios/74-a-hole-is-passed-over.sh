#!/bin/sh
# torture 15: truncated under a writer that goes on at its old offset: the NUL bytes are passed over, the first line behind them is intact
. "$(dirname "$0")/../support/scenario.sh"

line() { echo "2026-11-23T10:11:12Z app1 acme[7]: request $1 by user$1 from 198.51.100.7"; }

start_endpoint
write_config
exec 3>"$work/app.log"
i=0
while [ $((i += 1)) -le 300 ]; do line $i >&3; done
size=$(stat -c %s "$work/app.log")
start_run
wait_until 20 has_received 300

: >"$work/app.log.empty"
truncate -s 0 "$work/app.log"
i=300
while [ $((i += 1)) -le 400 ]; do line $i >&3; done
exec 3>&-
assert_equal "the first line stands behind the hole" \
    "$(head -c "$size" "$work/app.log" | tr -d '\0' | wc -c)" 0
wait_until 20 has_received 400
assert_delivered 1 400
assert_in 'was truncated or rewritten' run.err
assert_in "has a hole of NUL bytes up to byte $size" run.err

say "a restart reads nothing again"
stop run
start_run --once --state "$work/state"
finish run 20
assert_in 'lines: 0 read' run.out
assert_equal "requests" "$(wc -l <"$work/record")" 400

say "status knows where those bytes went"
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out" || fail "status"
assert_in "every byte is accounted for" status.out
"$SHIPPER" status --config "$work/config.yaml" --json | grep -q "\"hole\": *$size\|\"hole\":$size" ||
    fail "status --json does not name the hole: $("$SHIPPER" status --config "$work/config.yaml" --json)"
