#!/bin/sh
# Renamed under the writer, copied and truncated, renamed while stopped: every line arrives once.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config "inputs:" "  - {file: '$work/app.log*', rules: $work/acme.yaml, start: beginning}"
start_run

say "three renames under a writer that goes on, and reopens late"
start writer "$TOOLS/log_writer" --reopen "$work/app.log" 1 3000 2000
for at in 600 1200 1800; do
    wait_until 20 has_received "$at"
    mv "$work/app.log" "$work/app.log.$at"
    : >>"$work/app.log"
done
finish writer 20
wait_until 20 has_received 3000
assert_delivered 1 3000

say "copied and truncated"
cp "$work/app.log" "$work/app.log.copy"
: >"$work/app.log"
write_lines 3001 200
wait_until 20 has_received 3200
assert_delivered 1 3200

say "stopped, renamed, started"
write_lines 3201 50
stop run
write_lines 3251 50
mv "$work/app.log" "$work/app.log.last"
write_lines 3301 50
start_run
wait_until 20 has_received 3350
assert_delivered 1 3350
assert_equal "requests" "$(wc -l <"$work/record")" 3350
