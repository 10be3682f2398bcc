#!/bin/sh
# torture 10: a literal path is rotated, twice compressed, while nobody reads: the rest comes first, then the new file.
. "$(dirname "$0")/../support/scenario.sh"

received_in_order() {
    grep -o '"number\\":\\"[0-9]*' "$work/record" | grep -o '[0-9]*$'
}

start_endpoint
write_config
sed -i 's/^endpoint:/&\n  max_in_flight: 1/' "$work/config.yaml"
write_lines 1 100
start_run
wait_until 20 has_received 100
stop run

say "stopped, written to, renamed, a new file begun"
write_lines 101 2
mv "$work/app.log" "$work/app.log.1"
write_lines 103 50
start_run
wait_until 20 has_received 152
assert_delivered 1 152

say "killed at the same moment, and compressed"
kill -STOP "$run_pid"
for pid in $(pgrep -P "$run_pid"); do kill -9 "$pid"; done
write_lines 153 2
mv "$work/app.log" "$work/app.log.2"
gzip "$work/app.log.2"
write_lines 155 50
kill -CONT "$run_pid"
wait_until 20 has_received 204
assert_delivered 1 204
assert_equal "order" "$(received_in_order | sort -nc 2>&1)" ""

say "neither was read again, nor an old file that nobody named"
cp "$work/app.log" "$work/other.log.7"
stop run
start_run
write_lines 205 1
wait_until 20 has_received 205
assert_delivered 1 205
assert_equal "requests" "$(wc -l <"$work/record")" 205
