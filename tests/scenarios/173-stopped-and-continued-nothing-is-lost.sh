#!/bin/sh
# Torture 73: all processes stopped for a while and continued, one of them alone, and a reader killed for memory: nothing is killed by ourselves, lost or doubled.
. "$(dirname "$0")/../support/scenario.sh"

PAUSE=${PAUSE:-1} # seconds; 600 in the long version, of all processes at once

start_endpoint
write_config
start_run
write_lines 1 100
wait_until 20 has_accepted 100
reader=$(pgrep -P "$run_pid" -x shipper-reader)
sender=$(pgrep -P "$run_pid" -x shipper-sender)

start writer "$TOOLS/log_writer" "$work/app.log" 101 1000 300
set -- "$run_pid $reader $sender"
[ "$PAUSE" -gt 1 ] || set -- "$@" "$reader" "$sender" "$run_pid"
for stopped; do
    # shellcheck disable=SC2086
    kill -STOP $stopped
    sleep "$PAUSE" # the pause itself, and not a guess
    # shellcheck disable=SC2086
    kill -CONT $stopped
done
finish writer 30
wait_until 30 has_accepted 1100
assert_complaints 0
assert_equal "the reader" "$(pgrep -P "$run_pid" -x shipper-reader)" "$reader"
assert_equal "the sender" "$(pgrep -P "$run_pid" -x shipper-sender)" "$sender"

say "as the kernel does that is out of memory"
kill -9 "$reader"
write_lines 1101 100
wait_until 30 has_accepted 1200
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 1200
