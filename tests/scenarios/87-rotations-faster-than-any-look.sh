#!/bin/sh
# 300 rotations one after the other, out of the pattern, while the reader works: every line arrives; what is deleted before it can be opened is counted.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config
: >"$work/app.log"
start_run
wait_until 10 has_said 'running: reader is'

say "renamed as soon as it is written"
for number in $(seq 300); do
    echo "2026-11-23T10:11:12Z app1 acme[7]: request $number by user$number from 198.51.100.7" \
        >>"$work/app.log"
    mv "$work/app.log" "$work/app.log.$number"
done
wait_until 30 has_accepted 300
assert_delivered 1 300
assert_complaints 0

say "removed as soon as it is written, while the reader cannot look"
reader=$(pgrep -P "$run_pid" -x shipper-reader)
kill -STOP "$reader"
for number in 301 302 303; do
    echo "2026-11-23T10:11:12Z app1 acme[7]: request $number by user$number from 198.51.100.7" \
        >>"$work/app.log"
    rm "$work/app.log"
done
kill -CONT "$reader"
wait_until 30 has_said 'made, written to and gone before it could be opened'
write_lines 304 1
wait_until 30 has_accepted 301
stop run
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "$work/app.log: 3 lines at least possibly lost, in files that were gone before they could be opened" \
    status.out
assert_in "every byte is accounted for" status.out
assert_equal "lost" 3 "$("$SHIPPER" status --config "$work/config.yaml" --json |
    jq '[.sources[] | select(.kind == "file-input") | .lines.possibly_lost] | add')"
