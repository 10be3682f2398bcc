#!/bin/sh
# SIGTERM ends reader, then sender, with a summary and in time; the key is in no environment; one instance at a time.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint --key sesame
write_config
sed -i '/api_key_file/d' "$work/config.yaml"
write_lines 1 300
export USAGE_SHIPPER_API_KEY=sesame

say "the key reaches the sender and nobody else"
start_run
wait_until 20 has_received 300
for pid in $run_pid $(pgrep -P "$run_pid"); do
    ! tr '\0' '\n' <"/proc/$pid/environ" | grep -q sesame || fail "process $pid shows the key"
done

say "a second instance waits for the first"
start second "$SHIPPER" run --config "$work/config.yaml"
wait_until 10 is_in "is in use by process $run_pid" second.err

say "a killed supervisor leaves nobody behind, and the second takes over"
kill -9 "$run_pid"
wait "$run_pid" 2>/dev/null || true
wait_until 20 is_in 'running: reader is process' second.err
write_lines 301 100
wait_until 20 has_received 400

begun=$(date +%s)
stop second
assert_equal "exit code" "$code" 0
[ $(($(date +%s) - begun)) -le 10 ] || fail "the stop took more than 10 s"
assert_in 'stopping, asked by SIGTERM' second.err
assert_in 'events: 100 found, 100 delivered, 0 rejected, 0 waiting' second.err
assert_delivered 1 400

say "a closed standard descriptor is no file of ours"
(exec <&- >&- 2>&- && exec "$SHIPPER" run --config "$work/config.yaml") &
bare_pid=$! started="$started bare"
is_running() { [ "$(pgrep -cP "$bare_pid")" -eq 2 ]; }
wait_until 10 is_running
for fd in 0 1 2; do
    assert_equal "descriptor $fd" "$(readlink "/proc/$bare_pid/fd/$fd")" /dev/null
done
kill "$bare_pid"
wait "$bare_pid" || fail "exit code $?"
