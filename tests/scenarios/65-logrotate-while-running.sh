#!/bin/sh
# logrotate itself, in its modes create and copytruncate: every line arrives, under one id.
. "$(dirname "$0")/../support/scenario.sh"

rotate() { # mode
    printf '%s {\n  rotate 20\n  %s\n  nocompress\n  nodateext\n}\n' "$work/app.log" "$1" \
        >"$work/logrotate.conf"
    logrotate --force --state "$work/logrotate.state" "$work/logrotate.conf" ||
        fail "logrotate failed"
}

command -v logrotate >/dev/null || skip "no logrotate"
start_endpoint
write_config
start_run
wait_until 20 is_in "running: reader is process" run.err

say "create: the writer reopens, the renamed file is read to its end"
start writer "$TOOLS/log_writer" --reopen "$work/app.log" 1 5000 1000
for at in 700 1400 2100 2800 3500; do
    wait_until 20 has_accepted $at
    rotate create
done
finish writer 20
wait_until 20 has_accepted 5000

say "create: the writer goes on in the renamed file for a while"
rotate create
start writer "$TOOLS/log_writer" "$work/app.log" 5001 500 500
wait_until 20 has_accepted 5100
rotate create
wait_until 20 has_accepted 5300
finish writer 20
write_lines 5501 100
wait_until 20 has_accepted 5600
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0

# logrotate loses what is written between its copy and its truncation, so the
# writer pauses there. What we have not read by then is in the copy only: that the
# pattern takes the copies in is what makes this mode safe. A copy that is met
# before anything of its original was read cannot always be told from another file
# (while it is being written, or shorter than 1 KiB): both are then read, and the
# second delivery is a repeat of the first.
say "copytruncate: what was not read yet is read in the copy"
stop run
: >"$work/run.err"
write_config "inputs:" "  - {file: '$work/app.log*', rules: $work/acme.yaml, start: end}"
start_run
wait_until 20 has_said "running: reader is process"
last=5600
for burst in 3000 500 1 2000 50; do
    write_lines $((last + 1)) $burst
    rotate copytruncate
    last=$((last + burst))
done
write_lines $((last + 1)) 100
last=$((last + 100))
wait_until 30 has_accepted $last

stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $last
say "$(count_outcome repeated) deliveries were repeated, each with the same body"
