#!/bin/sh
# The reader is killed: what the kernel holds for its sockets is read by the next one, and what died with it is said.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"

start_endpoint
start_listening "tcp: $listen_port" "udp: $listen_port"
kill -STOP "$(reader_pid)"
"$TOOLS/syslog_sender" udp "$listen_port" 1 1000 0 >/dev/null
"$TOOLS/syslog_sender" counted "$listen_port" 1001 1000 0 >/dev/null
"$TOOLS/syslog_sender" lines "$listen_port" 2001 1000 0 >/dev/null
kill -KILL "$(reader_pid)"
wait_until 20 has_received 3000
assert_delivered 1 3000
assert_equal "lost" "$(syslog_count udp lost_in_crash)" 0
say "datagrams and connections waited in the kernel"

is_replaced() { # process
    pid=$(pgrep -P "$run_pid" -x shipper-reader) && [ "$pid" != "$1" ]
}
# Killed while they come: each arrives, or is said to be lost.
start sender "$TOOLS/syslog_sender" udp "$listen_port" 3001 20000 5000
for kill in 1 2 3; do
    wait_until 20 has_received $((3000 + kill * 3000))
    reader=$(pgrep -P "$run_pid" -x shipper-reader) || fail "there is no reader"
    kill -KILL "$reader"
    wait_until 20 is_replaced "$reader"
done
finish sender 20
assert_said 4 "the reader was killed"
accounted() {
    [ $(($(received_numbers | wc -l) + $(syslog_count udp lost_in_crash) + \
        $(syslog_count udp dropped_by_kernel))) -ge 23000 ]
}
wait_until 30 accounted
say "$(received_numbers | wc -l) of 23000 arrived, $(syslog_count udp lost_in_crash) are said to be lost"
assert_equal "ids with two bodies" "$(count_outcome different)" 0
"$SHIPPER" status --state "$work/state" >"$work/status.out" || fail "status finds something wrong"
assert_in "every byte is accounted for" status.out
stop run
assert_equal "exit code" "$code" 0
