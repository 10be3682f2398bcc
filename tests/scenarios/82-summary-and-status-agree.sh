#!/bin/sh
# What `run --once` says in its summary is what `status` reads from the spool.
. "$(dirname "$0")/../support/scenario.sh"

status_lines() { "$SHIPPER" status --state "$work/once" | grep '^lines: '; }

start_endpoint
write_config
write_lines 1 500
for i in 1 2 3; do echo "2026-11-23T10:11:1${i}Z app1 acme[7]: started" >>"$work/app.log"; done
printf '2026-11-23T10:11:12Z app1 acme[7]: unfinis' >>"$work/app.log"

say "one run"
start_run --once --state "$work/once"
finish run 20
assert_equal "exit code" "$code" 0
assert_in "lines: 503 read, 500 matched" run.out
assert_equal "status" "$(status_lines)" "$(grep '^lines: ' "$work/run.out")"

say "a second run says what it read, status what all of them did"
echo hed >>"$work/app.log"
write_lines 501 10
: >"$work/run.out"
start_run --once --state "$work/once"
finish run 20
assert_in "lines: 11 read, 10 matched" run.out
status_lines >"$work/status.out"
assert_in "lines: 514 read, 510 matched" status.out
"$SHIPPER" status --state "$work/once" >"$work/status.out"
assert_in "510 delivered" status.out

say "the reader is killed while it reads: no line is counted twice or not at all"
write_lines 511 60000
start_run --once --state "$work/once"
wait_until 20 has_received 520
kill -9 "$(pgrep -P "$run_pid" | head -n 1)"
finish run 120
assert_delivered 1 60510
status_lines >"$work/status.out"
assert_in "lines: 60514 read, 60510 matched" status.out
