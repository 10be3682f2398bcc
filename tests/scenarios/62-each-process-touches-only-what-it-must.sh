#!/bin/sh
# strace: the reader never forks, execs or opens a socket, the sender opens spool, key, CA and resolver files only; nobody shows the key.
. "$(dirname "$0")/../support/scenario.sh"

# What the sender may open: the spool and the state directory (to sync it), the key,
# and what libcurl, OpenSSL and getaddrinfo read on their own.
is_allowed() { # path
    case $1 in
    "$work"/state | "$work"/state/spool.lock | "$work"/state/spool.db | "$work"/state/spool.db-* | "$work"/state/sender.holdup | "$work"/state/sender.answers) ;;
    "$work"/key) ;;
    */ssl/openssl.cnf | /etc/ssl/certs/* | /usr/lib/ssl/cert*) ;;
    /etc/nsswitch.conf | /etc/host.conf | /etc/hosts | /etc/resolv.conf | /etc/gai.conf) ;;
    /etc/ld.so.cache | */libnss_*.so.* | */libresolv.so.* | */libgcc_s.so.* | /dev/urandom) ;;
    *) return 1 ;;
    esac
}
# One trace a thread: the first execs, the reader names itself, the rest is the sender's.
traces() { # process
    supervisor=$(grep -l '^execve(' "$work"/traces/of.*)
    reader=$(grep -l '"shipper-reader"' "$work"/traces/of.* || true)
    case $1 in
    supervisor) echo "$supervisor" ;;
    reader) echo "$reader" ;;
    sender) printf '%s\n' "$work"/traces/of.* | grep -vxF -e "$supervisor" -e "$reader" ;;
    esac
}
# Trace files of this work folder have no blanks in their names.
assert_no_call() { # process, calls
    for trace in $(traces "$1"); do
        ! grep -E "^($2)\(" "$trace" || fail "the $1 did what it must never do"
    done
}
assert_opens_allowed() {
    for trace in $(traces sender); do
        # O_PATH: only named, for the rules of the sandbox.
        sed -nE '/O_PATH/d; s/^open(at|at2)?\((AT_FDCWD, )?"([^"]*)".*= [0-9]+$/\3/p' "$trace"
    done | sort -u >"$work/opened"
    [ -s "$work/opened" ] || fail "the sender is not in the traces"
    while read -r path; do
        is_allowed "$path" || fail "the sender opened $path"
    done <"$work/opened"
}
start_traced() {
    rm -rf "$work/traces" # not beside the log: that folder is watched
    mkdir "$work/traces"
    : >"$work/run.err"
    start run strace -ff -o "$work/traces/of" \
        -e trace='%process,%network,%file,prctl,io_uring_setup,open_by_handle_at' \
        "$SHIPPER" run --config "$work/config.yaml"
}
# strace, told to end, would only let go of it.
stop_traced() {
    kill "$(pgrep -P "$run_pid")"
    finish run 15
    assert_equal "exit code" "$code" 0
}
assert_apart() {
    assert_equal "number of traces of a supervisor" "$(traces supervisor | wc -l)" 1
    assert_equal "number of traces of a reader" "$(traces reader | wc -l)" 1
    # control.sock, and no other.
    assert_no_call supervisor 'connect'
    assert_equal "sockets of the supervisor" "$(grep -cE '^socket\(' "$(traces supervisor)")" 1
    grep -qE "^bind\(.*\"$work/state/control.sock\"" "$(traces supervisor)" || fail "no control.sock"
    assert_no_call reader 'fork|vfork|clone|clone3|execve|execveat|socket|socketpair|connect|bind|io_uring_setup|open_by_handle_at'
    assert_no_call sender 'fork|vfork|execve|execveat|bind|io_uring_setup|open_by_handle_at'
    # A thread of its own resolves names: clone, but no process.
    for trace in $(traces sender); do
        ! grep -E '^clone' "$trace" | grep -v CLONE_THREAD || fail "the sender forked"
    done
    assert_opens_allowed
}
assert_key_hidden() { # key
    pids=$(pgrep -P "$run_pid")
    pids="$pids $(pgrep -P "$pids")"
    assert_equal "number of processes" "$(echo "$pids" | wc -w)" 3
    for pid in $pids; do
        for what in environ cmdline; do
            [ -n "$(tr -d '\0' <"/proc/$pid/$what")" ] || fail "/proc/$pid/$what cannot be read"
            ! tr '\0' '\n' <"/proc/$pid/$what" | grep -q "$1" || fail "/proc/$pid/$what shows the key"
        done
    done
}

command -v strace >/dev/null || skip "no strace"
strace -o /dev/null true 2>"$work/strace.err" || skip "no ptrace here: $(cat "$work/strace.err")"

start_endpoint --key sesame
say "events delivered, the key from a file"
write_config
echo sesame >"$work/key"
write_lines 1 100
start_traced
wait_until 30 has_accepted 100
# The log under way, too.
write_lines 101 100
wait_until 30 has_accepted 200
assert_key_hidden sesame
stop_traced
assert_apart
grep -q "\"$work/app.log\", O_RDONLY" "$(traces reader)" || fail "the reader's trace shows no log"
grep -qxF "$work/key" "$work/opened" || fail "the sender's trace shows no key"
say "the sender opened: $(sed "s|$work/||" "$work/opened" | tr '\n' ' ')"

say "the key from the environment"
sed -i '/api_key_file/d' "$work/config.yaml"
write_lines 201 100
export USAGE_SHIPPER_API_KEY=sesame
start_traced
unset USAGE_SHIPPER_API_KEY
wait_until 30 has_accepted 300
assert_key_hidden sesame
stop_traced
assert_apart

# Nobody speaks TLS there; what leads up to that is what matters here.
for host in localhost "$(uname -n)"; do
    say "TLS to $host"
    write_config
    sed -i "s|http://127.0.0.1|https://$host|" "$work/config.yaml"
    write_lines 301 1
    start_traced
    wait_until 30 is_in "retrying in" run.err
    stop_traced
    assert_apart
    say "the sender opened: $(sed "s|$work/||" "$work/opened" | tr '\n' ' ')"
done
assert_delivered 1 300
