#!/bin/sh
# The disk is full, fails or is read-only, at the start and at work: reading stops, sending stops when nothing can be noted, both go on by themselves, said once.
. "$(dirname "$0")/../support/scenario.sh"

fault=$work/fault
export DISK_FAULT="$fault"
: >"$fault"
start_faulty() { start run env LD_PRELOAD="$TOOLS/disk_fault.so" "$SHIPPER" run --config "$work/config.yaml"; }

start_endpoint
write_config
last=0
for error in "28 No space left on device" "5 Input/output error" "30 Read-only file system"; do
    say "at the start: ${error#* }"
    rm -rf "$work/state"
    : >"$work/run.err"
    echo "fail ${error%% *}" >"$fault"
    start_faulty
    write_lines $((last + 1)) 100
    last=$((last + 100))
    wait_until 20 has_said "reading and sending nothing until that is over"
    code=0
    "$SHIPPER" status --config "$work/config.yaml" 2>"$work/status.err" >/dev/null || code=$?
    assert_equal "status ends with" $code 71
    assert_in "nothing has run in" status.err
    : >"$fault"
    wait_until 20 has_received $last
    assert_said 1 "reading and sending nothing until that is over"
    assert_said 1 "the spool can be worked with again"

    say "at work: ${error#* }"
    echo "fail ${error%% *}" >"$fault"
    write_lines $((last + 1)) 100
    last=$((last + 100))
    wait_until 20 has_said "reading stops until"
    : >"$fault"
    wait_until 20 has_received $last
    assert_said 1 "reading stops until"
    assert_said 1 "reading on"

    stop run
    assert_equal "exit code" "$code" 0
done

: >"$work/run.err"
start_faulty
wait_until 20 has_said "running:"
say "while deliveries cannot be noted"
script '* 500'
write_lines $((last + 1)) 2000
last=$((last + 2000))
wait_until 20 has_said "HTTP 500"
echo "fail ${error%% *}" >"$fault"
script
wait_until 20 has_said "sending nothing more until what was delivered can be noted"
! has_received $last || fail "it goes on sending"
assert_said 1 "sending nothing more until"
: >"$fault"
wait_until 30 has_received $last
wait_until 10 has_said "what was delivered can be noted again"
assert_said 1 "what was delivered can be noted again"
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $last
