#!/bin/sh
# 404 for all, a redirect, every event rejected, a firewall in between: the settings are wrong, so nothing is set aside and nothing lost.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint --key secret
script '* 404 body=html'
write_config
write_lines 1 200
start_run
wait_until 20 is_in 'endpoint refuses every event: HTTP 404, "<' run.err
assert_in 'is endpoint.url right?' run.err

script "* 302 header='Location: http://203.0.113.7/login'"
asked=$(wc -l <"$work/record")
wait_until 10 has_lines record $((asked + 2))
say "a redirect is not followed, and is no news"
assert_equal "times it is said" "$(grep -c 'sender: error' "$work/run.err")" 1

say "then it rejects all"
script '* 400 body=failure'
wait_until 20 is_in '20 events rejected in a row' run.err
assert_equal "events delivered" "$(count_outcome accepted)" 0

script ''
wait_until 20 has_received 200

say "every event is refused, but not by the API"
script '* 403 body=html'
write_lines 201 100
wait_until 20 is_in 'different events refused, but not by the API' run.err
assert_equal "events delivered" "$(count_outcome accepted)" 200

script ''
wait_until 20 has_received 300
stop run
assert_equal "exit code" "$code" 0
assert_in 'events: 300 found, 300 delivered, 0 rejected, 0 waiting' run.err
assert_equal "times it is said" "$(grep -c 'sender: error' "$work/run.err")" 3
assert_delivered 1 300
