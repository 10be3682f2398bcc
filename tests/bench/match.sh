#!/bin/sh
# What matching costs: CPU, memory and time of the reader and of preview, beside cat, wc, rg, grep and syslog-ng.
#
#   SIZE=256M    of the log (and 1G is the size that docs/performance.md shows)
#   RUNS=5       medians of that many, taken in turns
#   RATES="100 20000 500000"   lines per million that become events
#   RULES="1 10 100 500"
#   SLOW=16M     how much of the log the slow ones get (grep -P, syslog-ng); what they
#                use is scaled to the whole
#
# CPU is user and system time of all processes that do the work; for `run` those of
# the reader, with an endpoint that nobody listens at, so that all events stay in the
# spool. Ratios are to `cat FILE >/dev/null` of the same run.
. "$(dirname "$0")/../support/scenario.sh"

SIZE=${SIZE:-256M} RUNS=${RUNS:-5} SLOW=${SLOW:-16M}
RATES=${RATES:-100 20000 500000} RULES=${RULES:-1 10 100 500}
bench_log=$TOOLS/bench_log
bytes=$(numfmt --from=iec "$SIZE")
slow_bytes=$(numfmt --from=iec "$SLOW")
[ "$slow_bytes" -le "$bytes" ] || slow_bytes=$bytes
figures=$work/figures # lines: tool, rules, CPU seconds, seconds, KiB; of one rate

# --- one measurement -----------------------------------------------------------

note() { echo "$1 $2 $3 $4 $5" >>"$figures"; } # tool, rules, CPU, wall, KiB

# Where output goes. grep ends at the first match when that is /dev/null.
sink=/dev/null

# A command, with its CPU scaled up if it got but a part of the log.
measure() { # tool, rules, scale, command...
    tool=$1 rules=$2 scale=$3
    shift 3
    "$TOOLS/cpu_time" "$work/time" "$@" >"$sink" 2>"$work/$tool.err" ||
        [ $? -eq 1 ] || fail "$tool did not run: $(cat "$work/$tool.err")"
    # shellcheck disable=SC2046  # three numbers
    set -- $(cat "$work/time") "$scale"
    note "$tool" "$rules" "$(awk "BEGIN {print $1 * $4}")" "$(awk "BEGIN {print $2 * $4}")" "$3"
}

cpu_of() { # pid: seconds, of all its threads
    cat "/proc/$1/task/"*/schedstat | awk '{ns += $1} END {printf "%.6f\n", ns / 1e9}'
}
peak_of() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; } # pid
now() { date +%s.%N; }

has_read_all() {
    "$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json" 2>/dev/null &&
        grep -q '"not_yet_read":0' "$work/status.json" &&
        ! grep -q '"not_yet_read":[1-9]' "$work/status.json"
}

# The reader is the child that has the log open or worked most.
measure_run() { # rules
    rm -rf "$work/state"
    url=http://127.0.0.1:9/api/product/usage
    write_config "spool: {max_bytes: 64GiB}" "inputs:" \
        "  - {file: '$work/app.log', rules: $work/$1.yaml, start: beginning}"
    began=$(now)
    start_run
    wait_until 900 has_read_all
    ended=$(now)
    : >"$work/children"
    for pid in $(pgrep -P "$run_pid"); do
        echo "$(cpu_of "$pid") $(peak_of "$pid")" >>"$work/children"
    done
    stop run
    # shellcheck disable=SC2046  # two numbers
    set -- "$1" $(sort -n "$work/children" | tail -n 1)
    note run "$1" "$2" "$(awk "BEGIN {print $ended - $began}")" "$3"
}

# Matches the same lines and writes what becomes of them as JSON. It follows its
# file, so what it used is read when the last line has come out.
measure_syslog_ng() { # rules
    "$bench_log" syslog-ng "$1" "$work/slow.log" "$work/ng.json" >"$work/ng.conf"
    mkdir -p "$work/ng"
    rm -f "$work/ng/"* "$work/ng.json"
    : >"$work/ng.json"
    began=$(now)
    start ng sh "$(dirname "$0")/../support/syslog_ng.sh" "$work/ng" -f "$work/ng.conf"
    wait_until 120 ng_is_done "$1"
    ended=$(now)
    note syslog-ng "$1" "$(awk "BEGIN {print $(cpu_of "$ng_pid") * $bytes / $slow_bytes}")" \
        "$(awk "BEGIN {print ($ended - $began) * $bytes / $slow_bytes}")" "$(peak_of "$ng_pid")"
    stop ng
}
ng_is_done() { # rules
    [ "$(wc -l <"$work/ng.json")" -ge "$(cat "$work/slow.$1.events")" ]
}

# --- rounds --------------------------------------------------------------------

round() {
    measure cat 0 1 cat "$work/app.log"
    measure wc 0 1 wc -l "$work/app.log"
    for rules in $RULES; do
        measure preview "$rules" 1 "$SHIPPER" preview --json "$work/app.log" --rules "$work/$rules.yaml"
        measure_run "$rules"
        measure rg "$rules" 1 rg -j1 -c --no-unicode -f "$work/$rules.patterns" "$work/app.log"
        [ "$rules" -le 100 ] || continue # grep takes no longer pattern; syslog-ng takes minutes
        sink=$work/sink
        measure grep-P "$rules" "$(awk "BEGIN {print $bytes / $slow_bytes}")" \
            grep -c -P "$(paste -s -d '|' "$work/$rules.patterns")" "$work/slow.log"
        sink=/dev/null
        measure_syslog_ng "$rules"
    done
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { # tool, rules, column
    awk -v tool="$1" -v rules="$2" -v n="$3" '$1 == tool && $2 == rules {print $n}' "$figures" | median
}
row() { # tool, rules
    awk -v tool="$1" -v rules="$2" -v cpu="$(column "$1" "$2" 3)" -v wall="$(column "$1" "$2" 4)" \
        -v peak="$(column "$1" "$2" 5)" -v cat="$(column cat 0 3)" -v gb="$bytes" 'BEGIN {
        gb /= 1e9
        printf "%-10s %6s %10.3f %9.2f %8.1f %9.1f\n", tool, rules ? rules : "", cpu / gb,
            gb / wall, cpu / (cat > 0 ? cat : 0.001), peak / 1024 }'
}

for rules in $RULES; do
    "$bench_log" rules "$rules" >"$work/$rules.yaml"
    "$bench_log" patterns "$rules" >"$work/$rules.patterns"
done
for rate in $RATES; do
    "$bench_log" log "$bytes" "$rate" >"$work/app.log"
    head -c "$slow_bytes" "$work/app.log" | sed '$d' >"$work/slow.log"
    for rules in $RULES; do
        rg -j1 -c --no-unicode -f "$work/$rules.patterns" "$work/slow.log" >"$work/slow.$rules.events" ||
            echo 0 >"$work/slow.$rules.events"
    done
    : >"$figures"
    for i in $(seq "$RUNS"); do
        round
    done
    echo
    awk "BEGIN {printf \"%g %% of lines become events; %s log, %d runs\n\", $rate / 10000, \"$SIZE\", $RUNS}"
    printf '%-10s %6s %10s %9s %8s %9s\n' "" rules "CPU s/GB" GB/s "x cat" "peak MiB"
    row cat 0
    row wc 0
    for rules in $RULES; do
        for tool in preview run rg grep-P syslog-ng; do
            [ -z "$(column "$tool" "$rules" 3)" ] || row "$tool" "$rules"
        done
    done
done

# --- JSON, each line an event --------------------------------------------------

if [ -z "${RATES%%*20000*}" ]; then
    "$bench_log" json "$((bytes / 4))" >"$work/app.log"
    "$bench_log" json-rules 10 >"$work/10.yaml"
    : >"$figures"
    for i in $(seq "$RUNS"); do
        measure json-c 0 1 "$TOOLS/json_lines" "$work/app.log"
        measure preview 10 1 "$SHIPPER" preview --json "$work/app.log" --rules "$work/10.yaml"
    done
    awk -v bare="$(column json-c 0 3)" -v whole="$(column preview 10 3)" 'BEGIN {
        printf "\nJSON, each line an event: json-c alone %.2f s, preview %.2f s: %.2f of its speed\n",
            bare, whole, bare / whole }'
    echo '{"msg":"x"}' >"$work/app.log"
    "$bench_log" rules 500 >"$work/500.yaml"
    : >"$figures"
    for i in $(seq "$RUNS"); do
        measure start 500 1 "$SHIPPER" preview --json "$work/app.log" --rules "$work/500.yaml"
    done
    awk -v wall="$(column start 500 4)" 'BEGIN {
        printf "from start to the end of one line, with 500 rules: %d ms\n", wall * 1000 }'
fi
