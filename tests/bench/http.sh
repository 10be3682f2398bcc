#!/bin/sh
# From a log file to the endpoint: `run --once` beside syslog-ng's http() with one event a request, against nginx on this host.
#
#   WAYS="near tls far"         over plain HTTP on this host; over TLS; over TLS to where an
#                               answer takes 50 ms, as over the internet
#   LINES=50000                 each an event; far, a fifth of them
#   WORKERS="1 2 4 8 16 32"     of http(), the best of which counts; far, also 128 and 256
#   RUNS=3                      turns; medians
#
# Both match the same pattern and post the same JSON. Time is from the start of the program
# until nginx has had the last request. syslog-ng keeps nothing on the disk; we commit each
# event before it is sent, and that it was delivered.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

LINES=${LINES:-50000} WORKERS=${WORKERS:-"1 2 4 8 16 32"} RUNS=${RUNS:-3} WAYS=${WAYS:-near tls far}
. "$(dirname "$0")/../support/nginx_endpoint.sh"

now() { date +%s.%N; }
# Those for the figure itself are not counted.
had() {
    asked=$((asked + 1))
    posts=$(curl -s "http://127.0.0.1:$plain_port/had" | awk -v asked=$asked 'NR == 3 {print $3 - asked}')
}
asked=0
note() { # name, began, ended
    awk "BEGIN {print \"$way-$1\", $lines / ($3 - $2)}" >>"$work/figures"
}
median() { awk -v n="$way-$1" '$1 == n {print $2}' "$work/figures" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

ours() {
    rm -rf "$work/state"
    began=$(now)
    "$SHIPPER" run --once --config "$work/config.yaml" >"$work/once.out" 2>"$work/once.err" ||
        fail "run --once ends with $?"
    note ours "$began" "$(now)"
    assert_in "$lines delivered" once.out
}
theirs() { # workers
    cat >"$work/syslog-ng.conf" <<CONFIG
@version: 3.38
options { stats-freq(0); log-fifo-size(1000000); };
source s { file("$work/app.log" read-old-records(yes) follow-freq(0.1) log-fetch-limit(1000)
    log-iw-size(100000)); };
filter f { match("^request (?<number>\\\\d+) by (?<user>\\\\S+) from (?<ip>[0-9.]+)"
    value("MESSAGE") type("pcre") flags("store-matches")); };
destination d { http(url("$url") method("POST") batch-lines(1) workers($1)
    headers("X-API-KEY: secret", "Content-Type: application/json")
    $their_tls
    body('{"payload":{"activity_type":"REQUEST","source":"TELEMETRY","user_id":"\${user}","user_id_type":"USERNAME","ip_addr":"\${ip}","event_id":"\${number}","event_at":\${UNIXTIME},"product_id":"acme","meta":{"number":"\${number}"}}}')); };
log { source(s); filter(f); destination(d); flags(flow-control); };
CONFIG
    rm -f "$work"/syslog-ng.persist
    had
    wanted=$((posts + lines))
    began=$(now)
    start syslog_ng sh "$here/../support/syslog_ng.sh" "$work" -f "$work/syslog-ng.conf"
    while [ "$posts" -lt $wanted ]; do
        [ "$(date +%s)" -lt $((${began%.*} + 120)) ] || fail "syslog-ng: $((wanted - posts)) posts are missing"
        sleep 0.05
        had
    done
    note "workers($1)" "$began" "$(now)"
    stop syslog_ng
}

set_way() { # near, tls or far
    way=$1 lines=$LINES workers_tried=$WORKERS option='' their_tls=''
    case $way in
    near) url=http://127.0.0.1:$plain_port/api/product/usage ;;
    tls) url=https://localhost:$tls_port/api/product/usage ;;
    far)
        url=https://localhost:$tls_port/far/usage
        lines=$((LINES / 5))
        workers_tried="$WORKERS 128 256"
        ;;
    esac
    [ "$way" = near ] || option="\n  ca_file: $work/ours.pem" their_tls="tls(ca-file(\"$work/ours.pem\"))"
    write_config
    sed -i "s|^endpoint:|&$option|; /timeout: 2s/d" "$work/config.yaml"
    rm -f "$work/app.log"
    write_lines 1 "$lines"
}

echo "medians of $RUNS turns; nproc $(nproc), load $(cut -d ' ' -f 1 /proc/loadavg)"
for each in $WAYS; do
    set_way "$each"
    for turn in $(seq "$RUNS"); do
        ours
        for workers in $workers_tried; do theirs "$workers"; done
    done
    echo "$way, $lines lines:"
    printf '  usage-shipper            %8.0f events a second\n' "$(median ours)"
    best=0
    for workers in $workers_tried; do
        rate=$(median "workers($workers)")
        printf '  syslog-ng workers(%3d)   %8.0f events a second\n' "$workers" "$rate"
        best=$(awk "BEGIN {print ($rate > $best ? $rate : $best)}")
    done
    awk "BEGIN {printf \"  %.2f times syslog-ng's best\n\", $(median ours) / $best}"
done
