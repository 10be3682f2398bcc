#!/bin/sh
# A process is killed at the n-th durable step: of a first start, at work, setting a damaged spool aside. It starts again, and every event arrives under one id.
. "$(dirname "$0")/../support/scenario.sh"

STEPS=${STEPS:-} # every step with "all"; otherwise some of them
fault=$work/fault
steps_done() { wc -c <"$fault.count"; }

# Killed at that step; started again until it ends by itself, without a fault.
survives() { # step
    rm -f "$fault.count"
    : >"$fault.count"
    echo "kill $1" >"$fault"
    code=0
    LD_PRELOAD="$TOOLS/disk_fault.so" DISK_FAULT="$fault" timeout 60 "$SHIPPER" run --once \
        --state "$work/state" --config "$work/config.yaml" >>"$work/run.out" 2>>"$work/run.err" || code=$?
    killed=$(steps_done)
    : >"$fault"
    [ $code = 0 ] || timeout 60 "$SHIPPER" run --once --state "$work/state" \
        --config "$work/config.yaml" >>"$work/run.out" 2>>"$work/run.err" ||
        fail "step $1: it does not start again"
    has_accepted $last || fail "step $1: of $last events $(count_outcome accepted) arrived"
    [ "$(sqlite3 "$work/state/spool.db" 'SELECT count(*) FROM event')" = 0 ] || fail "step $1: events left"
}

# Each step of what $1 makes ready, until there are no more.
each_step_of() { # what, made ready by
    step=1
    while :; do
        "$2"
        write_lines $((last + 1)) 20
        last=$((last + 20))
        survives $step
        [ "$killed" -ge $step ] || break
        if [ "$STEPS" = all ]; then step=$((step + 1)); else step=$((step + 1 + step / 2)); fi
    done
    say "$1: $step steps"
    [ $step -gt 8 ] || fail "there must be more steps in it"
}

# The log is a new one too, or there would be more to do, and more steps, each time.
no_state() { rm -rf "$work/state" "$work/app.log"; }
old_state() { :; }
damaged_state() {
    # Events that nobody has taken yet stand in it.
    write_lines $((last + 1)) 20
    last=$((last + 20))
    script '* 500'
    timeout 20 "$SHIPPER" run --once --state "$work/state" --config "$work/config.yaml" \
        >>"$work/run.out" 2>>"$work/run.err" &
    pid=$!
    wait_until 20 waits
    kill $pid
    wait $pid || true
    script
    # What is damaged are the counts: the events can all be saved.
    page=$(sqlite3 "$work/state/spool.db" "SELECT rootpage - 1 FROM sqlite_master WHERE name = 'totals'")
    printf 'XXXX' | dd of="$work/state/spool.db" bs=1 seek=$((page * 8192)) conv=notrunc 2>/dev/null
}
waits() { [ "$(sqlite3 "$work/state/spool.db" 'SELECT count(*) FROM event' 2>/dev/null)" = 20 ]; }

start_endpoint
write_config
last=0
each_step_of "a first start" no_state
each_step_of "at work" old_state
each_step_of "setting a damaged spool aside" damaged_state
[ -e "$work/state/spool.damaged-1.db" ] || fail "no spool was set aside"
assert_delivered 1 $last
