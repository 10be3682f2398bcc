#!/bin/sh
# What is piped in is sent once, however often; a pipe that is written to is followed, and a killed reader loses none of it.
. "$(dirname "$0")/../support/scenario.sh"

pipe_in() { # option...: standard input is what is piped
    code=0
    "$SHIPPER" run --config "$work/config.yaml" "$@" >"$work/once.out" 2>"$work/once.err" || code=$?
}
reader() { pgrep -P "$run_pid" -x shipper-reader; }
has_other_reader() { now=$(reader) && [ "$now" != "$1" ]; } # pid

start_endpoint
write_config
write_lines 1 1000
gzip -c "$work/app.log" >"$work/app.log.gz"

say "the same log three times, beside a service that has sent it"
start_run
wait_until 20 has_accepted 1000
zcat "$work/app.log.gz" | pipe_in --once -
assert_in "lines: 1000 read, 1000 matched," once.out
assert_in "events: 1000 found, 1000 delivered," once.out
for log in app.log app.log.gz; do
    pipe_in - --once <"$work/$log"
    assert_equal "exit code" "$code" 0
    assert_in "events: 1000 found, 0 delivered, 0 rejected, 0 waiting, 0 dropped, 0 damaged, 1000 sent before" once.out
done
assert_equal "number of ids" "$(received_ids | wc -l)" 1000
stop run

say "without dates: with --once the same log is the same, without it is new"
cat >"$work/undated.yaml" <<'RULES'
product: undated
rules:
  - name: request
    match: '^request by (?<user>\S+)'
    event: {activity_type: REQUEST, user_id: '${user}', ip_addr: 198.51.100.17}
    samples:
      - line: 'request by alice'
        event: {user_id: alice}
      - line: 'started'
        event: none
RULES
for wanted in 1 0; do
    echo "request by alice" | pipe_in --once - --rules "$work/undated.yaml"
    assert_in "events: 1 found, $wanted delivered," once.out
done
for wanted in 1 1; do
    echo "request by alice" | pipe_in - --rules "$work/undated.yaml"
    assert_in "events: 1 found, $wanted delivered," once.out
done
: >"$work/record"

say "a pipe is followed while it is written to, its reader killed again and again"
mkfifo "$work/pipe"
"$TOOLS/log_writer" "$work/pipe" 1001 3000 500 2>"$work/writer.err" &
# shellcheck disable=SC2016
start run sh -c 'exec "$SHIPPER" run --config "$1/config.yaml" - <"$1/pipe"' sh "$work"
for killed in 1 2 3 4 5; do
    # Early enough that the pipe has not ended when the last one is killed.
    wait_until 20 has_accepted $((killed * 100))
    pid=$(reader)
    kill -9 "$pid"
    wait_until 10 has_other_reader "$pid"
done
finish run 60
assert_equal "exit code" "$code" 0
assert_in " 3000 delivered, 0 rejected, 0 waiting" run.out
assert_delivered 1001 4000
"$SHIPPER" status --state "$work/state/once" >"$work/status.out"
assert_in "every byte is accounted for" status.out

say "what is cut off is said, with an exit code"
head -c 5000 "$work/app.log.gz" >"$work/cut"
pipe_in --once - <"$work/cut"
assert_equal "exit code" "$code" 1
assert_in "error: standard input: it ends in the middle of its compressed data" once.err
