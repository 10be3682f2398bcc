#!/bin/sh
# Torture 72: a rule file, a configuration or a key that others may change or read is said and used nevertheless; our own log has the form that the configuration asks for.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config 'log: {format: json}'
chmod 666 "$work/acme.yaml"
chmod 644 "$work/key"
write_lines 1 10
start_run
wait_until 20 has_accepted 10
stop run
assert_equal "exit code" "$code" 0
assert_in "warning: everyone on this host can change $work/acme.yaml" run.err
assert_in 'chmod o-w' run.err
assert_in "everyone on this host can read the API key in $work/key" run.err

say "every line of the log is an object"
grep '^{' "$work/run.err" >"$work/json"
jq -es 'all(.[]; .time and .level and .process and .message)' "$work/json" >/dev/null || fail "no JSON: $(cat "$work/json")"
assert_equal "processes that speak" "$(jq -r .process "$work/json" | sort -u | tr '\n' ' ')" "reader sender supervisor "
assert_not_in secret run.err

say "levels"
chmod 600 "$work/key" "$work/acme.yaml"
sed -i 's/^log:.*/log: {format: logfmt, level: warning}/' "$work/config.yaml"
: >"$work/run.err"
start_run
write_lines 11 10
wait_until 20 has_accepted 20
stop run
assert_equal "lines below a warning" "$(wc -l <"$work/run.err")" 0

[ "$(id -u)" = 0 ] || exit 0
say "files of another user"
chown 12345 "$work/config.yaml" "$work/acme.yaml"
"$SHIPPER" check "$work/config.yaml" >"$work/check.out" 2>&1 || fail "check refuses: $(cat "$work/check.out")"
assert_in "warning: $work/config.yaml belongs to another user (12345), who can change it" check.out
assert_in "warning: $work/acme.yaml belongs to another user (12345), who can change it" check.out
