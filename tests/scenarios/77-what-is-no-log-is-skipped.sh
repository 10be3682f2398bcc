#!/bin/sh
# torture 35: an archive, a program, random bytes named .log: skipped with one warning each, until something else stands there
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config "inputs:" "  - {file: '$work/*.log', rules: $work/acme.yaml, start: beginning}"
write_lines 1 50
tar -C "$work" -cf "$work/archive.log" app.log acme.yaml
gzip <"$work/archive.log" >"$work/packed.log"
cp "$SHIPPER" "$work/program.log"
head -c 65536 /dev/urandom | sed '1s/^\x1f/x/' >"$work/random.log"
iconv -f utf-8 -t utf-16le <"$work/app.log" >"$work/wide.log"
start_run
wait_until 20 has_received 50
assert_in 'archive.log: this is a tar archive, not a log, skipping it' run.err
assert_in 'packed.log: this is a tar archive, not a log, skipping it' run.err
assert_in 'program.log: this is a program (ELF), not a log, skipping it' run.err
assert_in 'random.log: this is no text, not a log, skipping it' run.err
assert_in 'wide.log: this is UTF-16 without a byte order mark, not a log, skipping it' run.err

say "another content is read, and nothing is said twice"
"$TOOLS/log_writer" "$work/new" 51 50 0
cat "$work/new" >"$work/archive.log"
wait_until 90 has_received 100
assert_delivered 1 100
for log in archive packed program random wide; do
    assert_equal "warnings about $log.log" "$(grep -c "warning: .*$log.log" "$work/run.err")" 1
done

say "nor of one that comes while it runs"
head -c 5000 /dev/urandom | sed '1s/^\x1f/x/' >"$work/late.log"
wait_until 10 has_said 'late.log: this is no text, not a log, skipping it'
for i in 1 2 3; do
    "$TOOLS/log_writer" "$work/after-$i.log" $((100 + i)) 1 0
    wait_until 10 has_received $((100 + i))
    head -c 5000 /dev/urandom >>"$work/late.log"
done
stop run
assert_equal "messages about late.log" "$(grep -c "late.log" "$work/run.err")" 1
