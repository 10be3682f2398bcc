#!/bin/sh
# run --once exits with 0 when all is delivered, else with 1, and its summary says why; the next run delivers what waited.
. "$(dirname "$0")/../support/scenario.sh"

once() { # exit code
    rm -f "$work/run.out"
    start_run --once
    finish run 30
    assert_equal "exit code" "$code" "$1"
}

start_endpoint
write_config
write_lines 1 500

say "all of it"
once 0
assert_in 'lines: 500 read, 500 matched, 0 incomplete, 0 rule error, 0 ignored, 0 excluded, 0 too long, 0 no rule, 0 held back' run.out
assert_in 'events: 500 found, 500 delivered, 0 rejected, 0 waiting' run.out
assert_delivered 1 500

say "the second time there is nothing to do"
once 0
assert_in 'events: 0 found, 0 delivered, 0 rejected, 0 waiting' run.out

say "a rejected event"
write_lines 501 1
script '1 422 body=failure'
once 1
assert_in 'events: 1 found, 0 delivered, 1 rejected, 0 waiting' run.out

say "nobody there: stopped before the end, the next run delivers"
write_lines 502 20
stop endpoint
rm -f "$work/run.out" "$work/run.err"
start_run --once
wait_until 20 is_in 'sender: warning' run.err
stop run
assert_equal "exit code" "$code" 1
assert_in 'events: 20 found, 0 delivered, 0 rejected, 20 waiting' run.out
assert_in 'stopped before the end, 20 events wait for the next run' run.err
script
start_endpoint
once 0
assert_in 'events: 0 found, 20 delivered, 0 rejected, 0 waiting' run.out
assert_equal "number of distinct ids" "$(received_ids | wc -l)" 520

say "a name with no file behind it"
mv "$work/app.log" "$work/moved.log"
once 0
assert_in 'but no file there can be read yet' run.err

say "a file that cannot be read: the others are delivered, and it is named"
mkdir "$work/logs"
write_config "inputs:" "  - {file: '$work/logs/*.log', rules: $work/acme.yaml}"
cp "$work/moved.log" "$work/logs/a.log"
ln -s loop.log "$work/logs/loop.log"
once 1
assert_in 'loop.log could not be read, its lines are missing from this run' run.err
rm "$work/logs/loop.log"
once 0
