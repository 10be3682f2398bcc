#!/bin/sh
# torture 28: an unfinished last line waits under its live name, is final in a rotated file, and with --once --final.
. "$(dirname "$0")/../support/scenario.sh"

half='2026-11-23T10:11:12Z app1 acme[7]: request 11 by user11 from 198.51.100.11'
start_endpoint
write_config "inputs:" "  - {file: '$work/app.log', rules: $work/acme.yaml, start: beginning, settle: 2s}"
write_lines 1 10
printf '%s' "$half" >>"$work/app.log"
start_run
wait_until 20 has_received 10
say "under its live name it is not final, however long that takes"
sleep 4
assert_equal "events" "$(received_numbers | wc -l)" 10
mv "$work/app.log" "$work/app.log.1"
write_lines 12 1
wait_until 10 has_received 12
assert_delivered 1 12
say "what comes behind it is late, and counted"
echo ' and more' >>"$work/app.log.1"
stop run
start_run
write_lines 13 1
wait_until 10 has_received 13
stop run
assert_delivered 1 13

say "--once holds it back and names it; --final takes it"
printf '%s' "$half" | sed 's/11 by user11/14 by user14/' >>"$work/app.log"
start run "$SHIPPER" run --config "$work/config.yaml" --once --state "$work/state"
finish run 20
assert_in "app.log: the last line is unfinished" run.err
assert_equal "events" "$(received_numbers | wc -l)" 13
start run "$SHIPPER" run --config "$work/config.yaml" --once --final --state "$work/state"
finish run 20
assert_delivered 1 14
