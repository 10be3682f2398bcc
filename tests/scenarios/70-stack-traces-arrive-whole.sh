#!/bin/sh
# Records of several lines, written line by line: each is matched whole, once, over kill -9 in its middle, rotations and restarts.
. "$(dirname "$0")/../support/scenario.sh"

# The end of the pattern must be the end of the record, with the number of its
# beginning: a record cut in two or joined with the next does not match.
cat >"$work/traces.yaml" <<'RULES'
product: traces
multiline: {start: '^%{TIMESTAMP_ISO8601} '}
rules:
  - name: failure
    match: '^%{TIMESTAMP_ISO8601} ERROR request (?<number>\d+) by (?<user>\S+) from %{IP:ip} failed\n(?s:.*)\nCaused by: (?<cause>.*)\n\t\.\.\. \k<number> more$'
    event:
      activity_type: FAILURE
      user_id: ${user}
      ip_addr: ${ip}
      meta: {number: '${number}', cause: '${cause}'}
    samples:
      - line: |
          2026-11-23T10:11:12Z ERROR request 17 by alice from 198.51.100.17 failed
          com.acme.QueryException: no result
          	at com.acme.Query.run(Query.java:17)
          Caused by: java.sql.SQLException: no table
          	... 17 more
        event: {user_id: alice, ip_addr: 198.51.100.17, event_at: '2026-11-23T10:11:12Z'}
      - line: |
          2026-11-23T10:11:12Z ERROR request 17 by alice from 198.51.100.17 failed
        event: none
RULES
head_of() { # number
    printf '2026-11-23T10:11:12Z ERROR request %d by user%d from 198.51.100.17 failed\n' "$1" "$1"
    printf 'com.acme.QueryException: no result\n'
}
tail_of() { # number
    printf '\tat com.acme.Query.run(Query.java:%d)\n' "$1"
    printf 'Caused by: java.sql.SQLException: no table\n'
    printf '\t... %d more\n' "$1"
}
write_records() { # first, last: each line is a write of its own
    for number in $(seq "$1" "$2"); do
        head_of "$number" >>"$work/app.log"
        tail_of "$number" >>"$work/app.log"
    done
}

# The children, and of them the one that has the log open.
reader_pid() {
    for pid in $(pgrep -P "$run_pid"); do
        [ -z "$(find "/proc/$pid/fd" -lname "$work/app.log*" 2>/dev/null)" ] || echo "$pid"
    done
}
has_reader_but() { # pid
    now=$(reader_pid)
    [ -n "$now" ] && [ "$now" != "$1" ]
}
kill_reader() {
    before=$(reader_pid)
    kill -9 "$before"
    wait_until 10 has_reader_but "$before"
}

"$SHIPPER" test "$work/traces.yaml" || fail "the rule's own samples"
start_endpoint
write_config "inputs:" "  - {file: '$work/app.log', rules: $work/traces.yaml, start: beginning}"
start_run
wait_until 10 is_in "following" run.err

say "while it is written; the last one waits for the next"
write_records 1 100
wait_until 20 has_received 99
assert_delivered 1 99

say "killed in the middle of a record"
for number in 101 102 103; do
    head_of "$number" >>"$work/app.log"
    kill_reader
    tail_of "$number" >>"$work/app.log"
    wait_until 20 has_received $((number - 1))
done
assert_delivered 1 102

say "stopped and started in the middle of a record"
head_of 104 >>"$work/app.log"
wait_until 20 has_received 103
stop run
tail_of 104 >>"$work/app.log"
start_run
write_records 105 105
wait_until 20 has_received 104
assert_delivered 1 104

say "renamed in the middle of a record, under a writer that ends it there"
exec 3>>"$work/app.log"
head_of 106 >&3
mv "$work/app.log" "$work/app.log.1"
tail_of 106 >&3
exec 3>&-
write_records 107 150
wait_until 20 has_received 148
say "the last record of the old file is complete when that has settled"
wait_until 45 has_received 149
assert_delivered 1 149
stop run

say "a preview shows what is not finished"
"$SHIPPER" preview "$work/app.log" --rules "$work/traces.yaml" --table >"$work/preview.out" 2>&1
assert_equal "marked" "$(grep -c 'number=150 .*\[not finished\]' "$work/preview.out")" 1
assert_equal "not marked" "$(grep -c 'number=149 .*no table$' "$work/preview.out")" 1

say "--once holds back the last record, and says so"
start_run --once
finish run 20
assert_equal "exit code" "$code" 0
assert_delivered 1 149
assert_in 'lines: 215 read, 215 matched, 0 incomplete, 0 rule error, 0 ignored, 0 excluded, 0 too long, 0 no rule, 1 held back' run.out
bytes=$({ head_of 150 && tail_of 150; } | wc -c)
assert_in "$work/app.log: the last record is unfinished ($bytes bytes) and held back" run.err
