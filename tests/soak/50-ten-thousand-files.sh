#!/bin/sh
# torture 26: 10,000 files with 256 descriptors: below 32 MiB and 0.2 % of a core, a line in any shipped within 100 ms.
#
# FILES and IDLE_SECONDS change the numbers; FOLDERS=1 puts each in a folder of its own.
. "$(dirname "$0")/../support/scenario.sh"

files=${FILES:-10000} idle_s=${IDLE_SECONDS:-120}

cpu_us() { # pid: user and system time, in microseconds
    awk '{print int($1 / 1000)}' "/proc/$1/schedstat"
}
resident_kib() { sed -n 's/^Rss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"; }
private_kib() { sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"; }

pattern="$work/logs/*.log"
log_of() { echo "$work/logs/app$1.log"; } # number
if [ -n "${FOLDERS-}" ]; then
    pattern="$work/logs/*/app.log"
    log_of() { echo "$work/logs/$1/app.log"; }
fi
mkdir "$work/logs"
seq 1 "$files" | while read -r i; do
    [ -z "${FOLDERS-}" ] || mkdir "$work/logs/$i"
    echo "2026-11-23T10:11:12Z app1 acme[7]: started $i" >"$(log_of "$i")"
done
start_endpoint
write_config "inputs:" "  - {file: '$pattern', rules: $work/acme.yaml, start: beginning}"
ulimit -n 256
before=$(date +%s%N)
start_run
wait_until 120 is_in "sender is process" run.err
reader=$(sed -n 's/.*reader is process \([0-9]*\),.*/\1/p' "$work/run.err" | tail -n 1)
sender=$(sed -n 's/.*sender is process \([0-9]*\).*/\1/p' "$work/run.err" | tail -n 1)
say "ready after $((($(date +%s%N) - before) / 1000000)) ms"

# Shipped once each has been read: the last of all is proof enough.
ship() { # number, file: prints milliseconds
    from=$(date +%s%N)
    echo "2026-11-23T10:11:12Z app1 acme[7]: request $1 by user$1 from 198.51.100.1" >>"$(log_of "$2")"
    until grep -q "\"number\\\\\":\\\\\"$1\\\\\"" "$work/record" 2>/dev/null; do
        [ $(($(date +%s%N) - from)) -lt 60000000000 ] || fail "line $1 was not shipped in a minute"
        sleep 0.002
    done
    echo $((($(date +%s%N) - from) / 1000000))
}
say "caught up: the first line took $(ship 1 "$files") ms"

sleep 5
cpu=$(($(cpu_us "$reader") + $(cpu_us "$sender")))
sleep "$idle_s"
cpu=$(($(cpu_us "$reader") + $(cpu_us "$sender") - cpu))
idle=$(awk "BEGIN {printf \"%.3f\", $cpu / $idle_s / 10000}")
say "idle for $idle_s s: $idle % of a core"

slowest=0
for i in $(seq 2 31); do
    took=$(ship "$i" $((i * 7919 % files + 1)))
    [ "$took" -le $slowest ] || slowest=$took
    # Not all at the same place between two looks.
    sleep 0.$((i % 10))
done
say "slowest of 30 lines in 30 files: $slowest ms"

resident=$(($(resident_kib "$reader") + $(resident_kib "$sender")))
private=$(($(private_kib "$reader") + $(private_kib "$sender")))
open=$(find "/proc/$reader/fd" -lname "$work/logs/*" | wc -l)
say "reader and sender: $resident KiB resident, $private KiB with shared pages shared out"
say "files open: $open"
[ "$resident" -lt 32768 ] || fail "they take $resident KiB"
[ "$slowest" -lt 100 ] || fail "a line took $slowest ms"
awk "BEGIN {exit !($idle < 0.2)}" || fail "idling costs $idle %"
