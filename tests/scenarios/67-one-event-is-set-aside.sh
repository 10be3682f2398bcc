#!/bin/sh
# One event that is never taken, however that is said, is set aside with status and answer, said once, and holds up no other.
. "$(dirname "$0")/../support/scenario.sh"

in_spool() { sqlite3 -readonly "$work/state/spool.db" "$1"; }
has_rejected() { [ "$(in_spool 'SELECT count(*) FROM rejected')" -ge "$1" ]; }

start_endpoint
write_config
round=0
for answer in '200 body=failure' 413 401; do
    round=$((round + 1))
    last=$((round * 100)) number=$((round * 100 - 50))
    say "the event of line $number is answered $answer"
    script "* has='\"number\":\"$number\"' $answer"
    : >"$work/run.err"
    start_run
    write_lines $((last - 99)) 100
    wait_until 20 has_accepted $((last - round))
    wait_until 20 has_rejected $round
    stop run
    assert_equal "exit code" "$code" 0
    assert_said 1 "rejected: HTTP ${answer%% *}"
    assert_said 1 "events: 100 found, 99 delivered, 1 rejected, 0 waiting"
    if [ "$answer" = 401 ]; then # it could have been the key
        assert_said 1 "event refused, but not by the API: HTTP 401"
        assert_complaints 2
    else
        assert_complaints 1
    fi
    assert_equal "status kept" "$(in_spool \
        "SELECT status FROM rejected WHERE request LIKE '%\"number\":\"$number\"%'")" "${answer%% *}"
done
assert_equal "answer kept" \
    "$(in_spool "SELECT json_extract(answer, '\$.status') FROM rejected WHERE status = 200")" failure

say "all others arrived, once"
seq 1 300 | awk '$1 % 100 != 50' >"$work/wanted"
received_numbers | cmp - "$work/wanted" || fail "other events arrived than should have"
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0
assert_equal "number of events left" "$(in_spool 'SELECT count(*) FROM event')" 0
