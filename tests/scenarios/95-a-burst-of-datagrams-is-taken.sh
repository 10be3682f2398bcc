#!/bin/sh
# 50,000 datagrams a second: each is read, or counted among those that the kernel dropped.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"

seconds=${SECONDS_OF_BURST:-1}
sent=$((seconds * 50000))
start_endpoint
start_listening quiet "udp: $listen_port"
say "$("$TOOLS/syslog_sender" udp "$listen_port" 1 $sent 50000)"
all() { [ $(($(syslog_count udp messages) + $(syslog_count udp dropped_by_kernel))) -ge $sent ]; }
wait_until 30 all
assert_equal "read and dropped" \
    $(($(syslog_count udp messages) + $(syslog_count udp dropped_by_kernel))) $sent
say "$(syslog_count udp messages) read, $(syslog_count udp dropped_by_kernel) dropped by the kernel"
[ "$(syslog_count udp dropped_by_kernel)" -gt 0 ] || wait_until 20 has_received $((seconds * 5))
stop run
assert_equal "exit code" "$code" 0
