#!/bin/sh
# torture 12: rotated and compressed, while running and while stopped, with the inode given to the new log: every line once
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config "inputs:" "  - {file: '$work/app.log*', rules: $work/acme.yaml, start: beginning}"

say "compressed while running; the new log gets the inode that became free, where the system does so"
write_lines 1 200
start_run
wait_until 20 has_received 200
mv "$work/app.log" "$work/app.log.1"
gzip "$work/app.log.1"
write_lines 201 200
wait_until 20 has_received 400

say "rotated, written to and compressed while stopped"
stop run
write_lines 401 100
mv "$work/app.log" "$work/app.log.2"
gzip "$work/app.log.2"
write_lines 501 100
start_run
wait_until 20 has_received 600
assert_delivered 1 600

say "the old compressed ones are there at each start, under whatever name, and not read again"
mv "$work/app.log.1.gz" "$work/app.log-20261122.gz"
stop run
start_run --once --state "$work/state"
finish run 20
assert_equal "exit code" "$code" 0
assert_in 'lines: 0 read' run.out
assert_equal "requests" "$(wc -l <"$work/record")" 600

say "a compressed log that was never seen, of several members, the last line without an end"
write_lines 601 50
mv "$work/app.log" "$work/more"
sed -n '101,120p' "$work/more" | gzip >"$work/app.log.3.gz"
sed -n '121,150p' "$work/more" | head -c -1 | gzip >>"$work/app.log.3.gz"
rm "$work/more"
start_run --once --state "$work/state"
finish run 20
assert_equal "exit code" "$code" 0
assert_delivered 1 650
assert_equal "requests" "$(wc -l <"$work/record")" 650

say "one that was cut off, and one with damage: what can be read is, with a word"
write_lines 651 300
gzip <"$work/app.log" >"$work/whole.gz"
rm "$work/app.log"
head -c 2000 "$work/whole.gz" >"$work/app.log.4.gz"
start_run --once --state "$work/state"
finish run 20
assert_in 'app.log.4.gz ends in the middle of its compressed data' run.err
mv "$work/whole.gz" "$work/app.log.4.gz"
start_run --once --state "$work/state"
finish run 20
assert_delivered 1 950
write_lines 951 10
gzip "$work/app.log"
mv "$work/app.log.gz" "$work/app.log.5.gz"
echo "this is no gzip" >>"$work/app.log.5.gz"
start_run --once --state "$work/state"
finish run 20
assert_in 'app.log.5.gz has bytes behind its compressed data that are none, not reading its last 16 bytes' run.err
assert_delivered 1 960
assert_equal "requests" "$(wc -l <"$work/record")" 960
