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
delay=0.05

make_authority ours
make_certificate good ours DNS:localhost,IP:127.0.0.1
plain_port=$(free_port)
tls_port=$((plain_port + 1))
echo_module=$(sh "$here/../support/unpacked.sh" libnginx-mod-http-echo)
cat >"$work/nginx.conf" <<CONFIG
load_module $echo_module/usr/lib/nginx/modules/ngx_http_echo_module.so;
worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  http2_max_concurrent_streams 1000;
  default_type application/json;
  server {
    listen 127.0.0.1:$plain_port;
    listen 127.0.0.1:$tls_port ssl http2;
    ssl_certificate $work/good.pem;
    ssl_certificate_key $work/good.key;
    location / {
      echo_read_request_body;
      echo_sleep $delay;
      echo '{"response_code":"200","response":"Data Uploaded","status":"success"}';
    }
  }
}
CONFIG
start nginx sh "$here/../support/nginx.sh" "$work" "$work/nginx.conf"
wait_until 60 is_listening "$plain_port"

# Seconds that it took, and KiB that the largest process of it had.
measure() { # protocol, level, lines
    case $1 in
    h1) url=http://127.0.0.1:$plain_port/api/product/usage option='' ;;
    h2) url=https://localhost:$tls_port/api/product/usage option="\n  ca_file: $work/ours.pem" ;;
    esac
    write_config
    sed -i "s|^endpoint:|&\n  max_in_flight: $2$option|; /timeout: 2s/d" "$work/config.yaml"
    rm -rf "$work/state"
    /usr/bin/time -f '%e %M' -o "$work/time" "$SHIPPER" run --once --config "$work/config.yaml" \
        >"$work/once.out" 2>"$work/once.err" || fail "run --once ends with $?"
    assert_in "$3 delivered" once.out
    cat "$work/time" >>"$work/figures"
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
