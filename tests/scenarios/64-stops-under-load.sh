#!/bin/sh
# Told to stop under load it ends within 10 s and loses nothing; killed, it leaves no process behind; a second one says why it cannot start.
. "$(dirname "$0")/../support/scenario.sh"

family() { echo "$run_pid $(pgrep -P "$run_pid" | tr '\n' ' ')"; }
are_gone() {
    for pid; do is_gone "$pid" || return 1; done
}
stop_in_time() { # signal, process...
    signal=$1
    shift
    all=$(family)
    begun=$(date +%s%N)
    kill -"$signal" "$@"
    finish run 12
    took=$((($(date +%s%N) - begun) / 1000000))
    say "it took $took ms"
    [ $took -le 10500 ] || fail "it took longer than 10 s"
    assert_equal "exit code" "$code" 0
    # shellcheck disable=SC2086  # process numbers
    are_gone $all || fail "it ended before its children"
}
start_anew() { # and wait until it runs
    : >"$work/run.err"
    start_run
    wait_until 20 has_said "running: reader is process"
}

start_endpoint
script '* ok delay=200ms'
write_config
# So long that only the end of the process ends a request.
sed -i 's/^  timeout: .*/  timeout: 1m/' "$work/config.yaml"
start_anew
start writer "$TOOLS/log_writer" "$work/app.log" 1 6000 600

say "a second one on the same state waits, then gives up"
start second "$SHIPPER" run --config "$work/config.yaml"
first_pid=$run_pid

say "SIGTERM while requests are under way: they are finished"
wait_until 20 has_accepted 300
finish second 30
assert_equal "exit code" "$code" 71
assert_in "the state directory $work/state is in use by process $first_pid" second.err
stop_in_time TERM "$run_pid"
assert_said 1 "stopping, asked by SIGTERM"
assert_complaints 0
script
start_anew
finish writer 30
wait_until 30 has_accepted 6000
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0

say "Ctrl-C reaches all three at once"
write_lines 6001 500
# shellcheck disable=SC2046  # process numbers
stop_in_time INT $(family)
assert_said 1 "stopping, asked by SIGINT"
assert_complaints 0

say "SIGTERM while no answer comes: it does not wait for it"
start_anew
wait_until 30 has_accepted 6500
script '* ok delay=60s'
write_lines 6501 500
wait_until 20 has_accepted 6510
stop_in_time TERM "$run_pid"

say "kill -9 of the supervisor while no answer comes"
start_anew
all=$(family)
kill -9 "$run_pid"
# shellcheck disable=SC2086  # process numbers
wait_until 12 are_gone $all

script
start_anew
wait_until 30 has_accepted 7000
stop_in_time TERM "$run_pid"
assert_delivered 1 7000
say "$(count_outcome repeated) deliveries were repeated, each with the same body"
