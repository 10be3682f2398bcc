#!/bin/sh
# Remembered values, once-marks and pairs are there after a restart, a kill and a rotation, and `status` counts them.
. "$(dirname "$0")/../support/scenario.sh"

log() { printf '2024-11-23 10:%s UTC [%s] LOG:  %s\n' "$1" "$2" "$3" >>"$work/pg.log"; }
received() { log "$1" "$2" "connection received: host=198.51.100.$3 port=5022"; }
authorized() { log "$1" "$2" "connection authorized: user=$3 database=app"; }
is_read() {
    "$SHIPPER" status --config "$work/config.yaml" >"$work/status" &&
        grep -q "^lines: $(cat "$work"/pg.log* | wc -l) read" "$work/status"
}
users() { sed -n 's/.*\\"user_id\\":\\"\([a-z]*\)\\",\\"ip_addr\\":\\"\([0-9.]*\)\\".*/\1 \2/p' "$work/record" | tr '\n' ' '; }

start_endpoint
write_config "inputs:" "  - {file: $work/pg.log, rules: $work/pg.yaml, start: beginning}"
cat >"$work/pg.yaml" <<'RULES'
product: postgresql
rules:
  - name: received
    match: ' \[(?<pid>\d+)\] LOG:  connection received: host=%{IP:ip} port=\d+$'
    remember: {key: '${pid}', keep: [ip]}
    samples:
      - line: '2024-11-23 10:11:12 UTC [4711] LOG:  connection received: host=203.0.113.7 port=5022'
  - name: login
    match: ' \[(?<pid>\d+)\] LOG:  connection authorized: user=%{NOTSPACE:user} '
    recall: '${pid}'
    once: {per: user_id, every: 1d}
    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}
    samples:
      - lines:
          - '2024-11-23 10:11:12 UTC [4711] LOG:  connection received: host=203.0.113.7 port=5022'
          - '2024-11-23 10:11:12 UTC [4711] LOG:  connection authorized: user=alice database=app'
        event: {user_id: alice, ip_addr: 203.0.113.7}
RULES
received 00:00 1 1
received 00:01 2 2
authorized 00:02 2 bob
start_run
wait_until 20 has_accepted 1
wait_until 20 is_read

say "stopped and started: the first line is remembered, bob was sent today"
stop run
authorized 00:03 1 alice
authorized 00:04 2 bob
start_run
wait_until 20 has_accepted 2
wait_until 20 is_read
assert_equal "what arrived" "$(users)" "bob 198.51.100.2 alice 198.51.100.1 "
assert_in "kept between lines: 0 open counts, 2 sent once, 0 pairs, 2 remembered, 0 ended early" status

say "killed, and rotated meanwhile: the new file is the same log"
received 00:05 3 3
wait_until 20 is_read
kill -9 "$run_pid"
wait "$run_pid" 2>/dev/null || true
mv "$work/pg.log" "$work/pg.log.1"
authorized 00:06 3 carol
authorized 00:07 1 alice
start_run
wait_until 20 has_accepted 3
wait_until 20 is_read
assert_equal "what arrived" "$(users)" "bob 198.51.100.2 alice 198.51.100.1 carol 198.51.100.3 "
stop run
assert_equal "exit code" "$code" 0
assert_in "kept between lines: 6 notes, 0 ended early" run.err
assert_equal "number of ids with two bodies" "$(count_outcome different)" 0
assert_in '8 matched, 0 incomplete' status

say "a log that is piped in again, and has grown, counts what is new"
cat >"$work/calls.yaml" <<'RULES'
product: acme
rules:
  - name: call
    match: 'call from %{IP:ip}$'
    count: {every: 1h, by: ip_addr}
    event: {activity_type: API_CALL, ip_addr: '${ip}', user_agent: acme}
    samples: [{line: '2024-11-23T10:11:12Z call from 198.51.100.7', event: {count: 1}}]
RULES
write_config "inputs:" "  - {stdin: true, rules: $work/calls.yaml}"
for i in 1 2 3; do
    [ "$i" -eq 2 ] || seq -f "2024-11-23T10:11:%02.0fZ call from 198.51.100.7" "$((i * 10))" "$((i * 10 + 5))" >>"$work/calls.log"
    cat "$work/calls.log" | "$SHIPPER" run --once - --config "$work/config.yaml" >>"$work/pipe.out" 2>&1 ||
        fail "run - ended with $?"
done
assert_equal "what was counted" "$(grep -o '\\"count\\":[0-9]*' "$work/record" | tr -d '\\' | tr '\n' ' ')" '"count":6 "count":6 '
