#!/bin/sh
# The spool under load: reader and sender as two processes that write it, beside one process that does both. Ratios count; the disk decides the rest.
#
# EVENTS and RUNS change the numbers.
set -eu
tools=$(realpath "${TOOLS:-build/plain/tests/tools}")
work=$(mktemp -d "${TMPDIR:-.}/bench-spool.XXXXXX") # on a disk: a memory file system has no fsync
trap 'rm -rf "$work"' EXIT
events=${EVENTS:-200000} runs=${RUNS:-5}

median() { sort -n | awk '{n[NR] = $1} END {print n[int((NR + 1) / 2)]}'; }
# The figure in a line of spool_load before or after these words, median of all runs.
figure() { sed -n "s/^$2: .*$3.*/\1/p" "$work/$1" | median; } # run, in or out, expression with \( \)
show() { # run, in or out
    lasted=$(figure "$1" "$2" 'commits in \([0-9]*\) ms')
    commits=$(sed -n "s/^$2: \([0-9]*\) commits.*/\1/p" "$work/$1" | median)
    awk "BEGIN {printf \"%-14s %-4s %9.0f %9.0f %10s %10s %10s\n\", \"$1\", \"$2\",
        $events * 1000 / $lasted, $commits * 1000 / $lasted,
        \"$(figure "$1" "$2" 'median \([0-9.]*\) ms')\",
        \"$(figure "$1" "$2" 'hundredth \([0-9.]*\) ms')\",
        \"$(figure "$1" "$2" 'ms, \([0-9.]*\) us of CPU')\"}"
}

printf '%-14s %-4s %9s %9s %10s %10s %10s\n' writers "" events/s commits/s "median ms" "99 % ms" "us/event"
for batch in 100 1000; do
    for _ in $(seq "$runs"); do
        for how in one two; do
            rm -rf "$work/state"
            mkdir "$work/state"
            "$tools/spool_load" "$work/state" $how "$events" 400 $batch >>"$work/$how, $batch"
        done
    done
    for how in one two; do
        show "$how, $batch" in
        show "$how, $batch" out
    done
done
