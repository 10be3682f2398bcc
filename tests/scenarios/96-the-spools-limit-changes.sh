#!/bin/sh
# torture 69: the spool's limit is raised, and then set below what it holds, over a restart: reading goes on or waits, and nothing is lost.
. "$(dirname "$0")/../support/scenario.sh"

lines=20000
limit() { # MiB
    sed -i "s/max_bytes: .*/max_bytes: $1MiB}/" "$work/config.yaml"
}
waiting() { "$SHIPPER" status --config "$work/config.yaml" --json | jq .spool.waiting; }
wait_for_more() { [ "$(waiting)" -gt "$1" ]; }

start_endpoint
script '* 500'
write_config "spool: {max_bytes: 4MiB}"
write_lines 1 $lines

say "filled to its limit"
start_run
wait_until 30 has_said "the spool is full"
stop run
first=$(waiting)
[ "$first" -gt 0 ] && [ "$first" -lt $lines ] || fail "$first events wait"

say "a higher limit: reading goes on from there, up to it"
limit 6
: >"$work/run.err"
start_run
wait_until 30 wait_for_more "$first"
wait_until 30 has_said "the spool is full"
stop run
second=$(waiting)
[ "$second" -lt $lines ] || fail "there must be more than the spool takes"

say "a limit below what it holds: that is kept, nothing more is read"
limit 4
: >"$work/run.err"
start_run
wait_until 30 has_said "the spool is full"
assert_equal "events that wait" "$(waiting)" "$second"
say "and when it has drained, reading goes on"
script
wait_until 120 has_accepted $lines
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $lines
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "0 events waiting, 0 rejected, $lines delivered, 0 dropped, 0 damaged, 0 lost" status.out
