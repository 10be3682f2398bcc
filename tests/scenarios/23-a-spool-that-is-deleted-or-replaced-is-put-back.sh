#!/bin/sh
# The state directory is deleted, its files are removed or replaced by an older copy, all while running: put back, nothing lost, nothing sent again.
. "$(dirname "$0")/../support/scenario.sh"

status() { "$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"; }
has_waiting() { status && is_in "spool: $1 events waiting" status.out; }
put_back() { [ "$(said 'was deleted or replaced while it is in use')" -ge "$1" ]; }

start_endpoint
write_config
write_lines 1 1000
start_run
wait_until 20 has_received 1000
cp "$work/state/spool.db" "$work/older.db"
last=1000 times=0

# Some events wait in the spool when it happens, and only there.
happens() { # what, command...
    say "$1"
    shift
    script '* 500'
    write_lines $((last + 1)) 200
    last=$((last + 200)) times=$((times + 1))
    wait_until 20 has_waiting 200
    rm -f "$work/app.log"
    "$@"
    wait_until 30 put_back $times
    script
    wait_until 30 has_received $last
}
replace() { cp "$work/older.db" "$work/state/new" && mv "$work/state/new" "$work/state/spool.db"; }
replace_all() { replace && cp "$work/older.db" "$work/new" && mv "$work/new" "$work/state/spool.db-wal"; }

happens "the directory is deleted" rm -rf "$work/state"
happens "the database is deleted" rm "$work/state/spool.db"
happens "its log and the index of that are deleted" rm "$work/state/spool.db-wal" "$work/state/spool.db-shm"
happens "both locks are deleted" rm "$work/state/spool.lock" "$work/state/lock"
happens "the database is replaced by an older copy" replace
happens "the database and its log are replaced" replace_all
assert_delivered 1 $last
assert_equal "sent more than once" "$(count_outcome repeated)" 0
[ -e "$work/state/spool.damaged-1.db" ] || fail "what stood in the way was not kept"

say "a second instance finds the lock that was taken again"
"$SHIPPER" run --once --state "$work/state" --config "$work/config.yaml" 2>"$work/second.err" &
second=$!
wait_until 20 is_in "is in use by process" second.err
kill "$second"
wait "$second" 2>/dev/null || true

stop run
assert_equal "exit code" "$code" 0
assert_in "$last delivered" run.err
