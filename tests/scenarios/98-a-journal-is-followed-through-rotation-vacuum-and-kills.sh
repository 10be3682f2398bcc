#!/bin/sh
# A private journald, rotated and vacuumed, reader and journalctl killed: each entry's event once.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/journal.sh"

start_journald

start_endpoint
write_config "inputs:" "  - journal: {namespace: $namespace, identifier: acme}" \
    "    rules: $work/acme.yaml" "    start: beginning"

say "what is there before the start, and what comes"
log_entries 1 300
start_run
wait_until 30 has_accepted 300
log_entries 301 300
wait_until 30 has_accepted 600

say "rotated, the reader and journalctl killed"
for round in 1 2 3; do
    first=$((400 + 201 * round))
    rotate_journal
    log_entries "$first" 100
    wait_until 30 reader >"$work/reader"
    kill -9 "$(cat "$work/reader")"
    log_entries $((first + 100)) 101
    wait_until 30 journalctl >"$work/journalctl"
    kill -9 "$(head -n 1 "$work/journalctl")" 2>/dev/null || true # it may just have ended
done
wait_until 60 has_accepted 1203

say "vacuumed of what was read, journald killed and started again"
rotate_journal
log_entries 1204 50
wait_until 30 has_accepted 1253
vacuum_journal --vacuum-files=1
keep_journald
stop journald KILL
start_journald
log_entries 1254 50
wait_until 60 has_accepted 1303

say "stopped and started again: what came meanwhile is read"
stop run
assert_equal "exit code" "$code" 0
log_entries 1304 50
rotate_journal
log_entries 1354 10
start_run
wait_until 30 has_accepted 1363
stop run
assert_delivered 1 1363

say "vacuumed of what was not read: what is gone is counted, exactly where all is taken"
last_number() { # option...: the sequence number of the last entry, in hexadecimal
    /usr/bin/journalctl --namespace="$namespace" --output=export --lines=1 "$@" |
        sed -n 's/^__CURSOR=.*;i=\([0-9a-f]*\);.*/\1/p'
}
write_config "inputs:" "  - journal: {namespace: $namespace}" \
    "    rules: $work/acme.yaml" "    start: end"
start_run --once --state "$work/state" # its start is known from then on
finish run 30
start_run
log_entries 2001 10
wait_until 30 has_accepted 1373
stop run
read_to=$(last_number)
log_entries 2011 200
wait_until 10 has_stored 2210
rotate_journal
log_entries 2211 5
wait_until 10 has_stored 2215
vacuum_journal --vacuum-files=1
oldest=$(/usr/bin/journalctl --namespace="$namespace" --output=export |
    sed -n 's/^__CURSOR=.*;i=\([0-9a-f]*\);.*/\1/p' | head -n 1)
gone=$((0x$oldest - 0x$read_to - 1))
[ "$gone" -ge 200 ] || fail "only $gone entries were vacuumed"
start_run
wait_until 30 has_accepted 1378
assert_said 1 ": $gone entries are gone that were not read"
stop run
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in ": $gone lines possibly lost" status.out
assert_equal "lost" "$gone" "$("$SHIPPER" status --config "$work/config.yaml" --json |
    jq "[.sources[].lines.possibly_lost] | add")"
received_numbers | tail -n 5 >"$work/got"
seq 2211 2215 >"$work/wanted"
cmp "$work/got" "$work/wanted" || fail "the surviving entries are not the last that arrived"
