#!/bin/sh
# torture 29, 30: a line of 30 MB and a file of 30 MB without a newline: bounded memory, one word about each, the next line is read
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/memory.sh"

start_endpoint
write_config "inputs:" "  - {file: '$work/*.log', rules: $work/acme.yaml, start: beginning}"
write_lines 1 10
head -c 30000000 /dev/zero | tr '\0' x >>"$work/app.log"
echo >>"$work/app.log"
write_lines 11 10
head -c 30000000 /dev/zero | tr '\0' y >"$work/endless.log"
head -c 30000000 /dev/zero | tr '\0' z | gzip >"$work/packed.log"
start_run
wait_until 60 has_received 20
wait_until 60 has_read_all
assert_equal "files that are one line of 30 MB" "$(grep -o '"too_long":30000000\b' "$work/status.json" | wc -l)" 2
assert_delivered 1 20
assert_memory_below 24000
for log in app endless packed; do
    assert_equal "words about $log.log" \
        "$(grep -c "$log.log has a line of more than 1048576 bytes" "$work/run.err")" 1
done

say "the endless one ends, and goes on"
printf '\n' >>"$work/endless.log"
echo "2026-11-23T10:11:12Z app1 acme[7]: request 21 by user21 from 198.51.100.21" >>"$work/endless.log"
wait_until 20 has_received 21
assert_delivered 1 21
