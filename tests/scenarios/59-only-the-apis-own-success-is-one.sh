#!/bin/sh
# Answers with 2xx that are no success, and failures in every dress: never counted as delivered, nothing lost.
. "$(dirname "$0")/../support/scenario.sh"

last=0
add_lines() { # number
    write_lines $((last + 1)) "$1"
    last=$((last + $1))
}
stats() { "$SHIPPER" spool list --json --config "$work/config.yaml" | jq "$1"; }
has_rejected() { [ "$(stats .rejected)" = "$1" ]; }

start_endpoint --key secret
write_config
start_run
add_lines 1
wait_until 20 has_accepted 1

# The event waits as long as that is the answer, and is delivered after.
waits() { # script line
    script "* $1"
    delivered=$(stats .delivered)
    asked=$(wc -l <"$work/record")
    add_lines 1
    wait_until 20 has_lines record $((asked + 2))
    assert_equal "delivered with $1" "$(stats .delivered)" "$delivered"
    assert_equal "rejected with $1" "$(stats .rejected)" 0
    script ''
    wait_until 20 has_received $last
}
say "what is not the API's answer"
waits 200
waits 204
waits '200 body=html'
waits "201 body='Data Uploaded'"
waits "200 body='{\"status\":\"success\"'"
waits "200 body='{\"status\":\"success\"} trailing'"
waits "200 body='[{\"status\":\"success\"}]'"
waits "200 body='{\"response\":\"Data Uploaded\"}'"
waits "200 body='{\"status\":\"pending\"}'"
waits "200 body='{\"status\":true}'"
waits '500 body=success'

say "a failure is one, whatever the status and the code"
for answer in 200 201 400 422; do
    script "* has=user$((last + 1))\" $answer body='{\"response_code\":\"200\",\"response\":\"no\",\"status\":\"failure\"}'"
    rejected=$(stats .rejected)
    add_lines 2 # the other is delivered, and so shows whose fault it is
    wait_until 20 has_rejected $((rejected + 1))
done

say "a success is one, whatever its code"
script "* 202 body='{\"response_code\":500,\"response\":\"?\",\"status\":\"success\"}'"
delivered=$(stats .delivered)
add_lines 1
is_delivered() { [ "$(stats .delivered)" = $((delivered + 1)) ]; }
wait_until 20 is_delivered
script ''
stop run
assert_equal "exit code" "$code" 0
"$SHIPPER" spool retry --config "$work/config.yaml" >"$work/retry.out"
assert_in '4 events wait again' retry.out
start_run
wait_until 20 has_received $((last - 1))
stop run
