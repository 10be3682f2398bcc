#!/bin/sh
# With one file, nothing to read and nothing to send: wake-ups, CPU time and memory of the three processes.
#
#   SECONDS_LONG=60   of watching
. "$(dirname "$0")/../support/scenario.sh"

SECONDS_LONG=${SECONDS_LONG:-60}
# Memory that others run from the same file would be counted as theirs, too.
cp "$SHIPPER" "$work/usage-shipper"
SHIPPER=$work/usage-shipper
start_endpoint
write_config
write_lines 1 10
start_run
wait_until 20 has_accepted 10
processes="$run_pid $(pgrep -P "$run_pid" | tr '\n' ' ')"
look() { # wake-ups, nanoseconds, KiB
    for process in $processes; do
        echo "$(cat "/proc/$process/comm") $(awk '/^voluntary/ {print $2}' "/proc/$process/status")" \
            "$(cut -d ' ' -f 1 "/proc/$process/schedstat") $(awk '/^Pss:/ {print $2}' "/proc/$process/smaps_rollup")"
    done
}
sleep 10 # for what comes after the last delivery
look >"$work/before"
sleep "$SECONDS_LONG"
look >"$work/after"
echo "$SECONDS_LONG s; nproc $(nproc), load $(cut -d ' ' -f 1 /proc/loadavg)"
paste -d ' ' "$work/before" "$work/after" | awk '
    function row(name, wakes, ms, kib) { printf "%-16s %4d wake-ups %8.1f ms of CPU %6.1f MiB\n", name, wakes, ms, kib / 1024 }
    { row($1, $6 - $2, ($7 - $3) / 1e6, $8); wakes += $6 - $2; ms += ($7 - $3) / 1e6; kib += $8 }
    END { row("all", wakes, ms, kib) }'
stop run
