#!/bin/sh
# Runs tests and counts them. The last line is "N passed, N failed".
#
#   run.sh                        the whole suite, building what it needs
#   run.sh units PROGRAM...       cmocka programs
#   run.sh scenarios SCRIPT...    scenarios (SHIPPER and TOOLS say what to run, BOUND how many
#                                 seconds each may take)
#
# A skipped test prints its name and reason; under CI only a test that needs the
# cases beside the repository may skip, any other skip is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    echo "  FAIL  $1"
    [ -z "${2-}" ] || sed 's/^/        /' "$2"
}
skip() { # name, reason
    echo "  SKIP  $1: $2"
    case $2 in
    *../shared*) ;;
    *) [ -z "${CI-}" ] || fail "$1 (only a test that needs ../shared may be skipped here)" ;;
    esac
}

# One whole command as one test: its output is shown only when it fails.
check() { # name, command...
    name=$1
    shift
    echo "  TEST  $name"
    if "$@" >"$work/log" 2>&1; then pass; else fail "$name" "$work/log"; fi
}

# cmocka speaks TAP: each test function counts. A program that dies before it has
# told all its results counts as one more failure.
unit() { # program, wrapper...
    program=$1
    shift
    name=${program#build/}
    echo "  TEST  $name${1:+ ($(basename "$1"))}"
    CMOCKA_MESSAGE_OUTPUT=TAP "$@" "$program" >"$work/tap" 2>"$work/err"
    code=$?
    ok=$(grep -c '^ok ' "$work/tap")
    bad=$(grep -c '^not ok ' "$work/tap")
    skipped=$(grep -ci '^ok .*# skip' "$work/tap")
    planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$work/tap" | awk '{n += $1} END {print n + 0}')
    passed=$((passed + ok - skipped))
    grep -i '^ok .*# skip' "$work/tap" | while read -r line; do
        echo "  SKIP  $name: ${line#*- } (${SKIP_REASON:-see the test})"
    done
    if [ "$bad" -gt 0 ] || [ $code -ne 0 ] || [ $((ok + bad)) -ne "$planned" ] || [ "$planned" -eq 0 ]; then
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad))
        echo "  FAIL  $name (exit $code, $ok of $planned passed)"
        grep -v '^ok ' "$work/tap" | tail -40 | sed 's/^/        /'
        tail -40 "$work/err" | sed 's/^/        /'
    fi
}

scenario() { # script
    name=$(basename "$1" .sh)
    echo "  RUN   $name: $(sed -n '2s/^# //p' "$1")"
    timeout "${BOUND:-300}" sh "$1" >"$work/log" 2>&1 </dev/null
    code=$?
    case $code in
    0) pass ;;
    77) skip "$name" "$(tail -n 1 "$work/log")" ;;
    124) fail "$name (no end after ${BOUND:-300} s)" "$work/log" ;;
    *) fail "$name (exit $code)" "$work/log" ;;
    esac
}

whole_suite() {
    make=${MAKE:-make}
    jobs=$(nproc)
    check "gcc builds everything without a warning" $make -j"$jobs" all build-units tools
    check "clang builds everything without a warning" $make -j"$jobs" CC=clang all build-units tools
    check "sanitizer build" $make -j"$jobs" SAN=address,undefined all build-units tools
    check "parsers/ is pure" $make pure
    check "the README's tour is up to date" sh tests/tour.sh check
    for program in $($make -s print-units); do unit "$program"; done
    for program in $($make -s print-units SAN=address,undefined); do unit "$program"; done
    export FILE_MODEL_RUNS=20 # what takes seconds there takes a minute here
    for program in $($make -s print-units); do
        unit "$program" valgrind -q --error-exitcode=9 --leak-check=full \
            --errors-for-leak-kinds=definite,indirect --suppressions=tests/valgrind.supp
    done
    unset FILE_MODEL_RUNS
    check "check: rules/ and examples/" build/usage-shipper check rules examples
    check "test: every sample of rules/ and examples/" build/usage-shipper test rules examples
    check "fuzz targets build" $make -j"$jobs" fuzz-build
    for target in tests/fuzz/fuzz_*.c; do
        check "fuzz $(basename "$target" .c), short" $make "$(basename "$target" .c)" FUZZ_SECONDS=5
    done
    export SHIPPER=build/usage-shipper TOOLS=build/plain/tests/tools
    for script in tests/scenarios/[0-9]*.sh; do scenario "$script"; done
}

case ${1-} in
units)
    shift
    for program; do unit "$program"; done
    ;;
scenarios)
    shift
    for script; do scenario "$script"; done
    ;;
*) whole_suite ;;
esac

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
