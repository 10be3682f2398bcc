#!/bin/sh
# Resets at every stage, half answers, silence, endless headers, a byte at a time: the same events again, none lost.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint --key secret
start_proxy '1 close' '1 cut 0' '1 cut 20' '1 cut 150' '1 reset-request 60' '1 reset-answer 10' \
    '1 reset-answer 150' '1 mute' '1 headers' '1 trickle 100' '* pass'
write_config
sed -i '/timeout: 2s/a\  max_in_flight: 4' "$work/config.yaml"
write_lines 1 500
start_run --once
finish run 60
assert_equal "exit code" "$code" 0
assert_in 'events: 500 found, 500 delivered, 0 rejected, 0 waiting' run.out
assert_delivered 1 500
for fault in close cut reset-request reset-answer mute headers trickle; do
    assert_in "connection: $fault" proxy.out
done
# Three cut, two reset, one too slow.
repeated=$(count_outcome repeated)
say "$repeated events came twice, byte for byte"
[ "$repeated" -ge 6 ] || fail "only $repeated repeats for 6 answers lost"

say "a name that does not resolve is trouble that passes, too"
sed -i 's|url: .*|url: https://nowhere.invalid/api/product/usage|' "$work/config.yaml"
write_lines 501 10
start named "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 is_in 'Could not resolve host: nowhere.invalid, retrying in' named.err
stop named
assert_equal "exit code" "$code" 0
assert_in '0 delivered, 0 rejected, 510 waiting' named.err

say "https to a port without TLS"
sed -i "s|url: .*|url: https://127.0.0.1:$port/api/product/usage|" "$work/config.yaml"
start plain "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 is_in 'no TLS with endpoint.url: ' plain.err
stop plain
