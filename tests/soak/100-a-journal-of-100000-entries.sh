#!/bin/sh
# 100,000 entries into a private journald that is rotated ten times and vacuumed, reader and journalctl killed at random: every entry that is left arrives once, and what is gone is counted.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/journal.sh"

ENTRIES=${ENTRIES:-100000} ROUNDS=10
seed=${SEED:-$(date +%s)}
say "ENTRIES=$ENTRIES SEED=$seed"
draw() { # below
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}

start_journald
start_endpoint
# The whole journal, and one program's entries of it: events of two products.
write_config "inputs:" \
    "  - {journal: {namespace: $namespace}, rules: $work/acme.yaml, start: beginning}" \
    "  - journal: {namespace: $namespace, identifier: acme}" \
    "    rules: $work/filtered.yaml" "    start: beginning"
sed 's/^product: acme/product: filtered/' "$work/acme.yaml" >"$work/filtered.yaml"
first=$(/usr/bin/journalctl -D "$journals" --output=export | sed -n 's/^__CURSOR=.*;i=\([0-9a-f]*\);.*/\1/p' | head -n 1)

numbers_of() { # product: each number that was accepted
    grep '^{"outcome":"accepted"' "$work/record" | grep -F "\"product_id\\\":\\\"$1\\\"" |
        grep -o '"number\\":\\"[0-9]*' | grep -o '[0-9]*$' | sort -n
}
# What the ledger has of the whole journal: entries that were read, and those that were gone.
accounted() {
    "$SHIPPER" status --config "$work/config.yaml" --json |
        jq '[.sources[] | select(.kind == "journal" and (.name | contains("identifier") | not)) | .lines[]] | add'
}
last() {
    /usr/bin/journalctl -D "$journals" --output=export --lines=1 2>/dev/null |
        sed -n 's/^__CURSOR=.*;i=\([0-9a-f]*\);.*/\1/p'
}
is_accounted() { [ "$(accounted)" = $((0x$(last) - 0x$first + 1)) ]; }
is_filter_read() { [ "$(numbers_of filtered | tail -n 1)" = $((ENTRIES + 1)) ]; }

start_run
kills=0 vacuums=0 round=0
while [ $round -lt $ROUNDS ]; do
    from=$((round * ENTRIES / ROUNDS + 1))
    log_entries $from $((ENTRIES / ROUNDS)) &
    feeder=$!
    # Held up while files are vacuumed that it has not read: in two rounds.
    held=
    if [ $((round % 4)) = 2 ] && held=$(reader); then
        kill -STOP "$held" || held=
    fi
    while ! is_gone $feeder; do
        draw 3
        case $drawn in
        0) [ -n "$held" ] || { kill -9 "$(reader)" && kills=$((kills + 1)); } 2>/dev/null || : ;;
        1) { kill -9 "$(journalctl | head -n 1)" && kills=$((kills + 1)); } 2>/dev/null || : ;;
        2) { kill -9 "$(journalctl | tail -n 1)" && kills=$((kills + 1)); } 2>/dev/null || : ;;
        esac
        draw 10
        sleep "0.$drawn" # how long it is left alone is chance, too
    done
    wait $feeder
    wait_until 30 has_stored $((from + ENTRIES / ROUNDS - 1))
    rotate_journal
    draw 3
    if [ -n "$held" ] || { [ "$drawn" = 0 ] && [ $round -lt 7 ]; }; then
        vacuum_journal --vacuum-files=2
        vacuums=$((vacuums + 1))
    fi
    [ -z "$held" ] || kill -CONT "$held"
    round=$((round + 1))
done
say "killed $kills times, rotated $ROUNDS times, vacuumed $vacuums times"
log_entries $((ENTRIES + 1)) 1 # which nobody takes away
wait_until 120 is_filter_read
wait_until 60 is_accounted
is_sent() { "$SHIPPER" status --config "$work/config.yaml" --json | jq -e '.spool.waiting == 0' >"$work/waiting"; }
wait_until 120 is_sent
stop run

say "what is left arrived, once"
/usr/bin/journalctl -D "$journals" --identifier=acme --output=cat | sed -n 's/^request \([0-9]*\) by .*/\1/p' |
    sort >"$work/left"
for product in acme filtered; do
    numbers_of $product >"$work/$product"
    assert_equal "$product: sent twice" "$(uniq -d "$work/$product" | wc -l)" 0
    sort "$work/$product" | comm -13 - "$work/left" >"$work/missing"
    [ ! -s "$work/missing" ] || fail "$product: $(wc -l <"$work/missing") entries that are left did not arrive"
    say "$product: $(wc -l <"$work/$product") arrived, $(wc -l <"$work/left") are left"
done
assert_equal "ids with two bodies" "$(count_outcome different)" 0

say "what is gone is counted"
lost_of() { # test of the name in jq
    "$SHIPPER" status --config "$work/config.yaml" --json |
        jq "[.sources[] | select(.kind == \"journal\" and (.name | contains(\"identifier\") $1)) | .lines.possibly_lost] | add"
}
whole=$(lost_of '| not')
gone=$((ENTRIES + 1 - $(wc -l <"$work/acme")))
say "whole: $whole counted, $gone of acme gone, the rest are journald's own"
[ "$whole" -ge "$gone" ] && [ "$whole" -le $((gone + 100)) ] || fail "$whole are counted, $gone are gone"
filtered=$(lost_of '')
gone=$((ENTRIES + 1 - $(wc -l <"$work/filtered")))
say "with a filter: at most $filtered counted, $gone gone"
[ "$filtered" -ge "$gone" ] || fail "with a filter $filtered are counted, $gone are gone"
