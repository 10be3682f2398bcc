#!/bin/sh
# 5,000 random orders of writing, rotating, killing: no line lost, none under two ids, order kept.
. "$(dirname "$0")/../support/scenario.sh"

seed=${FILE_MODEL_SEED:-$(date +%s)}
say "FILE_MODEL_SEED=$seed FILE_MODEL_RUNS=${RUNS:-5000}"
FILE_MODEL_SEED=$seed FILE_MODEL_RUNS=${RUNS:-5000} "$UNITS/shipper/test_file_model" \
    >"$work/model.out" 2>"$work/model.err" || fail "a line was lost, doubled or out of order"
