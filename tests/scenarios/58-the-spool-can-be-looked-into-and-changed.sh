#!/bin/sh
# spool: what waits and what was refused, shown, exported, tried again, dropped, beside a running service and on a copy; damage is found and repaired.
. "$(dirname "$0")/../support/scenario.sh"

spool() { "$SHIPPER" spool --config "$work/config.yaml" "$@"; }
wants() { # code, words, argument...
    wanted=$1 words=$2
    shift 2
    code=0
    spool "$@" >"$work/spool.out" 2>&1 || code=$?
    assert_equal "exit code of spool $*" "$code" "$wanted"
    assert_in "$words" spool.out
}
waits() { spool list --json | jq -e ".waiting == $1" >/dev/null; }

start_endpoint --key sesame
script '* has=user7" 400 body=failure' '* has=user8" 413 body=html'
write_config
echo sesame >"$work/key"
write_lines 1 20
start_run
wait_until 20 has_accepted 18
wait_until 20 has_said 'event [0-9a-f]* rejected'
# The second of them may still be held until the first is known to be at fault.
two_rejected() { spool list --json | jq -e '.rejected == 2' >/dev/null; }
wait_until 20 two_rejected

say "what was refused, beside the running service"
wants 0 '0 waiting, 2 rejected, 0 damaged; 18 delivered, 0 dropped, 0 lost'
assert_in "in use by process $run_pid" spool.out
assert_in 'HTTP 400, the API says "Scripted Failure"' spool.out
assert_in user7 spool.out
wants 0 user8 list --status 413
assert_not_in user7 spool.out
id=$(spool export --user user7 | jq -r .id)
wants 0 'rejected at 20' show "$(echo "$id" | cut -c 1-6)"
assert_in "POST $url" spool.out
assert_in '"user_id": "user7"' spool.out
assert_in 'X-API-KEY: (not kept here)' spool.out
assert_in '"response":"Scripted Failure"' spool.out
! grep -rq sesame "$work/spool.out" "$work/state" || fail "the key is in the spool"

say "exported as JSON lines: the request as it was posted"
spool export --user user7 | jq -cS .request >"$work/exported"
grep '"outcome":"scripted".*user7' "$work/record" | head -n 1 | jq -r .body | jq -cS . >"$work/posted"
cmp "$work/exported" "$work/posted" || fail "the exported request is not the posted one"
assert_equal "lines exported" "$(spool export --rejected | jq -s length)" 2

say "what makes no sense is refused"
wants 64 'needs ids, or --all' drop
wants 64 'needs ids' show
wants 64 'did you mean drop?' drpo
wants 64 'too short' show abc
wants 64 'only rejected events' retry --waiting
wants 1 'no such event' show ffffffffffff
wants 71 'Stop that usage-shipper first' repair

say "tried again once the endpoint takes them: same id and body"
script ''
wants 0 '1 event waits again' retry "$id"
wants 0 '1 event waits again' retry
wait_until 20 has_received 20
assert_delivered 1 20

say "all of it beside a service that is busy"
write_lines 21 3000
for _ in 1 2 3 4 5 6; do
    for verb in list export check compact retry; do
        spool $verb --all >"$work/busy.out" 2>"$work/busy.err" ||
            fail "spool $verb beside the service: $(cat "$work/busy.err")"
    done
done
wait_until 20 has_accepted 3020
assert_delivered 1 3020
! grep -q 'sender: error\|reader: error' "$work/run.err" || fail "the service complained"
numbered=3021

say "where nothing has run"
code=0
"$SHIPPER" spool --state "$work/nowhere" >"$work/spool.out" 2>&1 || code=$?
assert_equal "exit code" "$code" 71
assert_in 'nothing has run in' spool.out

say "dropped while they wait, with the service stopped"
script '* 503'
write_lines $numbered 30
wait_until 20 waits 30
stop run
wants 0 'dropped: 1 waiting, 0 rejected, 0 damaged' drop --all --user user25
wants 0 '29 waiting, 0 rejected, 0 damaged; 3020 delivered, 1 dropped' list
wants 0 'ok    waiting   29' check

say "on a copy, wherever it is"
mkdir "$work/elsewhere"
copy="$work/elsewhere/a copy? 100%.db#1"
cp "$work/state/spool.db" "$copy"
"$SHIPPER" spool --file "$copy" >"$work/copy.out"
assert_in '29 waiting' copy.out
"$SHIPPER" spool drop --all --file "$copy" >"$work/copy.out"
assert_in 'dropped: 29 waiting' copy.out
assert_equal "files beside the copy" "$(find "$work/elsewhere" -type f)" "$copy"
wants 0 '29 waiting' list

say "damage is found, and repaired with what is sound"
sqlite3 "$work/state/spool.db" \
    "UPDATE event SET body = replace(body, '198.51.100', '203.0.113') WHERE body LIKE '%user30\"%'"
wants 1 'BAD   waiting   29, 1 not as they were written' check
wants 0 'a new spool: 28 waiting, 0 rejected, 1 damaged' repair
assert_in 'the old one is kept as' spool.out
wants 0 'nothing to repair' repair
wants 0 'ok    waiting   28' check
wants 0 'damaged: what is here is not what was written' show --damaged --all
wants 0 'MiB now' compact
script ''
start_run
wait_until 20 has_received 3048
stop run
assert_equal "exit code" "$code" 0
! grep -q '203\.0\.113' "$work/record" || fail "an altered event was sent"
wants 0 'dropped: 0 waiting, 0 rejected, 1 damaged' drop --damaged --all

if [ "$(id -u)" = 0 ]; then
    say "what root repairs stays the service's"
    chmod 755 "$work"
    chown -R 65534:65534 "$work/state"
    sqlite3 "$work/state/spool.db" "UPDATE totals SET waiting = 7"
    wants 0 'a new spool: 0 waiting' repair
    wants 0 'MiB now' compact
    assert_equal "files of root" "$(find "$work/state" ! -user 65534)" ""
fi
