#!/bin/sh
# torture 29, 30: a line of 100 MB, a file of 1 GB without a newline, and 1 GB of one compressed to a thousandth: bounded memory, progress, the next line is read
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"

[ "$(df -Pk "$work" | awk 'END {print $4}')" -gt 1500000 ] || skip "less than 1.5 GB free in $work"
start_endpoint
write_config "inputs:" "  - {file: '$work/*.log', rules: $work/acme.yaml, start: beginning}"
write_lines 1 10
head -c 100000000 /dev/zero | tr '\0' x >>"$work/app.log"
echo >>"$work/app.log"
write_lines 11 10
head -c 1000000000 /dev/zero | tr '\0' y >"$work/endless.log"
head -c 1000000000 /dev/zero | tr '\0' z | gzip >"$work/packed.log"
start_run
wait_until 120 has_received 20
wait_until 300 has_read_all
assert_equal "files that are one line of 1 GB" "$(grep -o '"too_long":1000000000\b' "$work/status.json" | wc -l)" 2
assert_delivered 1 20
assert_memory_below 24000
for log in app endless packed; do
    assert_equal "words about $log.log" \
        "$(grep -c "$log.log has a line of more than 1048576 bytes" "$work/run.err")" 1
done
