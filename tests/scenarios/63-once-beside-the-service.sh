#!/bin/sh
# run --once works beside the service with a state of its own, says what it held back, and sends the same ids.
. "$(dirname "$0")/../support/scenario.sh"

once() { # [option...]
    : >"$work/once.out"
    : >"$work/once.err"
    start once "$SHIPPER" run --config "$work/config.yaml" --once "$@"
    finish once 30
    assert_equal "exit code" "$code" 0
}

start_endpoint
write_config
write_lines 1 100
start_run
wait_until 20 has_accepted 100
printf '2026-11-23T10:11:12Z app1 acme[7]: request 101 by user101 from 198.51' >>"$work/app.log"

say "from the beginning, though the service has sent all of it"
once
assert_in "lines: 100 read, 100 matched," once.out
assert_in ", 1 held back" once.out
assert_in "$work/app.log: the last line is unfinished" once.err
assert_in "events: 100 found, 100 delivered, 0 rejected, 0 waiting" once.out
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 100
[ -s "$work/state/once/spool.db" ] || fail "there is no state in once/"

say "a second time there is nothing new, in another state there is"
once
assert_in "events: 0 found, 0 delivered, 0 rejected, 0 waiting" once.out
once --state "$work/elsewhere"
assert_in "events: 100 found, 100 delivered, 0 rejected, 0 waiting" once.out
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 200

say "the line is finished: both send it"
echo ".100.101" >>"$work/app.log"
wait_until 20 has_accepted 101
once
assert_in "events: 1 found, 1 delivered, 0 rejected, 0 waiting" once.out
assert_not_in "unfinished" once.err

stop run
assert_equal "exit code of the service" "$code" 0
assert_said 1 "events: 101 found, 101 delivered, 0 rejected, 0 waiting"
assert_delivered 1 101
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 201
