#!/bin/sh
# Endpoint down, 500, 429 with Retry-After, a portal's page, no answer: all kept, each said once, all delivered.
. "$(dirname "$0")/../support/scenario.sh"

endings() { said 'endpoint takes events again'; }
has_ended() { [ "$(endings)" -ge "$1" ]; }
last=0
add_lines() { # number
    write_lines $((last + 1)) "$1"
    last=$((last + $1))
}

start_endpoint --key secret
stop endpoint
write_config
start_run
add_lines 200
wait_until 10 is_in 'sender: warning: Failed to connect' run.err
say "while it is down, the log goes on"
add_lines 200
start_endpoint --key secret
wait_until 20 has_received 400
wait_until 10 has_ended 1
assert_complaints 1

trouble() { # name, what the log says of it, script line
    script "$3"
    asked=$(wc -l <"$work/record")
    add_lines 100
    wait_until 10 has_lines record $((asked + 5))
    wait_until 10 has_said "$2"
    before=$(endings)
    script ''
    wait_until 20 has_received "$last"
    wait_until 10 has_ended $((before + 1))
    say "$1: $(grep -e "$2" "$work/run.err" | sed 's/.*sender: //')"
}
trouble "500" 'HTTP 500, no body, retrying in ' '* 500'
trouble "no answer" '\(Empty reply\|Connection died\).*, retrying in ' '* close'
trouble "a portal's page" "HTTP 200 but not the API's answer: \"<" '* 200 body=html'
trouble "an empty answer" "HTTP 204 but not the API's answer: no body" '* 204'
assert_complaints 5

say "429: nothing is asked before Retry-After is over"
script "1 429 header='Retry-After: 2'"
add_lines 100
wait_until 20 has_received "$last"
refused_ms=$(sed -n 's/.*"status":429,"at_ms":\([0-9]*\).*/\1/p' "$work/record")
after_ms=$(sed -n 's/.*"at_ms":\([0-9]*\).*/\1/p' "$work/record" | sort -n |
    awk -v t="$refused_ms" '$1 > t + 500 {print $1 - t; exit}')
[ "$after_ms" -ge 1990 ] || fail "asked again after $after_ms ms"

stop run
assert_equal "exit code" "$code" 0
assert_in "events: $last found, $last delivered, 0 rejected, 0 waiting" run.err
assert_delivered 1 "$last"
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0
