#!/bin/sh
# An opt-out file or DO_NOT_TRACK: nothing is sent, what waits is deleted, and nothing of that time comes later.
. "$(dirname "$0")/../support/scenario.sh"

figure() { "$SHIPPER" status --config "$work/config.yaml" --json | jq "$1"; }
is_figure() { [ "$(figure "$1")" = "$2" ]; }

: >"$work/app.log"
script '* 503'
start_endpoint
write_config "opt_out_file: $work/opt-out"
start_run
wait_until 10 has_said 'running: reader'
write_lines 1 5
wait_until 10 is_figure .spool.waiting 5

say "the file comes while events wait: they are deleted, and counted"
: >"$work/opt-out"
wait_until 10 is_figure .spool.waiting 0
wait_until 10 has_said "opted out: events that waited are deleted, 5 in all"
wait_until 5 is_figure .sending.held_up_by '"opted_out"'

say "what is logged now is passed over"
script
write_lines 6 7
wait_until 10 is_figure '.sources[0].lines.opted_out' 7
assert_equal "waiting" "$(figure .spool.waiting)" 0
"$SHIPPER" status --config "$work/config.yaml" >"$work/text"
assert_in "opted out by $work/opt-out" text

say "the service is started again meanwhile"
stop run
assert_equal "exit code" "$code" 0
start_run
write_lines 13 2
wait_until 10 is_figure '.sources[0].lines.opted_out' 9

say "nobody opts out any more: what is logged from now on arrives, and nothing of before"
rm "$work/opt-out"
wait_until 10 has_said 'nobody opts out any more'
write_lines 15 3
wait_until 15 has_received 3
assert_delivered 15 17
stop run

say "DO_NOT_TRACK with --once: that log is passed over for good"
once() { "$SHIPPER" run --once --config "$work/config.yaml" --state "$work/once" >"$work/once.out" 2>>"$work/once.err"; }
DO_NOT_TRACK=1 once
assert_in "opted out by DO_NOT_TRACK" once.err
once
assert_delivered 15 17
