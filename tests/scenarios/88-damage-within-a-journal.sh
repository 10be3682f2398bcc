#!/bin/sh
# Bytes of a journal file are overwritten, of a recorded one and of one that is followed: what can still be read is read once, what is missing is counted.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/journal.sh"

# 8 KiB from where that entry's message stands.
damage() { # file, number
    at=$(grep -abo "request $2 by" "$1" | head -n 1 | cut -d : -f 1)
    [ -n "$at" ] || fail "no entry $2 in $1"
    head -c 8192 /dev/zero | tr '\0' X | dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
}
# What journalctl can read of a directory.
readable() { # directory
    /usr/bin/journalctl -D "$1" --merge --identifier=acme --output=cat 2>/dev/null |
        sed -n 's/^request \([0-9]*\) by .*/\1/p' | sort -nu
}
assert_all_read() { # directory
    readable "$1" | sort >"$work/wanted"
    received_numbers | sort >"$work/got"
    comm -23 "$work/wanted" "$work/got" >"$work/missing"
    [ ! -s "$work/missing" ] ||
        fail "readable, and did not arrive: $(head -n 5 "$work/missing" | tr '\n' ' ')"
    assert_equal "number of ids with two bodies" "$(count_outcome different)" 0
    assert_equal "number of events sent twice" "$(count_outcome repeated)" 0
}
lost() {
    "$SHIPPER" status --config "$work/config.yaml" --json | jq '[.sources[].lines.possibly_lost] | add'
}

start_endpoint
mkdir "$work/journal"
record() { # first, last
    for number in $(seq "$1" "$2"); do
        printf '__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n' \
            $((1763890000000000 + number * 1000000)) $((number * 1000000))
        printf '_BOOT_ID=11111111111111111111111111111111\nSYSLOG_IDENTIFIER=acme\n'
        printf 'MESSAGE=request %d by user%d from 198.51.100.7\n\n' "$number" "$number"
    done | /lib/systemd/systemd-journal-remote --compress=no -o "$work/journal/acme.journal" - \
        2>>"$work/remote.err"
}
write_config "inputs:" "  - journal: {directory: $work/journal}" \
    "    rules: $work/acme.yaml" "    start: beginning"

say "a recorded journal, damaged between stop and start"
record 1 200
start_run
wait_until 30 has_accepted 200
stop run
record 201 600
damage "$work/journal/acme.journal" 400
entries=$(/usr/bin/journalctl -D "$work/journal" -o export 2>/dev/null | grep -ac '^__CURSOR=')
[ "$entries" -lt 600 ] && [ "$entries" -gt 200 ] || fail "$entries of 600 can be read"
start_run
wait_until 30 has_accepted "$(readable "$work/journal" | wc -l)"
stop run
assert_all_read "$work/journal"
assert_equal "possibly lost" "$(lost)" $((600 - entries))

say "one that is followed: journald and reader go on"
start_journald
write_config "inputs:" "  - journal: {namespace: $namespace, identifier: acme}" \
    "    rules: $work/acme.yaml" "    start: beginning"
rm -r "$work/state" "$work/record"
stop endpoint
start_endpoint
log_entries 1001 400
start_run
wait_until 30 has_accepted 400
damage "$journals/system.journal" 1200
log_entries 1401 400
wait_until 60 has_accepted 800
reader >"$work/reader"
rotate_journal
log_entries 1801 100
wait_until 60 has_accepted 900
assert_equal "reader" "$(reader)" "$(cat "$work/reader")"
assert_all_read "$journals"

say "and one whose header is gone"
log_entries 1901 10
wait_until 30 has_accepted 910
head -c 4096 /dev/zero | dd of="$journals/system.journal" conv=notrunc 2>/dev/null
rotate_journal
log_entries 1911 100
wait_until 60 has_accepted 1010
stop run
assert_all_read "$journals"
