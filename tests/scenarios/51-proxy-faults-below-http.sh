#!/bin/sh
# The fault proxy does to a client what its file says, byte by byte.
. "$(dirname "$0")/../support/scenario.sh"

# What curl makes of the connection: its exit code, and what arrived in $work/answer.
ask() { # id
    code=0
    curl -s -m 3 -i -o "$work/answer" -H 'X-API-KEY: secret' -H 'Content-Type: application/json' \
        --data '{"payload":{"source":"TELEMETRY","activity_type":"LOGIN","user_id":"alice",
            "ip_addr":"192.0.2.7","event_id":"'"$1"'","event_at":1795428672,"product_id":"acme"}}' \
        "$url" || code=$?
}
arrived() { wc -c <"$work/answer"; }
assert_code() { # what, code
    assert_equal "curl's exit code ($1)" "$code" "$2"
    say "$1"
}
empty_reply=52 partial=18 timed_out=28 receive_error=56

start_endpoint
start_proxy '* pass'

ask 1
assert_code "pass: the answer as it is" 0
assert_in '"status":"success"' answer

faults '1 close' '1 cut 0' '1 cut 150' '* pass'
ask 2
assert_code "close: nothing comes back" $empty_reply
ask 3
assert_code "cut 0: the request arrives, the answer doesn't" $empty_reply
ask 4
assert_equal "bytes of the answer" "$(arrived)" 150
assert_code "cut 150: so much of the answer and no more" $partial
ask 5
assert_code "then pass again" 0

faults '* reset-answer 150'
ask 6
assert_code "reset-answer 150: reset in the answer's body" $receive_error
faults '* reset-request 60'
ask 7
[ "$code" -ne 0 ] || fail "reset-request 60: an answer came"
say "reset-request 60: reset in the request"

faults '* mute'
ask 8
assert_code "mute: no answer in time" $timed_out
faults '* headers'
ask 9
[ "$code" -ne 0 ] || fail "headers: an answer came to its end"
say "headers: no end of them"
faults '* trickle 100'
ask 10
assert_code "trickle 100: too slow to finish" $timed_out
faults '* trickle 1'
ask 11
assert_code "trickle 1: slow, and whole" 0
assert_in '"status":"success"' answer

say "the endpoint has what was forwarded as a whole, and nothing else"
assert_equal "ids" "$(received_ids | tr '\n' ' ')" "1 10 11 3 4 5 6 "
