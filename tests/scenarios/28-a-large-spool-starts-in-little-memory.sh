#!/bin/sh
# A spool of many megabytes (MIB) is started with a limit of 64 MiB of memory a process: in seconds, and sending begins at once.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"

mib=${MIB:-150}
start_endpoint
script '* 500'
write_config "spool: {max_bytes: 16GiB}"
mkdir -m 700 "$work/state"
"$TOOLS/spool_load" "$work/state" fill $((mib * 2400)) 400
size=$(du -sm "$work/state" | cut -f 1)
say "a spool of $size MiB"
[ "$size" -ge "$mib" ] || fail "that is too little"
write_lines 1 10

starts() { # what
    : >"$work/run.err"
    before=$(date +%s%N)
    start_run
    wait_until 20 has_said "HTTP 500"
    say "$1: sending after $((($(date +%s%N) - before) / 1000000)) ms"
    assert_memory_below 65536
}
ulimit -d 65536
starts "stopped in order"
stop run KILL
starts "killed"
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "spool: $((mib * 2400 + 10)) events waiting" status.out
stop run
assert_equal "exit code" "$code" 0
