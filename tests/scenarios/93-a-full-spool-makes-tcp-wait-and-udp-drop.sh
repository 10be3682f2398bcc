#!/bin/sh
# The spool is full: who sends over TCP waits and loses nothing, what the kernel drops of UDP is counted.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"

sent_udp=200000
start_endpoint
script '* 500'
spool_bytes=4MiB
write_syslog_config "tcp: $listen_port" "unix_dgram: $work/dgram"
cat >>"$work/config.yaml" <<CONFIG
  - syslog: {udp: $listen_port}
    rules: $work/quiet.yaml
CONFIG
start_run
wait_until 10 is_in "running: reader is process" run.err
start sender "$TOOLS/syslog_sender" lines "$listen_port" 1 40000 0
wait_until 30 is_in "the spool is full" run.err
"$TOOLS/syslog_sender" udp "$listen_port" 1 "$sent_udp" 0 >/dev/null
"$TOOLS/syslog_sender" unix "$work/dgram" 50000 100 0 >/dev/null
say "nobody who writes to the local socket hangs"
script
finish sender 60
assert_equal "the sender's exit code" "$code" 0
all_of_udp() {
    [ $(($(syslog_count udp messages) + $(syslog_count udp dropped_by_kernel))) -eq "$sent_udp" ]
}
wait_until 120 has_received 40000
wait_until 30 all_of_udp
is_counted udp dropped_by_kernel 1 || fail "the kernel had room for everything: send more"
is_counted unix_dgram dropped_spool_full 1 || fail "nothing was dropped from the local socket"
received_numbers | awk '$1 <= 40000' >"$work/got"
seq 1 40000 | cmp - "$work/got" || fail "a message over TCP was lost"
has_said "dropped by the kernel" || fail "the drops are not said"
"$SHIPPER" status --state "$work/state" >"$work/status.out" || fail "status finds something wrong"
assert_in " dropped by kernel" status.out
say "$(grep '^udp' "$work/status.out")"
stop run
assert_equal "exit code" "$code" 0
