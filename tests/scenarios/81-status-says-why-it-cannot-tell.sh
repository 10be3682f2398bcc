#!/bin/sh
# No state, no permission, a newer or damaged spool, a broken ledger: `status` says so, disturbs nobody, and mends nothing.
. "$(dirname "$0")/../support/scenario.sh"

status() { # [option...]; exit code in $code
    code=0
    "$SHIPPER" status "$@" >"$work/status.out" 2>"$work/status.err" || code=$?
}

start_endpoint
write_config
write_lines 1 20

say "usage"
status --nonsense
assert_equal "exit code" "$code" 64
assert_in 'unknown option "--nonsense"' status.err
status --help
assert_equal "exit code" "$code" 0
assert_in "usage: usage-shipper status" status.out

say "no state yet, and looking makes none"
status --config "$work/config.yaml"
assert_equal "exit code" "$code" 71
assert_in "nothing has run in $work/state yet" status.err
[ ! -e "$work/state" ] || fail "status has made the state directory"

say "beside a writer that holds the spool's lock"
start_run
wait_until 20 has_received 20
exec 9<>"$work/state/spool.lock"
flock 9
status --config "$work/config.yaml"
exec 9>&-
assert_equal "exit code" "$code" 0
assert_in "every byte is accounted for" status.out
assert_in "lines: 20 read, 20 matched" status.out

say "as somebody who may not"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$work"
    cp "$SHIPPER" "$work/shipper"
    code=0
    setpriv --reuid 65534 --regid 65534 --clear-groups "$work/shipper" status \
        --state "$work/state" >"$work/status.out" 2>"$work/status.err" || code=$?
    assert_equal "exit code" "$code" 71
    assert_in "Permission denied" status.err
    assert_in "hint: Run it as the user that usage-shipper runs as, or as root." status.err
else
    say "(not tried: needs root and setpriv)"
fi

say "stopped, and looked at without the configuration"
stop run
status --state "$work/state"
assert_equal "exit code" "$code" 0
assert_in "not running" status.out

say "a ledger that is wrong is found and shouted"
sqlite3 "$work/state/spool.db" "UPDATE ledger SET bytes = bytes - 17 WHERE class = 'matched'"
status --config "$work/config.yaml"
assert_equal "exit code" "$code" 1
assert_in "DOES NOT ADD UP: 17 bytes are in no class" status.out
sqlite3 "$work/state/spool.db" "UPDATE ledger SET bytes = bytes + 17 WHERE class = 'matched'"
status --config "$work/config.yaml"
assert_equal "exit code" "$code" 0

say "a newer spool"
sqlite3 "$work/state/spool.db" "PRAGMA user_version = 99"
status --config "$work/config.yaml"
assert_equal "exit code" "$code" 78
assert_in "newer usage-shipper" status.err

say "a damaged one"
rm -f "$work/state/spool.db-wal" "$work/state/spool.db-shm"
head -c 100000 /dev/urandom >"$work/state/spool.db"
status --config "$work/config.yaml"
assert_equal "exit code" "$code" 71
assert_in "is damaged" status.err
