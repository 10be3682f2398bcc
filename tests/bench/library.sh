#!/bin/sh
# What the whole rule library costs on a log that it is not for, beside its ten busiest files alone.
#
#   SIZE=256M    of the log before requests to web servers are left out of it
#   RUNS=5       medians of that many, taken in turns
#
# CPU is user and system time of `preview`, less what it uses to load the same rules for a
# log of one line, a GB of log. Busiest is what costs most of it by itself. Files with
# `multiline` can't share an input with the others, and are left out.
. "$(dirname "$0")/../support/scenario.sh"

SIZE=${SIZE:-256M} RUNS=${RUNS:-5}
rules=$(grep -L '^multiline:' rules/*.yaml)

"$TOOLS/bench_log" log "$(numfmt --from=iec "$SIZE")" 100 >"$work/mixed.log"
grep -v " HTTP/" "$work/mixed.log" >"$work/app.log"
rm "$work/mixed.log"
echo 'nothing' >"$work/one.log"
bytes=$(wc -c <"$work/app.log")

cpu() { # log without .log, rule file...: CPU seconds
    log=$1
    shift
    # shellcheck disable=SC2046  # a path has no blanks
    "$TOOLS/cpu_time" "$work/time" "$SHIPPER" preview --json "$work/$log.log" \
        $(printf -- '--rules %s ' "$@") >/dev/null 2>"$work/preview.err" || fail "preview did not run" >&2
    cut -d ' ' -f 1 "$work/time"
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

for file in $rules; do
    echo "$(cpu app "$file") $file"
done | sort -rn >"$work/alone"
busiest=$(head -n 10 "$work/alone" | cut -d ' ' -f 2)

for _ in $(seq "$RUNS"); do
    for log in one app; do
        # shellcheck disable=SC2086  # lists of files
        {
            cpu "$log" $busiest >>"$work/$log.ten"
            cpu "$log" $rules >>"$work/$log.all"
        }
    done
done
for set in ten all; do
    median <"$work/one.$set" >"$work/load.$set"
    awk -v whole="$(median <"$work/app.$set")" -v load="$(cat "$work/load.$set")" -v bytes="$bytes" \
        'BEGIN {printf "%.2f\n", (whole - load) / bytes * 1e9}' >"$work/gb.$set"
done
# shellcheck disable=SC2086
echo "$(echo $rules | wc -w) rule files, $(cat $rules | grep -c '^  - name: ') rules, loaded in $(cat "$work/load.all") s of CPU"
echo "the ten busiest: $(echo $busiest | sed 's|rules/||g; s/\.yaml//g')"
awk -v ten="$(cat "$work/gb.ten")" -v all="$(cat "$work/gb.all")" 'BEGIN {
    printf "CPU s/GB of an unrelated log: the ten %.2f, all %.2f: %.2f times\n", ten, all, all / ten }'
