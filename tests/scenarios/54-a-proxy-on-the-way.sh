#!/bin/sh
# Through a proxy: with a password, down, refusing, over TLS itself; and past it where no_proxy says so.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

delivered=0

make_authority ours
make_certificate server ours DNS:localhost,IP:127.0.0.1
start_endpoint --key secret
start_tls server
url=https://localhost:$tls_port/api/product/usage

# tinyproxy, which asks for a password; proxy.out has a line a request.
start_tinyproxy() {
    cat >"$work/tinyproxy.conf" <<CONFIG
Port $proxy_port
Listen 127.0.0.1
Allow 127.0.0.1
BasicAuth alice sesame
LogLevel Info
CONFIG
    start proxy sh "$here/../support/tinyproxy.sh" "$work/tinyproxy.conf"
    wait_until 30 is_listening "$proxy_port"
}
connects() { grep -c 'Request.*CONNECT localhost' "$work/proxy.out" || true; }

proxy_port=$(free_port)
write_config
(umask 077 && echo alice:wrong >"$work/credentials")
configure() { # line of endpoint...
    write_config
    for line in "ca_file: $work/ours.pem" "$@"; do
        sed -i "s|^endpoint:|&\n  $line|" "$work/config.yaml"
    done
}
write_some() {
    write_lines $((delivered + 1)) 5
    delivered=$((delivered + 5))
    : >"$work/run.err"
}

say "the proxy is down"
configure "proxy: http://127.0.0.1:$proxy_port"
start_run
write_some
wait_until 20 is_in "endpoint.proxy cannot be reached: Failed to connect to 127.0.0.1 port $proxy_port" run.err
say "it wants a password, and there is none"
: >"$work/run.err"
stop run
start_tinyproxy
start_run
wait_until 20 is_in 'the proxy asks for a user name and password (HTTP 407): see endpoint.proxy_credentials_file' run.err
assert_equal "events delivered" "$(count_outcome accepted)" 0
stop run

say "a wrong one, then the right one, without a restart"
configure "proxy: http://127.0.0.1:$proxy_port" "proxy_credentials_file: $work/credentials"
start_run
wait_until 20 is_in "the proxy refuses the user name or password in $work/credentials (HTTP 401)" run.err
assert_equal "events delivered" "$(count_outcome accepted)" 0
echo alice:sesame >"$work/credentials"
wait_until 20 has_accepted $delivered
[ "$(connects)" -gt 0 ] || fail "the proxy's log shows no CONNECT"

say "it goes down and comes back"
kill "$proxy_pid"
wait_until 10 is_gone "$proxy_pid"
start_tls server # the open connections end
write_some
wait_until 20 is_in "endpoint.proxy cannot be reached: Failed to connect to 127.0.0.1 port $proxy_port" run.err
start_tinyproxy
wait_until 20 has_accepted $delivered
stop run

say "past it for hosts of no_proxy"
configure "proxy: http://127.0.0.1:9" "no_proxy: [example.org, localhost]"
start_run
write_some
wait_until 20 has_accepted $delivered
stop run
configure "proxy: http://127.0.0.1:9"
export NO_PROXY=localhost
start_run
write_some
wait_until 20 has_accepted $delivered
stop run
unset NO_PROXY

say "the proxy of the environment"
configure "proxy_credentials_file: $work/credentials"
export HTTPS_PROXY=http://127.0.0.1:$proxy_port
before=$(connects)
start_run
write_some
wait_until 20 has_accepted $delivered
stop run
unset HTTPS_PROXY
[ "$(connects)" -gt "$before" ] || fail "it did not go through the proxy of the environment"

make_certificate strange ours DNS:strange.example
say "a proxy that is spoken to over TLS"
tls_proxy_port=$(free_port)
cat >"$work/stunnel.conf" <<CONFIG
foreground = yes
pid =
[proxy]
accept = 127.0.0.1:$tls_proxy_port
connect = 127.0.0.1:$proxy_port
cert = $work/strange.pem
key = $work/strange.key
CONFIG
start_stunnel() {
    start stunnel sh "$here/../support/stunnel.sh" "$work/stunnel.conf"
    wait_until 30 is_listening "$tls_proxy_port"
}
start_stunnel
configure "proxy: https://localhost:$tls_proxy_port" "proxy_credentials_file: $work/credentials"
before=$(connects)
start_run
write_some
wait_until 20 is_in "the certificate of endpoint.proxy is refused" run.err
assert_equal "requests that got through" "$(connects)" "$before"
kill "$stunnel_pid"
wait_until 10 is_gone "$stunnel_pid"
sed -i "s|strange|server|" "$work/stunnel.conf"
start_stunnel
wait_until 20 has_accepted $delivered
[ "$(connects)" -gt "$before" ] || fail "it did not go through the proxy"
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $delivered
# The key is inside of TLS only.
assert_not_in secret proxy.out
assert_not_in sesame run.err
