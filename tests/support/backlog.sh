# Sourced after scenario.sh and memory.sh: a backlog, and what is left of it.
#
# shellcheck shell=sh disable=SC2154

spool_bytes() { stat -c %s "$work/state/spool.db"; }
# Free pages go back slice by slice, but for 8 MiB of them.
is_tidy() { [ "$(sqlite3 -readonly "$work/state/spool.db" 'PRAGMA freelist_count')" -le 1024 ]; }
has_spooled() { # number
    has_read_all && [ "$(jq .spool.waiting "$work/status.json")" -ge "$1" ]
}

# That many lines while nobody listens, then the endpoint.
drain_backlog() { # lines, KiB, bytes of the spool afterwards, seconds
    start_endpoint --key secret
    stop endpoint
    write_config
    start_run
    write_lines 1 "$1"
    wait_until "$4" has_spooled "$1"
    say "$1 events wait"
    start_endpoint --key secret
    wait_until "$4" has_accepted "$1"
    wait_until 60 is_tidy
    assert_memory_below "$2"
    stop run
    say "drained; the spool has $(($(spool_bytes) / 1024)) KiB"
    [ "$(spool_bytes)" -lt "$3" ] || fail "more than $3 bytes"
    assert_equal "exit code" "$code" 0
    assert_delivered 1 "$1"
    assert_equal "events that came twice" "$(count_outcome repeated)" 0
}
