#!/bin/sh
# A line on which a pattern would run for ever is counted, the rule is suspended after ten of them, and every other rule goes on, with machine code and without.
. "$(dirname "$0")/../support/scenario.sh"

head -c 30000 /dev/zero | tr '\0' a >"$work/long"
echo >>"$work/long"
awk '{
    long = $0
    for (i = 1; i <= 24; i++) {
        printf "2026-11-23T10:11:%02dZ app1 acme[7]: request %d by user%d from 203.0.113.7\n", i, i, i
        if (i <= 12) printf "time %sb\n", long
        else printf "room %s\n", long
    }
}' "$work/long" >"$work/app.log"
cat >"$work/slow.yaml" <<'RULES'
product: slow
format: plain
rules:
  - name: time
    match: '^time (?<user>(a+)+)$'
    event: {activity_type: X, user_id: '${user}', ip_addr: '${self.ip}'}
    samples: [{line: time aaa, event: {user_id: aaa}}]
  - name: room
    match: '^room (?<user>(?:(a)|b)*[cd])$'
    event: {activity_type: X, user_id: '${user}', ip_addr: '${self.ip}'}
    samples: [{line: room abc, event: {user_id: abc}}]
RULES
start_endpoint
write_config "inputs: [{file: $work/app.log, rules: [$work/acme.yaml, $work/slow.yaml], start: beginning}]"

once() { # command...
    rm -rf "$work/state" "$work/run.out" "$work/run.err"
    start run "$@" "$SHIPPER" run --once --config "$work/config.yaml"
    finish run 30
    assert_equal "exit code" "$code" 0
    assert_in 'lines: 48 read, 24 matched, 0 incomplete, 24 rule error,' run.out
    for rule in time room; do
        assert_equal "what is said of $rule" "$(grep -c "rule slow/$rule ran into the limits of its pattern 10 times" "$work/run.err")" 1
    done
}

say "torture 45, 48: as this machine runs patterns"
once env
assert_equal "events" "$(count_outcome accepted)" 24

say "torture 46: without machine code"
once env LD_PRELOAD="$TOOLS/no_machine_code.so"
assert_equal "events, as before" "$(count_outcome repeated)" 24

say "check shows such a line"
"$SHIPPER" check "$work/slow.yaml" >"$work/check.out"
assert_in 'slow.yaml:5:27: warning: this can read one text in so many ways' check.out
