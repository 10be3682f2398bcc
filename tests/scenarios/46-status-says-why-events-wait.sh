#!/bin/sh
# `status` says why events wait: key, address, back-off, rejections, rate limit, a full spool, nobody there; expired ones are shown.
. "$(dirname "$0")/../support/scenario.sh"

look() {
    "$SHIPPER" status --config "$work/config.yaml" >"$work/status.out" 2>"$work/status.err" ||
        fail "status ends with $?"
    "$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json"
}
shows() { look && grep -q -e "$1" "$work/status.out"; } # regular expression
held_up_by() { jq -r ".$1.held_up_by" "$work/status.json"; } # sending or reading
restart() { # line of `endpoint:`
    stop run
    sed -i "s|^endpoint:|&\n  $1|" "$work/config.yaml"
    start_run
}
stamp='20[0-9-]*T[0-9:]*Z'

start_endpoint --key secret
write_config "spool: {max_bytes: 4MiB}"
start_run
write_lines 1 10
wait_until 20 has_received 10

say "nothing holds it up"
wait_until 20 shows '^sending: nothing holds it up$'
assert_in 'reading: nothing holds it up' status.out
assert_equal "held up by" "$(held_up_by sending)" nothing

assert_equal "back-off" "$(jq .endpoint.back_off_until "$work/status.json")" null

say "how the endpoint answers"
answers() { look && [ "$(jq -r "[$1] | map(tostring) | join(\" \")" "$work/status.json")" = "$2" ]; }
wait_until 20 answers '.endpoint.answers, .endpoint.last_answer.http_status, .endpoint.last_answer.verdict' '10 200 delivered'
shows "^endpoint: [0-9.]* answers/s; latency [0-9.]* ms (p50), [0-9.]* ms (p90), [0-9.]* ms (p99); the last at $stamp: HTTP 200, delivered$" ||
    fail "not in the text"
jq -e '.endpoint.latency_ms | .p50 > 0 and .p50 <= .p90 and .p90 <= .p99' "$work/status.json" >"$work/code" || fail "latency"

say "trouble that passes"
script '* 503 body=gone'
write_lines 11 1000
wait_until 20 shows "^sending: held up since $stamp: HTTP 503, \"gone\""
assert_equal "held up by" "$(held_up_by sending)" retrying
wait_until 20 answers '.endpoint.last_answer.http_status, .endpoint.last_answer.verdict, .endpoint.last_answer.reason, (.endpoint.back_off_until | type)' '503 retry HTTP 503, "gone" string'

say "a wrong address"
script '* 404 body=nowhere'
wait_until 20 shows "^sending: held up since $stamp: endpoint refuses every event: HTTP 404, \"nowhere\"; is endpoint.url right?; next try at $stamp"
assert_equal "held up by" "$(held_up_by sending)" destination
[ "$(jq -r .sending.next_try_at "$work/status.json")" != null ] || fail "no next try"

say "a wrong key, and what ends it"
stop endpoint
script
start_endpoint --key changed
wait_until 20 shows "held up since $stamp: API key refused: .*, until the key in $work/key is changed; next try at"
assert_equal "held up by" "$(held_up_by sending)" key

say "rejections in a row"
stop endpoint
start_endpoint --key secret
script '* 400 body=failure'
wait_until 20 shows "held up since $stamp: 20 events rejected in a row, the last one: "
assert_equal "held up by" "$(held_up_by sending)" settings

say "stopped: what it was at the end"
stop run
look
grep -q "^sending: not running; at $stamp it was held up since .*20 events rejected" \
    "$work/status.out" || fail "not said"
assert_in 'reading: not running' status.out
assert_equal "running" "$(jq .sending.running "$work/status.json")" false
assert_equal "the last answer" "$(jq -r .endpoint.last_answer.verdict "$work/status.json")" rejected
assert_equal "back-off" "$(jq .endpoint.back_off_until "$work/status.json")" null
start_run

say "a full spool stops reading"
script '* 503'
write_lines 1011 12000
wait_until 60 shows "^reading: held up since $stamp: the spool is full"
assert_equal "held up by" "$(held_up_by reading)" spool_full
assert_equal "alert" "$(jq -r '.alerts[].kind' "$work/status.json")" spool
shows '^ALERT: the spool is .*full: [0-9]* % of spool.max_bytes are in use. When it is full, reading stops' || fail "no alert"

say "and is over"
script
wait_until 60 has_received 13010
wait_until 20 shows '^reading: nothing holds it up$'
wait_until 20 shows '^sending: nothing holds it up$'

say "a rate limit"
restart 'rate_limit: 20'
write_lines 13011 60
wait_until 20 shows "^sending: slowed down since $stamp: endpoint.rate_limit of 20 requests a second"
assert_equal "held up by" "$(held_up_by sending)" rate_limit
wait_until 20 shows '^sending: nothing holds it up$'

say "refused events wait for a delivery"
script '* 400 body=failure'
write_lines 13071 3
wait_until 20 shows '3 refused events wait until a delivery shows that the settings are right'
script
write_lines 13074 1
wait_until 20 shows ' 0 events waiting, 3 rejected, '

say "expired ones are shown by themselves"
restart 'max_age: 1h'
for i in 1 2 3 4 5; do
    echo "2026-01-02T10:11:1${i}Z app1 acme[7]: request $i by old$i from 198.51.100.17" >>"$work/app.log"
done
wait_until 20 shows ' 0 events waiting, 8 rejected (5 of them expired), '
assert_equal "expired" "$(jq .spool.expired "$work/status.json")" 5

say "without a key"
rm "$work/key"
kill -9 "$(pgrep -P "$run_pid" -x shipper-sender)"
wait_until 20 shows "^sending: held up since $stamp: cannot read the API key from "
stop run
