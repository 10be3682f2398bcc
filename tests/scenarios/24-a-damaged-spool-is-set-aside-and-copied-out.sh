#!/bin/sh
# A spool that is emptied, overwritten or damaged here and there is set aside; what can be read is kept, the rest is read again, and no event comes altered.
. "$(dirname "$0")/../support/scenario.sh"

status() { "$SHIPPER" status --config "$work/config.yaml" >"$work/status.out" 2>&1 || true; }
has_read() {
    status
    is_in "lines: $1 read" status.out
}
size() { wc -c <"$work/state/spool.db"; }
rescued() { [ "$(said 'the damaged spool is set aside')" -ge "$1" ]; }

start_endpoint
script '* 500'
write_config
last=0 times=0

# Stopped with events in the spool, damaged, started again.
happens() { # what, command...
    say "$1"
    shift
    write_lines $((last + 1)) 500
    last=$((last + 500)) times=$((times + 1))
    start_run
    wait_until 20 has_read $last
    stop run
    "$@"
    script
    start_run
    wait_until 20 rescued $times
    wait_until 30 has_received $last
    script '* 500'
    stop run
}
empty() { : >"$work/state/spool.db"; }
zeros() { head -c "$(size)" /dev/zero >"$work/state/spool.db"; }
random() { head -c "$(size)" /dev/urandom >"$work/state/spool.db"; }
# The first bytes of a page say what is in it.
heads() { # every how many pages, from which
    page=$2
    while [ $((page * 8192)) -lt "$(size)" ]; do
        printf 'XXXX' | dd of="$work/state/spool.db" bs=1 seek=$((page * 8192)) conv=notrunc 2>/dev/null
        page=$((page + $1))
    done
}
happens "emptied" empty
happens "NULs" zeros
happens "random bytes" random
happens "the first page is damaged" heads 1000000 0
has_said '.db: 500 waiting and 0 rejected events and ' || fail "the events behind it are not saved"
happens "every second page is damaged" heads 2 2
happens "each page is damaged" heads 1 0

say "while running"
script
start_run
wait_until 20 has_said "running:"
random
write_lines $((last + 1)) 500
last=$((last + 500))
wait_until 30 has_received $last
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $last
assert_equal "rescued" "$(find "$work/state" -name 'spool.damaged-*.db' | wc -l)" \
    "$(said 'the damaged spool is set aside')"
