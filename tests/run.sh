#!/bin/sh
# Runs tests and counts them. The last line is "N passed, N failed".
#
#   run.sh                        the whole suite, building what it needs
#   run.sh units PROGRAM...       cmocka programs
#   run.sh scenarios SCRIPT...    scenarios (SHIPPER and TOOLS say what to run, BOUND how many
#                                 seconds each may take)
#
# One test more runs at once than there are processors, since many wait most of the
# time (LANES says otherwise); what one prints is shown when it ends.
#
# A skipped test prints its name and reason; under CI only a test that needs the
# cases beside the repository may skip, any other skip is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

make=${MAKE:-make}
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
    # Some versions write a skipped test as "not ok 3 # SKIP name".
    skipped=$(grep -ciE '^(not )?ok .*# skip' "$work/tap")
    ok=$(grep '^ok ' "$work/tap" | grep -vci '# skip')
    bad=$(grep '^not ok ' "$work/tap" | grep -vci '# skip')
    planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$work/tap" | awk '{n += $1} END {print n + 0}')
    passed=$((passed + ok))
    if [ "$skipped" -gt 0 ]; then
        skip "$name, $skipped of $planned" "$(sed -n 's/^skipped: //p' "$work/tap" | sort -u)"
    fi
    if [ "$bad" -gt 0 ] || [ $code -ne 0 ] || [ $((ok + bad + skipped)) -ne "$planned" ] || [ "$planned" -eq 0 ]; then
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad))
        echo "  FAIL  $name (exit $code, $ok of $planned passed)"
        grep -v '^ok ' "$work/tap" | tail -40 | sed 's/^/        /'
        tail -40 "$work/err" | sed 's/^/        /'
    fi
}

in_valgrind() { # program
    # What takes seconds without takes a minute here.
    TEST_BRIEF=1 FILE_MODEL_RUNS=20 unit "$1" valgrind -q --error-exitcode=9 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect --suppressions=tests/valgrind.supp
}

fuzz() { # target
    check "fuzz $1, short" $make "fuzz_$1" FUZZ_SECONDS=3
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

# --- several at once -------------------------------------------------------------

# A job is one of the functions above and one argument. What it prints stays together.
job() { # "function argument", folder of results
    "${1%% *}" "${1#* }" >"$work/said"
    flock "$2" cat "$work/said"
    echo "$passed $failed" >"$(mktemp "$2/XXXXXXXXXX")"
}

# Runs the jobs in $work/jobs, a line each. One that ends without a result has failed.
run_jobs() {
    results=$work/results
    mkdir "$results"
    xargs -d '\n' -P "${LANES:-$(($(nproc) + 1))}" -I '{}' sh tests/run.sh job '{}' "$results" <"$work/jobs"
    ended=0
    for result in "$results"/*; do
        [ -e "$result" ] || continue
        read -r job_passed job_failed <"$result"
        passed=$((passed + job_passed))
        failed=$((failed + job_failed))
        ended=$((ended + 1))
    done
    [ "$ended" -eq "$(wc -l <"$work/jobs")" ] || fail "a test ended without a result"
}

each() { # function, argument...
    function=$1
    shift
    for argument; do echo "$function $argument"; done
}

whole_suite() {
    jobs=$(nproc)
    check "gcc builds everything without a warning" $make -j"$jobs" all build-units tools
    check "clang compiles everything without a warning" $make -j"$jobs" CC=clang CFLAGS=-O0 all objects
    check "sanitizer build" $make -j"$jobs" SAN=address,undefined all build-units tools
    check "fuzz targets build" $make -j"$jobs" fuzz-build
    check "parsers/ is pure" $make pure
    check "the README's tour is up to date" sh tests/tour.sh check
    check "the rule library's table is up to date" sh tests/library.sh check
    check "the reference of the configuration is up to date" sh tests/reference.sh check
    check "check: rules/, not even a warning" \
        sh -c 'build/usage-shipper check rules | tee /dev/stderr | grep -q ": no problems$"'
    check "check: examples/" build/usage-shipper check examples
    check "test: every sample of rules/ and examples/" build/usage-shipper test rules examples
    units=$($make -s print-units)
    sanitized=$($make -s print-units SAN=address,undefined)
    export SHIPPER=build/usage-shipper TOOLS=build/plain/tests/tools
    # shellcheck disable=SC2046,SC2086  # lists of names
    {
        each scenario tests/scenarios/[0-9]*.sh
        each unit $units $sanitized
        # A filter of system calls has no room for valgrind's own.
        each in_valgrind $(echo "$units" | tr ' ' '\n' | grep -vE 'test_(sandbox|pace)$')
        each fuzz $(basename -s .c tests/fuzz/fuzz_*.c | sed 's/^fuzz_//')
    } >"$work/jobs"
    run_jobs
}

case ${1-} in
job)
    shift
    job "$@"
    exit
    ;;
units)
    shift
    each unit "$@" >"$work/jobs"
    run_jobs
    ;;
scenarios)
    shift
    each scenario "$@" >"$work/jobs"
    run_jobs
    ;;
*) whole_suite ;;
esac

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
