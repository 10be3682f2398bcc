#!/bin/sh
# Half a line at the end of a log, kill -9, then the rest of it: one event, one id, and none before.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config
write_lines 1 3
printf '2026-11-23T10:11:12Z app1 acme[7]: request 4 by us' >>"$work/app.log"
start_run
wait_until 10 has_received 3

say "killed twice while it waits"
for i in 1 2; do
    kill -9 "$run_pid"
    wait "$run_pid" 2>/dev/null || true
    : >"$work/run.err"
    start_run
    wait_until 10 is_in following run.err
done
assert_equal "requests" "$(wc -l <"$work/record")" 3

say "finished"
printf 'er4 from 198.51.100.4\n' >>"$work/app.log"
write_lines 5 1
wait_until 10 has_received 5
stop run
assert_delivered 1 5
assert_equal "requests" "$(wc -l <"$work/record")" 5
