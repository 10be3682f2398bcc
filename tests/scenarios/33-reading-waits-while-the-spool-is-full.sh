#!/bin/sh
# An endpoint that is down and a small spool: reading stops, says so once, and goes on when there is room.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
script '* 500'
write_config "spool: {max_bytes: 4MiB}"
write_lines 1 20000
start_run
wait_until 30 is_in "the spool is full" run.err
say "the log is the buffer"
size=$(du -sk "$work/state" | cut -f 1)
[ "$size" -lt 24000 ] || fail "the state takes $size KiB"
script
wait_until 120 has_received 20000
assert_delivered 1 20000
assert_equal "said so" "$(grep -c 'the spool is full' "$work/run.err")" "$(grep -c 'reading on' "$work/run.err")"
stop run
assert_equal "exit code" "$code" 0
