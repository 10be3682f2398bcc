#!/bin/sh
# What the list of delivered ids costs an event: when it is settled, and when a known source is read again.
#
#   COUNT=1000000   ids in the list before
#   RUNS=3          medians
set -eu
tools=$(realpath "${TOOLS:-build/plain/tests/tools}")
work=$(mktemp -d "${TMPDIR:-.}/bench-delivered.XXXXXX")
trap 'rm -rf "$work"' EXIT

median() { sort -n | awk '{n[NR] = $1} END {print n[int((NR + 1) / 2)]}'; }
figure() { sed -n "s/^$1.*/\1/p" "$work/figures" | median; } # expression with \( \)

for batch in 1000 100; do
    : >"$work/figures"
    for _ in $(seq "${RUNS:-3}"); do
        mkdir "$work/state"
        "$tools/delivered_cost" "$work/state" "${COUNT:-1000000}" $batch >>"$work/figures"
        rm -r "$work/state"
    done
    printf 'settling %4d at once: %s us of CPU an event, %s without the list\n' $batch \
        "$(figure 'settling: \([0-9.]*\)')" "$(figure 'settling: .*event, \([0-9.]*\)')"
done
printf 'reading again: %s ids loaded in %s ms of CPU, %s us to look one up\n' \
    "$(figure 'reading again: \([0-9]*\)')" "$(figure 'reading again: .* in \([0-9]*\)')" \
    "$(figure 'reading again: .*CPU, \([0-9.]*\)')"
