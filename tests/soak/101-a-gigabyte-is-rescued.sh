#!/bin/sh
# A spool of MIB (1,024) megabytes, of which a page in a thousand is damaged: set aside and copied out in little memory, sending goes on, nothing altered.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"

mib=${MIB:-1024}
events=$((mib * 2400))
start_endpoint
script '* 500'
write_config "spool: {max_bytes: 16GiB}"
mkdir -m 700 "$work/state"
"$TOOLS/spool_load" "$work/state" fill $events 400
bytes=$(stat -c %s "$work/state/spool.db")
say "a spool of $((bytes >> 20)) MiB, $events events"
# What is found at once are the counts; the rest shows when it is copied.
totals=$(sqlite3 "$work/state/spool.db" "SELECT rootpage - 1 FROM sqlite_master WHERE name = 'totals'")
printf 'XXXX' | dd of="$work/state/spool.db" bs=1 seek=$((totals * 8192)) conv=notrunc 2>/dev/null
page=500
while [ $((page * 8192)) -lt "$bytes" ]; do
    printf 'XXXX' | dd of="$work/state/spool.db" bs=1 seek=$((page * 8192)) conv=notrunc 2>/dev/null
    page=$((page + 1000))
done
ulimit -d 65536
before=$(date +%s%N)
start_run
rescued() { has_said 'the damaged spool is set aside'; }
wait_until 1200 rescued
wait_until 120 has_said "HTTP 500"
say "set aside and copied out $((($(date +%s%N) - before) / 1000000)) ms after the start"
assert_memory_below 65536
"$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json"
saved=$(jq .spool.waiting "$work/status.json")
say "$saved of $events events were saved"
# What is lost stood on a damaged page: some 18 events each.
[ "$saved" -gt $((events * 99 / 100)) ] || fail "too few"
stop run
assert_equal "exit code" "$code" 0
