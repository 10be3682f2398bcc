#!/bin/sh
# HTTP/2 by ALPN, many requests on few connections; one stream at a time, and connections that go away in the middle, lose nothing.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

written=0
make_authority ours
make_certificate good ours DNS:localhost,IP:127.0.0.1
start_endpoint --key secret
tls_option=http2
log="access_log $work/access.log;"

start_tls good "$log" "keepalive_requests 100000;"
url=https://localhost:$tls_port/api/product/usage
write_config
sed -i "s|^endpoint:|&\n  ca_file: $work/ours.pem\n  max_in_flight: 64|" "$work/config.yaml"
start_run
deliver() { # what is said
    : >"$work/access.log"
    write_lines $((written + 1)) 3000
    written=$((written + 3000))
    wait_until 60 has_accepted $written
    assert_equal "requests that were not HTTP/2" "$(grep -vc 'HTTP/2.0"' "$work/access.log")" 0
    say "$1"
}
connections() { grep -ci ":$(printf '%04X' "$tls_port") [0-9A-F]*:[0-9A-F]* 01" /proc/net/tcp || true; }

deliver "HTTP/2 as it comes"
wide=$(connections)
say "$wide ends of connections"
[ "$wide" -le 8 ] || fail "64 requests at once are not on a few connections"

start_tls good "$log" 'http2_max_concurrent_streams 1;'
deliver "one stream at a time on a connection"

start_tls good "$log" 'keepalive_requests 20;'
deliver "a connection that goes away after every 20 requests"

start_tls good "$log" 'http2_max_concurrent_streams 16;'
script '1/50 accept close'
deliver "an answer in 50 that does not come"
script ''

stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $written
say "$(count_outcome repeated) deliveries were repeated, each with the same body"
