#!/bin/sh
# The stand-in endpoint refuses what the API refuses, counts repeats, and does what its script says.
. "$(dirname "$0")/../support/scenario.sh"

event() { # id, [more fields]
    printf '{"payload":{"source":"TELEMETRY","activity_type":"LOGIN","user_id":"alice",'
    printf '"ip_addr":"192.0.2.7","event_id":"%s","event_at":1795428672,' "$1"
    printf '"product_id":"acme"%s}}' "${2:+,$2}"
}
# Status and body of the answer; 000 for a connection closed without one.
ask() { # url, body, [curl option...]
    at=$1 body=$2
    shift 2
    curl -s -m 10 -w ' %{http_code}' --data-binary "$body" -H "X-API-KEY: ${key-secret}" \
        -H "Content-Type: ${type-application/json}" "$@" "$at" || true
}
assert_answer() { # what, got, status, text in the body
    case $2 in
    *"$4"*" $3") say "$1: $3" ;;
    *) fail "$1: got '$2', wanted $3 with '$4'" ;;
    esac
}

start_endpoint --key secret
say "it listens on loopback only"
address=$(awk '$4 == "0A" {print $2}' /proc/net/tcp | grep -i ":$(printf %04X "$port")\$")
assert_equal "listening address" "${address%:*}" 0100007F

assert_answer "an event" "$(ask "$url" "$(event 1)")" 200 \
    '{"response_code":"200","response":"Data Uploaded","status":"success"}'
assert_answer "the same event again" "$(ask "$url" "$(event 1)")" 200 success
assert_answer "another body under that id" "$(ask "$url" "$(event 1 '"environment":"TEST"')")" 200 success
assert_answer "a wrong key" "$(key=other && ask "$url" "$(event 2)")" 401 \
    '{"response_code":400,"response":"Authentication Failure","status":"failure"}'
assert_answer "no key" "$(key='' && ask "$url" "$(event 2)")" 401 "Authentication Failure"
assert_answer "another type" "$(type=text/plain && ask "$url" "$(event 2)")" 415 failure
assert_answer "another method" "$(ask "$url" "$(event 2)" -X PUT)" 405 failure
assert_answer "another path" "$(ask "${url%usage}use" "$(event 2)")" 404 failure
assert_answer "a missing field" "$(ask "$url" '{"payload":{}}')" 400 payload.source
assert_answer "an unknown field" "$(ask "$url" "$(event 2 '"user":"bob"')")" 400 payload.user
assert_answer "no JSON" "$(ask "$url" 'payload')" 400 "not JSON"
head -c 1100000 /dev/zero | tr '\0' ' ' >"$work/large"
assert_answer "a body over 1 MiB" "$(ask "$url" "@$work/large")" 413 failure
assert_answer "the aggregated call" "$(ask "${url%usage}aggregateusage" \
    "$(event 3 '"mode":"DOMAIN","count":2' | sed 's/"user_id"/"user_agent"/')")" 200 success

say "a changed script holds from the next request on"
script '1 429 header='"'Retry-After: 7'"' body=html' '1 accept close' '1 close' '1 500' \
    '* has=slow ok delay=2s'
assert_answer "scripted status, header, body" "$(ask "$url" "$(event 4)" -D "$work/head")" 429 "<html>"
assert_in "Retry-After: 7" head
assert_answer "event taken, connection closed" "$(ask "$url" "$(event 5)")" 000 ""
assert_answer "connection closed" "$(ask "$url" "$(event 6)")" 000 ""
assert_answer "a status alone" "$(ask "$url" "$(event 7)")" 500 ""

say "a delayed answer delays no other"
start slow curl -s -m 10 --data "$(event slow)" -H 'X-API-KEY: secret' \
    -H 'Content-Type: application/json' "$url"
wait_until 5 is_in '"id":"slow"' record
assert_answer "meanwhile" "$(ask "$url" "$(event 8)")" 200 success
[ ! -s "$work/slow.out" ] || fail "the delayed answer came at once"
finish slow 10
assert_in success slow.out

say "a faulty script is said and not taken"
script '1 maybe'
assert_answer "as before" "$(ask "$url" "$(event 9)")" 200 success
assert_in "script:1:3: which answer?" endpoint.err

say "the summary adds up, and an id with two bodies is a failure"
stop endpoint
assert_equal "exit code" "$code" 1
assert_in "20 requests" endpoint.out
assert_in "8 events accepted, 6 of them distinct" endpoint.out
assert_in "1 repeated, byte for byte" endpoint.out
assert_in "1 repeated with another body: AN ERROR" endpoint.out
assert_in "4 answered by the script, 3 of them without taking the event" endpoint.out
assert_equal "recorded requests" "$(wc -l <"$work/record")" "$(awk '/ requests$/ {print $1}' "$work/endpoint.out")"
assert_equal "distinct ids recorded" "$(received_ids | tr '\n' ' ')" "1 3 5 8 9 slow "
