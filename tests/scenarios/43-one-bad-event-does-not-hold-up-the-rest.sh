#!/bin/sh
# A poison event, one that a firewall dislikes and one that breaks the server: the rest flows, the first two are set aside.
. "$(dirname "$0")/../support/scenario.sh"

asked_for() { grep -c "user$1\\\\\"" "$work/record" || true; } # line's number

start_endpoint --key secret
# The quote behind the name keeps user70 apart from user700.
script '* has=user70" 422 body=failure' '* has=user140" 403 body=html' '* has=user210" 500'
write_config
write_lines 1 300
start_run
wait_until 20 has_received 297
assert_equal "requests for the poison event" "$(asked_for 70)" 1
wait_until 10 is_in 'HTTP 422, the API says' run.err
two_tries() { [ "$(asked_for 140)" -ge 2 ]; }
wait_until 10 two_tries

say "the one that breaks the server is tried again and again, and passes when it may"
tried() { [ "$(asked_for 210)" -ge "$1" ]; }
wait_until 20 tried 4
script ''
wait_until 20 has_received 298
stop run
assert_equal "exit code" "$code" 0
assert_in 'events: 300 found, 298 delivered, 2 rejected, 0 waiting' run.err
assert_equal "requests for the one that a firewall dislikes" "$(asked_for 140)" 2
seq 1 300 | grep -vx '70\|140' >"$work/wanted"
received_numbers | cmp -s "$work/wanted" - || fail "other events arrived than should have"

say "request and answer are kept"
kept() { sqlite3 "$work/state/spool.db" "$1"; }
assert_equal "statuses kept" "$(kept 'SELECT group_concat(status) FROM (SELECT status FROM rejected ORDER BY status)')" 403,422
assert_equal "request kept" "$(kept 'SELECT count(*) FROM rejected WHERE status = 422 AND request LIKE "%user70%"')" 1
assert_equal "answer kept" "$(kept 'SELECT count(*) FROM rejected WHERE status = 422 AND CAST(answer AS TEXT) LIKE "%failure%"')" 1
assert_equal "keys kept" "$(kept '.dump' | grep -c secret || true)" 0
