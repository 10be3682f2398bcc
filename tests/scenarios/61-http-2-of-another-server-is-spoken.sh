#!/bin/sh
# HTTP/2 against nghttpd: few streams, answers before the request is complete, padding, and a server that dies, lose nothing.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

written=0
make_authority ours
make_certificate good ours DNS:localhost,IP:127.0.0.1
tls_port=$(free_port)
start_nghttpd() { # option...
    : >"$work/nghttpd.out"
    start nghttpd sh "$here/../support/nghttpd.sh" "$work" --verbose "$@" "$tls_port" \
        "$work/good.key" "$work/good.pem"
    wait_until 30 is_listening "$tls_port"
}
stop_nghttpd() {
    kill -9 "$nghttpd_pid"
    wait_until 10 is_gone "$nghttpd_pid"
}
# What is waiting is what the endpoint has not confirmed.
is_delivered() { # number
    "$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json" 2>/dev/null &&
        [ "$(jq .spool.delivered "$work/status.json")" = "$1" ]
}
requests() { grep -c ':path: /api/product/usage' "$work/nghttpd.out"; }
deliver() { # events, what is said
    write_lines $((written + 1)) "$1"
    written=$((written + $1))
    wait_until 60 is_delivered $written
    say "$2"
}

url=https://localhost:$tls_port/api/product/usage
write_config
sed -i "s|^endpoint:|&\n  ca_file: $work/ours.pem\n  max_in_flight: 64|" "$work/config.yaml"
start_nghttpd
start_run
deliver 1000 "as it comes"
assert_equal "requests" "$(requests)" 1000
assert_in 'x-api-key: secret' nghttpd.out

stop_nghttpd
start_nghttpd --max-concurrent-streams=4
deliver 300 "four streams at a time on a connection"
[ "$(requests)" -ge 300 ] || fail "less than 300 requests"

stop_nghttpd
start_nghttpd --early-response --padding=100
deliver 1000 "answers that come before the request is complete, and padded frames"

say "a server that dies while requests are under way"
write_lines $((written + 1)) 3000
written=$((written + 3000))
has_come() { [ "$(requests)" -ge 200 ]; }
for death in 1 2 3; do
    wait_until 30 has_come
    stop_nghttpd
    start_nghttpd
done
wait_until 60 is_delivered $written
stop run
assert_equal "exit code" "$code" 0
assert_in "events: $written found, $written delivered, 0 rejected, 0 waiting" run.err
