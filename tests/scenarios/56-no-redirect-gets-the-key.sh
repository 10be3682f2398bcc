#!/bin/sh
# 301, 302, 303, 307 and 308, to http, to another host, to another path: never followed, nothing lost.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

make_authority ours
make_certificate server ours DNS:localhost,IP:127.0.0.1
start_endpoint --key secret
start_tls server
# Where redirects lead: it takes any key, and writes down who asks.
start elsewhere "$SHIPPER" endpoint --port 0 --record "$work/elsewhere"
wait_until 10 is_in "listening on" elsewhere.out
elsewhere=$(sed -n 's|^listening on \(http://127.0.0.1:[0-9]*\)/.*|\1|p' "$work/elsewhere.out")

url=https://localhost:$tls_port/api/product/usage
write_config
sed -i "s|^endpoint:|&\n  ca_file: $work/ours.pem|; s|probe_every: 1s|probe_every: 50ms|" "$work/config.yaml"
script "* 302 header='Location: $elsewhere/api/product/usage'"
write_lines 1 20
start_run
wait_until 20 is_in "a redirect to \"$elsewhere/api/product/usage\" (never followed)" run.err

for status in 301 302 303 307 308; do
    for to in "$elsewhere/api/product/usage" "https://localhost:$tls_port/api/product/aggregateusage"; do
        script "* $status header='Location: $to'"
        asked=$(wc -l <"$work/record")
        wait_until 20 has_lines record $((asked + 2))
    done
    say "$status"
done
assert_equal "requests that followed a redirect" "$(cat "$work/elsewhere" 2>/dev/null | wc -l)" 0
! grep -q aggregateusage "$work/record" || fail "a redirect to another path was followed"
assert_equal "events delivered" "$(count_outcome accepted)" 0
assert_said 1 'never followed'

script ''
wait_until 20 has_accepted 20
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 20
