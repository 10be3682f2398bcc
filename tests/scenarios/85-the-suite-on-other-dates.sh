#!/bin/sh
# The tests that look at a clock, and every sample, around New Year, on 29 February and after 2038: none depends on today.
. "$(dirname "$0")/../support/scenario.sh"

units=$(dirname "$TOOLS")
shift_to() { # UTC time
    CLOCK_SHIFT_S=$(($(date -d "$1" +%s) - $(date +%s)))
    export CLOCK_SHIFT_S
}
as_of_then() { LD_PRELOAD=$TOOLS/shifted_clock.so "$@"; }

cd "$(dirname "$0")/../.."
for moment in 2026-12-31T23:59:58Z 2027-01-01T00:00:30Z 2028-02-29T12:00:00Z 2038-02-01T00:00:00Z; do
    shift_to "$moment"
    assert_equal "the day then" "$(as_of_then date +%F)" "$(date -d "$(date -d "$moment" +%F)" +%F)"
    for unit in ${UNITS_THEN:-"$units"/parsers/test_* "$units"/shipper/test_file_clock "$units"/shipper/test_file_source}; do
        [ -x "$unit" ] && [ -f "$unit" ] || continue
        case $unit in *.o | *.d) continue ;; esac
        as_of_then "$unit" >"$work/unit.out" 2>&1 || fail "$(basename "$unit") fails on $moment"
    done
    as_of_then "$SHIPPER" test rules examples >"$work/samples.out" 2>&1 || fail "a sample fails on $moment"
    say "$moment: $(tail -n 1 "$work/samples.out")"
done
