#!/bin/sh
# Sending over a long way: from one log file to an endpoint that takes 50 ms for each answer, against what is possible.
#
#   RUNS=3                  medians of that many
#   LEVELS="h1:32 h1:256 h2:256 h2:1000"   protocol and requests at once
#   SECONDS_EACH=10         so long each would take at best
#
# The 50 ms are nginx's (Debian's echo module), after it has the request. At best there
# is one request under way for each of max_in_flight all the time; what is reported is
# the share of that, start and end of `run --once` included.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

RUNS=${RUNS:-3} LEVELS=${LEVELS:-"h1:32 h1:256 h2:256 h2:1000"}
SECONDS_EACH=${SECONDS_EACH:-10}
delay=0.05 # that of /far/
. "$(dirname "$0")/../support/nginx_endpoint.sh"

# Seconds that it took, and KiB that the largest process of it had.
measure() { # protocol, level, lines
    case $1 in
    h1) url=http://127.0.0.1:$plain_port/far/usage option='' ;;
    h2) url=https://localhost:$tls_port/far/usage option="\n  ca_file: $work/ours.pem" ;;
    esac
    write_config
    sed -i "s|^endpoint:|&\n  max_in_flight: $2$option|; /timeout: 2s/d" "$work/config.yaml"
    rm -rf "$work/state"
    "$TOOLS/cpu_time" "$work/time" "$SHIPPER" run --once --config "$work/config.yaml" \
        >"$work/once.out" 2>"$work/once.err" || fail "run --once ends with $?"
    assert_in "$3 delivered" once.out
    awk '{print $2, $3}' "$work/time" >>"$work/figures"
}
echo "medians of $RUNS runs; an answer takes $delay s; nproc $(nproc), load $(cut -d ' ' -f 1 /proc/loadavg)"
for level in $LEVELS; do
    protocol=${level%:*} at_once=${level#*:}
    lines=$((at_once * 20 * SECONDS_EACH))
    rm -f "$work/app.log"
    write_lines 1 $lines
    i=0
    : >"$work/figures"
    while [ $i -lt "$RUNS" ]; do
        i=$((i + 1))
        measure "$protocol" "$at_once" $lines
    done
    sort -n "$work/figures" | awk -v p="$protocol" -v n="$at_once" -v lines=$lines -v delay=$delay \
        '{t[NR] = $1; if ($2 > most) most = $2}
        END {m = t[int((NR + 1) / 2)]
            printf "%s %5d at once %8.0f events a second, %.2f of what is possible, %6d KiB at most\n",
                p, n, lines / m, lines / m * delay / n, most}'
done
