#!/bin/sh
# Whatever happens to a file, its classes in `status` add up to its size: running, stopped, killed.
. "$(dirname "$0")/../support/scenario.sh"

look() { # the status into status.out and status.json
    "$SHIPPER" status --config "$work/config.yaml" --all >"$work/status.out" 2>"$work/status.err" ||
        fail "status ends with $?"
    "$SHIPPER" status --config "$work/config.yaml" --all --json >"$work/status.json"
}
# The row of a file that is at its path; class of bytes: number in $got.
row() { grep -F "{\"name\":\"$work/$1\"" "$work/status.json" | grep '"here":true'; } # file
bytes() {                                                                          # file, class
    row "$1" | sed 's/.*"bytes":{\([^}]*\)}.*/\1/' | tr ',' '\n' | sed -n "s/^\"$2\"://p"
}
lines() { # file, class
    row "$1" | sed 's/.*"lines":{\([^}]*\)}.*/\1/' | tr ',' '\n' | sed -n "s/^\"$2\"://p"
}
# Adds up what status says of a file by hand, against the size that it has.
assert_adds_up() { # file...
    for file; do
        sum=$(row "$file" | sed 's/.*"bytes":{\([^}]*\)}.*/\1/' | tr ',' '\n' |
            awk -F: '{n += $2} END {print n + 0}')
        assert_equal "sum of $file's classes" "$sum" "$(wc -c <"$work/$file")"
    done
    ! grep -q '"adds_up":false' "$work/status.json" || fail "a source does not add up"
}
has_read() { # file: all of it but what is held
    look
    [ "$(bytes "$1" not_yet_read)" = 0 ]
}

start_endpoint
write_config "inputs:" \
    "  - {file: '$work/app.log*', rules: $work/acme.yaml, start: beginning}" \
    "  - {file: '$work/old.log', rules: $work/acme.yaml, start: end}"

say "before anything ran, status says so"
code=0
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out" 2>"$work/status.err" || code=$?
assert_equal "exit code" "$code" 71
assert_in "nothing has run in" status.err

say "matched, no rule, before the start, held"
for i in 1 2 3; do echo "2026-11-23T10:11:1${i}Z app1 acme[7]: ancient" >>"$work/old.log"; done
old=$(wc -c <"$work/old.log")
write_lines 1 100
echo '2026-11-23T10:11:12Z app1 acme[7]: started' >>"$work/app.log"
printf '2026-11-23T10:11:12Z app1 acme[7]: unfinis' >>"$work/app.log"
start_run
wait_until 20 has_received 100
wait_until 20 has_read app.log
assert_adds_up app.log old.log
assert_equal "matched lines" "$(lines app.log matched)" 100
assert_equal "lines without a rule" "$(lines app.log no_rule)" 1
assert_equal "held" "$(bytes app.log held)" 42
assert_equal "before the start" "$(bytes old.log before_start)" "$old"
jq -e '.all | .lag_bytes == 42 and .lag_s == 0 and .lines_per_s > 0' "$work/status.json" >"$work/pace" || fail "no pace"
assert_in "running: process $run_pid since" status.out
assert_in "every byte is accounted for" status.out

say "the line is finished, one is over-long, the next is whole"
echo hed >>"$work/app.log"
{
    head -c 1500000 /dev/zero | tr '\0' x
    echo
} >>"$work/app.log"
write_lines 101 10
wait_until 20 has_received 110
wait_until 20 has_read app.log
assert_adds_up app.log old.log
assert_equal "too long" "$(bytes app.log too_long)" 1500001
assert_equal "held" "$(bytes app.log held)" 0

say "renamed, and a new one"
mv "$work/app.log" "$work/app.log.1"
write_lines 111 20
wait_until 20 has_received 130
wait_until 20 has_read app.log
assert_adds_up app.log app.log.1 old.log

say "copied and truncated, grown again"
cp "$work/app.log" "$work/app.log.2"
wait_until 20 has_read app.log.2
: >"$work/app.log"
write_lines 131 20
wait_until 20 has_received 150
wait_until 20 has_read app.log
assert_adds_up app.log app.log.1 app.log.2 old.log
assert_equal "copied" "$(bytes app.log.2 copy)" "$(wc -c <"$work/app.log.2")"

say "killed while it reads, and looked at in between"
start writer "$TOOLS/log_writer" "$work/app.log" 151 3000 3000
for at in 600 1200; do
    wait_until 20 has_received $at
    kill -9 "$run_pid"
    wait_until 10 is_gone "$run_pid"
    look
    assert_adds_up app.log.1 app.log.2 old.log
    start_run
done
finish writer 20
wait_until 20 has_received 3150
wait_until 20 has_read app.log
assert_adds_up app.log app.log.1 app.log.2 old.log
assert_equal "matched lines" "$(lines app.log matched)" 3020
assert_delivered 1 3150

say "stopped: what came since is not yet read"
stop run
write_lines 3151 7
look
assert_adds_up app.log app.log.1 app.log.2 old.log
assert_in "not running" status.out
[ "$(bytes app.log not_yet_read)" -gt 0 ] || fail "nothing is unread"

say "a file that status found no trace of is not read yet"
cp "$work/old.log" "$work/app.log.new"
look
assert_adds_up app.log.new
assert_equal "unread" "$(bytes app.log.new not_yet_read)" "$old"
