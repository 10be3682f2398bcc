#!/bin/sh
# Killed with -9 a hundred times over 20,000 lines and a rotation, every event arrives, under one id and with one body.
. "$(dirname "$0")/../support/scenario.sh"

lines=20000 kills=${KILLS:-100}
seed=${SEED:-$(date +%s)}
echo "SEED=$seed KILLS=$kills repeats this choice of victims and pauses"

# Sets $drawn to 0 to $1-1.
draw() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}
# A new one waits until the last process of the one that was killed is gone.
start_anew() { start run "$SHIPPER" run --config "$work/config.yaml"; }
# $victim is that child's process; none while it is between two lives.
find_child() { victim=$(pgrep -P "$run_pid" -x "shipper-$1"); }
kill_child() { # reader or sender
    wait_until 20 find_child "$1"
    kill -9 "$victim" 2>/dev/null || fail "the $1 had ended by itself"
}
kill_supervisor() {
    kill -9 "$run_pid" 2>/dev/null || fail "the supervisor had ended by itself"
    wait "$run_pid" 2>/dev/null || true
    start_anew
}

start_endpoint
# So that requests are under way when the sender dies.
script '* ok delay=20ms'
write_config "inputs:" "  - {file: $work/app.log*, rules: $work/acme.yaml, start: beginning}"
start_anew
start writer "$TOOLS/log_writer" --reopen "$work/app.log" 1 $lines 400

killed_reader=0 killed_sender=0 killed_supervisor=0 i=0
while [ $i -lt "$kills" ]; do
    draw 600
    sleep "0.$(printf %03d "$drawn")"
    draw 3
    case $drawn in
    0) kill_supervisor && killed_supervisor=$((killed_supervisor + 1)) ;;
    1) kill_child reader && killed_reader=$((killed_reader + 1)) ;;
    2) kill_child sender && killed_sender=$((killed_sender + 1)) ;;
    esac
    i=$((i + 1))
    [ $i -ne $((kills / 2)) ] || mv "$work/app.log" "$work/app.log.1"
done
say "killed: supervisor $killed_supervisor, reader $killed_reader, sender $killed_sender times;" \
    "$(count_outcome accepted) events had arrived by the last"
finish writer 60
wait_until 60 has_accepted $lines
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 $lines
say "$(count_outcome repeated) deliveries were repeated, each with the same body"
assert_equal "number of requests refused by the contract" "$(count_outcome refused)" 0

say "the log has nothing to say but the kills"
grep -E ': (error|warning):' "$work/run.err" | grep -v 'was killed by signal 9' >"$work/complaints" || true
[ ! -s "$work/complaints" ] || fail "complaints: $(head -n 5 "$work/complaints")"
