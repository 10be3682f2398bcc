#!/bin/sh
# The reader wakes at most once a second when nothing happens, and never forks, execs or opens a socket.
. "$(dirname "$0")/../support/scenario.sh"

command -v strace >/dev/null || skip "no strace"
start_endpoint
write_config
write_lines 1 10
# Not beside the log: that folder is watched.
mkdir -p "$work/state" "$work/traces"
start run strace -ff -o "$work/traces/of" -e trace='%process,socket,connect,poll,%file' \
    "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 has_received 10
reader=$(grep -l 'openat.*/app\.log", O_RDONLY' "$work"/traces/of.* || true)
[ -n "$reader" ] || fail "no process opened the log"
# A pause to measure, not a guess: nothing is to happen in it.
before=$(grep -c '^poll' "$reader")
sleep 6
woken=$(($(grep -c '^poll' "$reader") - before))
[ "$woken" -le 6 ] || fail "the idle reader woke $woken times in 6 s"
say "woke $woken times in 6 s"
write_lines 11 5
wait_until 10 has_received 15
! grep -E '^(fork|vfork|clone|execve|socket|connect)' "$reader" || fail "the reader did what it never does"
# strace, told to end, would only let go of it.
kill "$(pgrep -P "$run_pid" | head -n 1)"
finish run 15
