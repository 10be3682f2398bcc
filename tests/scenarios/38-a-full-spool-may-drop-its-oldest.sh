#!/bin/sh
# With `when_full: drop_oldest` reading goes on while the endpoint is down: the newest events stay, the dropped ones are counted and said once.
. "$(dirname "$0")/../support/scenario.sh"

status() { "$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json"; }
figure() { jq ".spool.$1" "$work/status.json"; }
has_read() {
    status
    [ "$(grep -o '"matched":[0-9]*' "$work/status.json" | tail -n 1)" = "\"matched\":$1" ]
}

# Not a number of arrivals: some of those that were dropped were on their way, and arrive.
is_drained() {
    status
    [ "$(figure waiting)" -eq 0 ]
}

start_endpoint
script '* 500'
write_config "spool: {max_bytes: 4MiB, when_full: drop_oldest}"
start_run
wait_until 20 has_said "running:"
write_lines 1 20000
say "all of it is read"
wait_until 60 has_read 20000
dropped=$(figure dropped)
say "$dropped of 20000 events dropped"
[ "$dropped" -gt 0 ] || fail "nothing was dropped"
assert_equal "waiting and dropped" $(($(figure waiting) + dropped)) 20000
assert_said 1 "its oldest events are dropped"
assert_said 0 "reading stops"
script
wait_until 120 is_drained
say "the newest arrive"
received_numbers | tail -n 1000 >"$work/got"
seq 19001 20000 | cmp -s - "$work/got" || fail "the newest did not arrive"
stop run
assert_equal "exit code" "$code" 0
status
say "what was on its way when it was dropped is counted as delivered"
assert_equal "delivered" "$(figure delivered)" "$(received_numbers | wc -l)"
assert_equal "delivered and dropped" $(($(figure delivered) + $(figure dropped))) 20000
