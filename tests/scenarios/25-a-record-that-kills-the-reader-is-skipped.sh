#!/bin/sh
# Records at which the reader dies are skipped after the second time, named with file and byte, counted, and nothing else is lost.
. "$(dirname "$0")/../support/scenario.sh"

byte_of() { grep -b "request $1 by" "$work/app.log" | cut -d : -f 1; } # line
skipped() { [ "$(said 'killed the reader twice, skipping it')" -ge "$1" ]; }

start_endpoint
write_config
write_lines 1 1000
export FATAL_TEXT="17 by user17 " # in 17 itself and in those of thousands
start run env LD_PRELOAD="$TOOLS/fatal_line.so" "$SHIPPER" run --config "$work/config.yaml"
wait_until 30 skipped 1
write_lines 1001 1500
wait_until 60 skipped 3
wait_until 30 has_received 2497
seq 1 2500 | grep -vx '17\|1017\|2017' >"$work/wanted"
received_numbers | cmp -s - "$work/wanted" || fail "others were lost"
for line in 17 1017 2017; do
    assert_said 1 "the record at byte $(byte_of $line) of $work/app.log killed the reader twice"
done
[ "$(said "was killed by signal 11")" -ge 4 ] || fail "it did not die"
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "2500 read, 2497 matched, 0 incomplete, 3 rule error" status.out
assert_in "every byte is accounted for" status.out
stop run
assert_equal "exit code" "$code" 0
