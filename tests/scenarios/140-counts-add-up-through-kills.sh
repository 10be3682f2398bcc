#!/bin/sh
# Killed with -9 and reloaded at random while it counts two logs over a rotation, the counts add up to the lines, and no id has two bodies.
. "$(dirname "$0")/../support/scenario.sh"

steps=${STEPS:-30} kills=${KILLS:-15} lines=200
seed=${SEED:-$(date +%s)}
echo "SEED=$seed KILLS=$kills STEPS=$steps repeats this choice of victims and moments"

# Sets $drawn to 0 to $1-1.
draw() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}
start_anew() { start run "$SHIPPER" run --config "$work/config.yaml"; }
find_reader() { victim=$(pgrep -P "$run_pid" -x shipper-reader); }
kill_one() {
    draw 3
    if [ "$drawn" -eq 1 ]; then
        wait_until 60 find_reader # a process that has just begun would end of it
        echo "# changed" >>"$work/calls.yaml"
        kill -HUP "$run_pid"
    elif [ "$drawn" -eq 0 ]; then
        kill -9 "$run_pid" 2>/dev/null || fail "the supervisor had ended by itself"
        wait "$run_pid" 2>/dev/null || true
        start_anew
    else
        wait_until 60 find_reader
        kill -9 "$victim" 2>/dev/null || true # a reload may have ended it just now
    fi
}
# Lines of one log: some seconds apart, now and then one that is late.
write_calls() { # log, first
    awk -v name="$1" -v first="$2" -v lines=$lines 'BEGIN {
        for (i = first; i < first + lines; i++) {
            at = i % 17 == 0 && i > 100 ? i - 90 : i
            printf "2024-11-23T%02d:%02d:%02dZ %s acme[7]: call from 198.51.100.%d\n",
                at / 3600, at / 60 % 60, at % 60, name, i % 7 + 1
        }
    }' >>"$work/logs/$1"
}
# What arrived: id, address, count, each id once.
received_counts() {
    sed -n 's/^{"outcome":"\(accepted\|repeated\)","id":"\([^"]*\)".*\\"count\\":\([0-9]*\),.*\\"ip_addr\\":\\"\([^\\]*\)\\".*/\2 \4 \3/p' \
        "$work/record" | sort -u
}
count_lines() { awk '{ n[$NF]++ } END { for (ip in n) print ip, n[ip] }' "$work"/logs/* | sort; }
sum_counts() { awk '{ n[$2] += $3 } END { for (ip in n) print ip, n[ip] }' | sort; }

mkdir "$work/logs"
start_endpoint
write_config "inputs:" "  - {file: $work/logs/*.log*, rules: $work/calls.yaml, start: beginning}"
cat >"$work/calls.yaml" <<'RULES'
product: acme
format: syslog
rules:
  - name: call
    match: '^call from %{IP:ip}'
    count: {every: 1m, by: [ip_addr], grace: 10s}
    event: {activity_type: API_CALL, ip_addr: '${ip}', user_agent: acme}
    samples:
      - line: '2024-11-23T10:11:12Z app1 acme[7]: call from 198.51.100.17'
        event: {ip_addr: 198.51.100.17, count: 1, event_at: '2024-11-23T10:11:00Z'}
RULES
start_anew
i=0 killed=0
while [ $i -lt "$steps" ]; do
    write_calls a.log $((i * lines))
    write_calls b.log $((i * lines))
    draw 60
    sleep "0.0$drawn"
    draw "$steps"
    [ "$drawn" -ge "$kills" ] || { kill_one && killed=$((killed + 1)); }
    i=$((i + 1))
    [ $i -ne $((steps / 2)) ] || mv "$work/logs/a.log" "$work/logs/a.log.1"
done
say "killed or reloaded $killed times over $((2 * steps * lines)) lines"
# A line of a later hour ends every window before it.
for log in a b; do
    echo "2024-11-23T23:00:00Z $log acme[7]: call from 198.51.100.99" >>"$work/logs/$log.log"
done
# Its own window stays open, in both logs.
adds_up() {
    count_lines | grep -v '100\.99 ' >"$work/wanted"
    received_counts | sum_counts >"$work/got"
    cmp -s "$work/wanted" "$work/got"
}
wait_until 60 adds_up
stop run
assert_equal "exit code" "$code" 0
assert_equal "number of ids with two bodies" "$(count_outcome different)" 0
assert_equal "number of requests refused by the contract" "$(count_outcome refused)" 0
say "$(received_counts | wc -l) counts, $(count_outcome repeated) delivered again"

say "every line is in the ledger as matched"
"$SHIPPER" status --config "$work/config.yaml" >"$work/status"
assert_in "every byte is accounted for" status
assert_in "$(cat "$work"/logs/* | wc -l) matched, 0 incomplete" status

say "what is open is sent by a run that ends by itself"
"$SHIPPER" run --once --config "$work/config.yaml" --state "$work/state" >"$work/once.out" 2>&1
count_lines >"$work/wanted"
received_counts | sum_counts >"$work/got"
cmp -s "$work/wanted" "$work/got" || fail "$(diff "$work/wanted" "$work/got")"
assert_equal "number of ids with two bodies" "$(count_outcome different)" 0
