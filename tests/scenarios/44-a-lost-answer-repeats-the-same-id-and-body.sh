#!/bin/sh
# The endpoint takes the event and drops the connection before the answer, while the sender is killed: the same id and body again.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint --key secret
script '1/10 accept close'
write_config
start_run
start writer "$TOOLS/log_writer" "$work/app.log" 1 3000 1500
sender_pid() { # the child that follows no log
    for pid in $(pgrep -P "$run_pid"); do
        [ -n "$(find "/proc/$pid/fd" -lname "$work/app.log" 2>/dev/null)" ] || echo "$pid"
    done | head -n 1
}
kill_sender() {
    pid=$(sender_pid)
    [ -n "$pid" ] && kill -9 "$pid"
}
kills=0
for received in 500 1000 1500 2000 2500; do
    wait_until 30 has_received $received
    wait_until 10 kill_sender # which may just be starting again
    kills=$((kills + 1))
done
finish writer 20
wait_until 60 has_received 3000
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 3000
repeated=$(count_outcome repeated)
say "$kills kills, $repeated events came twice, byte for byte"
[ "$repeated" -gt 100 ] || fail "only $repeated repeats: hardly an answer was lost"
