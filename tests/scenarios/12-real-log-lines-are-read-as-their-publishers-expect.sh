#!/bin/sh
# Over published log lines of twelve products, addresses, users, times and agents are found.
#
# tests/cases/NAME.yaml takes every line of a product that names somebody, refused or not;
# tests/tools/score.c compares. The lines are not part of this repository (`make cases`).
set -eu
cases=${CASES:-../shared/cases/cases.jsonl}

"$SHIPPER" test tests/cases/*.yaml
if [ ! -r "$cases" ]; then
    echo "needs ../shared/cases"
    exit 77
fi
"$TOOLS/score" "$cases" tests/cases/*.yaml | tee /dev/stderr |
    awk '/^mean of products/ {
        found = 1
        # mean of products LINES  ADDRESS % OF  USER % OF  TIME % OF  AGENT % OF  FALSE % OF
        exit !($5 >= 98 && $8 >= 95 && $11 >= 98 && $14 >= 98 && $17 < 1)
    } END { if (!found) exit 1 }'
