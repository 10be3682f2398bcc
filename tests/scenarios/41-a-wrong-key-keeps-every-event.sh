#!/bin/sh
# A key that becomes wrong: said once, nothing lost or set aside, slow probes with other events, goes on with the new key.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint --key secret
write_config
start_run
write_lines 1 100
wait_until 20 has_received 100

say "the key is revoked"
stop endpoint
: >"$work/record.before"
mv "$work/record" "$work/record.before"
start_endpoint --key changed
write_lines 101 300
wait_until 20 is_in "until the key in $work/key is changed" run.err
asked=$(wc -l <"$work/record") # as many as were in flight at once
wait_until 20 has_lines record $((asked + 3))
assert_equal "events accepted with the old key" "$(count_outcome accepted)" 0
twice=$(grep -o '"id":"[0-9a-f]*"' "$work/record" | sort | uniq -d | wc -l)
assert_equal "events asked for twice" "$twice" 0

say "the key file is changed, and nothing is restarted"
(umask 077 && echo changed >"$work/key.new" && mv "$work/key.new" "$work/key")
received_all() { [ "$(count_outcome accepted)" -ge 300 ]; }
wait_until 20 received_all
stop run
assert_equal "exit code" "$code" 0
assert_in 'events: 400 found, 400 delivered, 0 rejected, 0 waiting' run.err
assert_equal "times it is said" "$(grep -c 'sender: error: API key refused' "$work/run.err")" 1
assert_in 'the API key was changed, trying the new one' run.err
assert_not_in secret run.err
cat "$work/record.before" >>"$work/record"
assert_delivered 1 400
