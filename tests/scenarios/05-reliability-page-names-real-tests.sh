#!/bin/sh
# docs/reliability.md has a row for each of its 75 numbers, and every test that it names exists.
. "$(dirname "$0")/../support/scenario.sh"

cd "$(dirname "$0")/../.."
page=docs/reliability.md
grep -o '^| [0-9][0-9]* |' "$page" | tr -dc '0-9\n' >"$work/numbers"
seq 1 75 | cmp -s - "$work/numbers" || fail "the rows are not 1 to 75: $(seq 1 75 | diff - "$work/numbers" | grep '^[<>]')"

is_one_file() { [ $# -eq 1 ] && [ -e "$1" ]; }
say "$(grep -c '^| [0-9]' "$page") rows, $(grep -c '^| [0-9].*not yet' "$page") of them wholly or partly not yet"
grep '^|' "$page" | grep -o '`[^`]*`' | tr -d '`' | sort -u >"$work/names"
while read -r name; do
    case $name in
    scenarios/* | soak/*) is_one_file tests/"$name"-*.sh || fail "$page: no test $name" ;;
    test_*)
        program=${name%%:*}
        is_one_file tests/*/"$program.c" || fail "$page: no test $program"
        case $name in *:*)
            grep -q "^static void ${name#*:}(void \*\*state)" tests/*/"$program.c" ||
                fail "$page: $program has no test ${name#*:}"
            ;;
        esac
        ;;
    esac
done <"$work/names"
! grep '^| [0-9]' "$page" | grep -v 'not yet' | grep -v '`' || fail "$page: a row without proof or reason"
say "$(grep -c 'scenarios/\|soak/\|test_' "$work/names") tests named"
