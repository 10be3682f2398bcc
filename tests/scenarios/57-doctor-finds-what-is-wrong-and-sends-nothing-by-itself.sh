#!/bin/sh
# doctor: each thing that can be wrong has its line and its hint; nothing is sent but a HEAD without the key, and a canary if it is asked for.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

day=86400
make_authority ours
make_certificate good ours DNS:localhost,IP:127.0.0.1
CLOCK_SHIFT_S=-$((30 * day)) make_certificate expired ours DNS:localhost
make_certificate other ours DNS:other.example
start_endpoint --key sesame-open
start_tls good
url=https://localhost:$tls_port/api/product/usage
configure() { # line of endpoint...
    write_config 'environment: TEST'
    echo sesame-open >"$work/key"
    for line in "ca_file: $work/ours.pem" "$@"; do
        sed -i "s|^endpoint:|&\n  $line|" "$work/config.yaml"
    done
}
wants() { # code, words, option...
    wanted=$1 words=$2
    shift 2
    code=0
    "$SHIPPER" doctor --config "$work/config.yaml" "$@" >"$work/doctor.out" 2>&1 || code=$?
    [ "$code" = "$wanted" ] && is_in "$words" doctor.out ||
        fail "doctor $*: exit $code, wanted $wanted and: $words"
    assert_not_in sesame doctor.out
}

say "all is well"
configure
write_lines 1 3
wants 0 'ok    connect'
assert_in 'ok    name         localhost is ' doctor.out
assert_in 'ok    logs' doctor.out
assert_in 'ok    key          11 characters' doctor.out
assert_in 'ok    files' doctor.out
assert_in "for localhost, 127.0.0.1; CN = good" doctor.out
assert_in 'ok    clock' doctor.out
assert_in 'acme                  REQUEST               TEST           TELEMETRY      acme/request' doctor.out
# Seven days are not much.
assert_in 'warn  certificate' doctor.out
assert_equal "requests" "$(cut -d '"' -f 4 <"$work/record" | sort | uniq -c | tr -s ' ')" ' 1 refused'
jq -e '.method == "HEAD" and .contract != "accepted"' "$work/record" >/dev/null || fail "it was no HEAD"

say "one event, because it is asked for"
wants 0 'ok    canary' --send-canary
assert_in '> X-API-KEY: ********' doctor.out
assert_in '"canary":"usage-shipper doctor"' doctor.out
assert_in '< {"response_code":"200","response":"Data Uploaded","status":"success"}' doctor.out
assert_equal "events" "$(count_outcome accepted)" 1
script "* 400 body='{\"status\":\"failure\",\"response_code\":400,\"response\":\"no metric sesame-open\"}'"
wants 1 'no metric ***********' --send-canary
script '* 401 body=auth'
wants 1 'hint: The key is wrong.' --send-canary
script ''
"$SHIPPER" doctor --config "$work/config.yaml" --json >"$work/doctor.json"
jq -e '[.checks[].check] | index("connect") and index("key")' "$work/doctor.json" >/dev/null ||
    fail "the JSON lacks checks"
jq -e '.emits == [{product_id: "acme", activity_type: "REQUEST", environment: "TEST",
    source: "TELEMETRY", rules: "acme/request"}]' "$work/doctor.json" >/dev/null || fail "wrong list"

say "certificates"
start_tls expired
wants 1 'certificate has expired'
assert_in 'fail  certificate' doctor.out
assert_in 'it is of CN = expired, for localhost, by CN = ours, valid from 20' doctor.out
start_tls other
wants 1 'it is of CN = other, for other.example'
rm -f "$work/gone.pem"
sed -i "s|ca_file: .*|ca_file: $work/gone.pem|" "$work/config.yaml"
wants 1 'fail  files'

say "name, connection, redirect, clock"
configure
start_tls good
sed -i "s|https://localhost:|https://nowhere.invalid:|" "$work/config.yaml"
wants 1 'fail  name         nowhere.invalid: '
configure
sed -i "s|localhost:$tls_port|localhost:9|" "$work/config.yaml"
wants 1 'fail  connect      Failed to connect to localhost port 9'
configure
script "* 308 header='Location: https://portal.example/'"
wants 1 'fail  answer       HTTP 308, a redirect to "https://portal.example/"'
script ''
(
    export CLOCK_SHIFT_S=600 LD_PRELOAD="$TOOLS/shifted_clock.so"
    wants 0 's ahead of the endpoint'
    export CLOCK_SHIFT_S=-7300
    wants 1 'fail  c'
)

say "the key, the logs, the state directory"
chmod 644 "$work/key"
wants 0 'warn  key          everyone on this host can read'
rm "$work/key"
wants 1 'fail  key          cannot read the API key'
configure
mv "$work/app.log" "$work/away.log"
wants 0 'warn  logs'
mv "$work/away.log" "$work/app.log"

say "the journal"
mkdir "$work/journal"
printf '__REALTIME_TIMESTAMP=1795429066000000\n__MONOTONIC_TIMESTAMP=1000\n_BOOT_ID=%032d\nMESSAGE=hello\n\n' 7 |
    /lib/systemd/systemd-journal-remote -o "$work/journal/acme.journal" - 2>"$work/remote.err"
write_config "inputs: [{journal: {directory: $work/journal}, rules: $work/acme.yaml}]"
sed -i "s|^endpoint:|&\n  ca_file: $work/ours.pem|" "$work/config.yaml"
wants 0 'ok    journal      can be read'
rm -r "$work/journal"
wants 1 'fail  journal      cannot be read: '
configure

say "as another user than the one that may read it"
chmod 755 "$work"
chmod 600 "$work/app.log" "$work/key"
cp "$SHIPPER" "$work/shipper"
mkdir -m 700 "$work/state"
code=0
setpriv --reuid=65534 --regid=65534 --clear-groups "$work/shipper" doctor \
    --config "$work/config.yaml" >"$work/doctor.out" 2>&1 || code=$?
assert_equal "exit code" "$code" 1
assert_in 'cannot be read: ' doctor.out
assert_in 'fail  key' doctor.out
assert_in 'warn  user' doctor.out
assert_in 'fail  state' doctor.out

say "through a proxy, its password masked"
proxy_port=$(free_port)
printf 'Port %s\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth alice open-sesame\nLogLevel Info\n' \
    "$proxy_port" >"$work/tinyproxy.conf"
start proxy sh "$here/../support/tinyproxy.sh" "$work/tinyproxy.conf"
wait_until 30 is_listening "$proxy_port"
(umask 077 && echo alice:open-sesame >"$work/credentials")
configure "proxy: http://127.0.0.1:$proxy_port" "proxy_credentials_file: $work/credentials"
wants 0 '(the proxy)' --send-canary
assert_in '> Proxy-Authorization: ********' doctor.out
