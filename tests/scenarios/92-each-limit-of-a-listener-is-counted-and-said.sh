#!/bin/sh
# Lying counts, split frames, messages too long, peers not allowed, too many or too fast or idle: bounded, counted, said.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"

tcp=$listen_port strict=$((listen_port + 6000))
start_endpoint
start_listening "tcp: $tcp, max_message: 1KiB, max_connections: 2, idle: 2s" \
    "udp: $tcp, rate: 10" "tcp: $strict, allow: 192.0.2.0/24" "udp: $strict, allow: [192.0.2.7]" \
    "unix_dgram: $work/dgram"
to_tcp() { nc -N 127.0.0.1 "$tcp" >/dev/null; } # standard input is what is sent

"$TOOLS/syslog_sender" split "$tcp" 1 200 0 >/dev/null
wait_until 10 has_received 200
say "frames split at every byte are whole messages"

message 201 | to_tcp
printf '%s\n%s' "$(message 202)" "$(counted 203)" | to_tcp
wait_until 10 has_received 202
received_numbers | grep -qx 203 && fail "text of a line was taken for a frame"
say "a sender without a newline is heard when it closes"

# Ten bytes too many, and too few: one message each pays for it.
{ counted 204 && printf '%d %s' "$(($(message 205 | wc -c) + 10))" "$(message 205)" &&
    counted 206 && counted 207; } | to_tcp
{ printf '%d %s' "$(($(message 208 | wc -c) - 20))" "$(message 208)" && counted 209; } | to_tcp
wait_until 10 is_counted "tcp 127.0.0.1:$tcp" out_of_sync 2
for number in 204 207 209; do
    received_numbers | grep -qx $number || fail "message $number was lost with its neighbour"
done
say "a count that lies costs no more than its neighbour"

{ printf '%s ' "$(message 210)" && head -c 5000 /dev/zero | tr '\0' x && echo && message 211; } | to_tcp
wait_until 10 is_counted "tcp 127.0.0.1:$tcp" cut 1
{ printf '<13>acme: %s ' "$(request 212)" && head -c 200000 /dev/zero | tr '\0' x; } >"$work/long"
logger -u "$work/dgram" -t acme --size 250000 -f "$work/long"
wait_until 10 is_counted unix_dgram cut 1
wait_until 10 has_received 207
say "messages too long are cut, a datagram of 200 KB too"

# Two connections that say nothing, and a third; then the two are idle for too long.
start first nc -d 127.0.0.1 "$tcp"
start second nc -d 127.0.0.1 "$tcp"
wait_until 10 sh -c "ss -tn 'dport = :$tcp' | grep -c ESTAB | grep -qx 2"
message 213 | to_tcp || true
wait_until 10 is_counted "tcp 127.0.0.1:$tcp" over_connections 1
wait_until 10 is_counted "tcp 127.0.0.1:$tcp" idle_closed 2
finish first 10
finish second 10
message 214 | to_tcp
wait_until 10 has_received 208
say "too many connections are refused, idle ones closed"

message 215 | nc -N 127.0.0.1 "$strict" >/dev/null || true
logger -n 127.0.0.1 -P "$strict" --udp "$(request 216)"
wait_until 10 is_counted "tcp 127.0.0.1:$strict" not_allowed 1
wait_until 10 is_counted "udp 127.0.0.1:$strict" not_allowed 1
"$TOOLS/syslog_sender" udp "$tcp" 300 100 0 >/dev/null
wait_until 10 is_counted "udp 127.0.0.1:$tcp" over_rate 80
has_received 229 && fail "more came through than the rate lets"
say "peers that are not allowed, or too fast, are dropped"

for name in "no message where" "longer than max_message" "over max_connections" \
    "leaves out" "over .rate."; do
    has_said "$name" || fail "nothing is said of: $name"
done
"$SHIPPER" status --state "$work/state" >"$work/status.out" || fail "status finds something wrong"
assert_in "every byte is accounted for" status.out
assert_in " over connections" status.out
stop run
assert_equal "exit code" "$code" 0
