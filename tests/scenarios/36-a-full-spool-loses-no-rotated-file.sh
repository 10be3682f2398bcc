#!/bin/sh
# While the spool is full nothing is read, and a log that is rotated away meanwhile is held open and read later.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
script '* 500'
write_config "spool: {max_bytes: 4MiB}"
write_lines 1 20000
start_run
wait_until 30 is_in "the spool is full" run.err
for at in 1 2 3; do
    # Out of sight for whoever has it not open.
    mv "$work/app.log" "$work/away$at"
    write_lines $((20000 + at * 10 - 9)) 10
    opened() { find "/proc/$(pgrep -P "$run_pid" | head -n 1)/fd" -lname "$work/app.log" | grep -q .; }
    wait_until 10 opened
done
rm -f "$work"/away*
script
wait_until 120 has_received 20030
assert_delivered 1 20030
