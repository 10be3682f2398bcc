#!/bin/sh
# kill -9 of the reader in the middle of its work: every line arrives, under one id.
. "$(dirname "$0")/../support/scenario.sh"

# The children, and of them the one that has the log open.
reader_pid() {
    for pid in $(pgrep -P "$run_pid"); do
        [ -z "$(find "/proc/$pid/fd" -lname "$work/app.log" 2>/dev/null)" ] || echo "$pid"
    done
}
has_reader_but() { # pid
    now=$(reader_pid)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

start_endpoint
write_config
start_run
wait_until 10 is_in "following" run.err
start writer "$TOOLS/log_writer" "$work/app.log" 1 6000 3000
for at in 500 2000 3500; do
    wait_until 20 has_received "$at"
    before=$(reader_pid)
    kill -9 "$before"
    wait_until 10 has_reader_but "$before"
done
finish writer 20
wait_until 30 has_received 6000
assert_delivered 1 6000
