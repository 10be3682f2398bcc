# Sourced after scenario.sh: how much memory the processes of `run` have ever had,
# and whether its reader has come to the end of all files.
#
# shellcheck shell=sh

assert_memory_below() { # KiB
    for pid in $(pgrep -P "$run_pid"); do
        peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
        say "process $pid had at most $peak KiB"
        [ "$peak" -lt "$1" ] || fail "more than $1 KiB"
    done
}

# The ledger counts each file to its end.
has_read_all() {
    "$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json" 2>/dev/null &&
        ! grep -q '"not_yet_read":[1-9]' "$work/status.json"
}
