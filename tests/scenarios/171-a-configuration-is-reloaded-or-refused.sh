#!/bin/sh
# A reload takes a good configuration at once and refuses a bad one with its reason, during load and outages; no line is lost, doubled or counted anew.
. "$(dirname "$0")/../support/scenario.sh"

RELOADS=${RELOADS:-12} # 100 in the long version
reload() { # file for what it prints
    code=0
    "$SHIPPER" reload --config "$work/config.yaml" >"$work/$1" 2>&1 || code=$?
}
reloads() { said '\(not \)\?reloaded'; }
has_reloaded() { [ "$(reloads)" -gt "$1" ]; } # times before

start_endpoint
write_config
cp "$work/config.yaml" "$work/good.yaml"
cp "$work/acme.yaml" "$work/acme.good"
reload nobody.out
assert_equal "without a service" $code 71
assert_in 'no service runs in' nobody.out

say "a SIGHUP that comes before the service works waits for it"
mkdir -m 700 "$work/state"
exec 9>"$work/state/lock"
flock 9
start_run 9>&-
has_lock_open() { ls -l "/proc/$run_pid/fd" | grep -q 'state/lock$'; }
wait_until 10 has_lock_open
kill -HUP "$run_pid"
exec 9>&-
wait_until 20 has_said 'reloaded: 1 input is in force'
write_lines 1 50
wait_until 20 has_accepted 50

say "torture 49: a broken file, and one that is missing"
position() { "$SHIPPER" status --state "$work/state" --json | jq -e '.sources[0].position'; }
position=$(position)
echo 'bogus: 1' >>"$work/config.yaml"
reload broken.out
assert_equal "exit code" $code 78
assert_in 'unknown key "bogus"' broken.out
assert_in 'the configuration before stays in force' broken.out
mv "$work/acme.yaml" "$work/away.yaml"
cp "$work/good.yaml" "$work/config.yaml"
reload missing.out
assert_equal "exit code" $code 78
assert_in 'acme.yaml' missing.out
mv "$work/away.yaml" "$work/acme.yaml"
sed "s|^state_dir:.*|state_dir: $work/other|" "$work/good.yaml" >"$work/config.yaml"
code=0
"$SHIPPER" reload --state "$work/state" >"$work/moved.out" 2>&1 || code=$?
assert_equal "exit code" $code 78
assert_in 'Another state directory needs a restart' moved.out
cp "$work/good.yaml" "$work/config.yaml"

say "torture 50: a sample that fails"
sed 's/{user_id: user17,/{user_id: user18,/' "$work/acme.good" >"$work/acme.yaml"
reload sample.out
assert_equal "exit code" $code 78
assert_in 'rule "request": user_id is "user17", the sample wants "user18"' sample.out
cp "$work/acme.good" "$work/acme.yaml"
assert_complaints 4
assert_equal "position after what was refused" "$(position)" "$position"
write_lines 51 50
wait_until 20 has_accepted 100

say "torture 51: rules change while events wait, during an outage"
script '* 503'
write_lines 101 50
waits() { "$SHIPPER" status --config "$work/config.yaml" --json | jq -e '.spool.waiting >= 50' >/dev/null; }
wait_until 20 waits
position=$(position)
complaints=$(said ': error: not reloaded')
echo 'bogus: 1' >>"$work/config.yaml"
reload outage.out
assert_equal "torture 49: exit code in an outage" $code 78
assert_equal "what is said of it" "$(said ': error: not reloaded')" $((complaints + 1))
assert_equal "position" "$(position)" "$position"
cp "$work/good.yaml" "$work/config.yaml"
sed 's/activity_type: REQUEST/activity_type: CALL/' "$work/acme.good" >"$work/acme.yaml"
reload changed.out
assert_equal "exit code" $code 0
assert_in 'reloaded: 1 input is in force' changed.out
script
write_lines 151 50
wait_until 30 has_accepted 200
assert_equal "events of the rule before" "$(grep '^{"outcome":"accepted"' "$work/record" | grep -c '\\"REQUEST\\"')" 150
assert_equal "events of the rule after" "$(grep '^{"outcome":"accepted"' "$work/record" | grep -c '\\"CALL\\"')" 50
cp "$work/acme.good" "$work/acme.yaml"

say "torture 49: a hundred SIGHUPs in a second"
before=$(reloads)
for _ in $(seq 100); do kill -HUP "$run_pid"; done
wait_until 20 has_reloaded "$before"
write_lines 201 50
wait_until 20 has_accepted 250
[ $(($(reloads) - before)) -le 12 ] || fail "a hundred signals were $(($(reloads) - before)) reloads"

say "$RELOADS reloads while lines are written, every fourth broken"
start writer "$TOOLS/log_writer" "$work/app.log" 251 $((RELOADS * 400)) 4000
for i in $(seq "$RELOADS"); do
    [ $((i % 4)) -ne 0 ] || echo 'bogus: 1' >>"$work/config.yaml"
    reload load.out
    if [ $((i % 4)) -ne 0 ]; then assert_equal "reload $i" $code 0; else assert_equal "reload $i" $code 78; fi
    cp "$work/good.yaml" "$work/config.yaml"
done
finish writer 60
last=$((250 + RELOADS * 400))
wait_until 60 has_accepted $last
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $last
assert_equal "events that came twice" "$(count_outcome repeated)" 0
