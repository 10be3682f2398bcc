#!/bin/sh
# With nothing else going on: how long a line takes from its append to a followed log to its arrival, beside rsyslog and one fdatasync.
#
#   COUNT=1000   lines
#   GAP_MS=20    between two of them at most
#
# What we send was committed to the disk before; rsyslog (Debian's, imfile to omfwd over
# TCP) commits nothing. `work` is on the disk of the current folder: a memory file system
# has no fdatasync.
TMPDIR=${TMPDIR:-$PWD}
export TMPDIR
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

COUNT=${COUNT:-1000} GAP_MS=${GAP_MS:-20}
arrival_port=$(free_port)
mkdir "$work/logs"
log=$work/logs/app.log
: >"$log"
show() { sed "s/^/$1: /" "$work/arrival.out"; } # name
measure() { # name
    : >"$work/arrival.out"
    start arrival "$TOOLS/arrival" "$log" "$COUNT" "$GAP_MS" "$arrival_port" "$work/synced"
    finish arrival $((30 + COUNT * (GAP_MS + 20) / 500))
    [ "$code" = 0 ] || fail "lines got lost on their way through $1"
    show "$1"
}

echo "$COUNT lines; nproc $(nproc), load $(cut -d ' ' -f 1 /proc/loadavg)"
url=http://127.0.0.1:$arrival_port/api/product/usage
write_config "inputs:" "  - {file: $log, rules: $work/acme.yaml}"
start_run
wait_until 10 is_in "sender is process" run.err
measure usage-shipper
stop run

cat >"$work/rsyslog.conf" <<CONFIG
global(workDirectory="$work")
module(load="imfile")
input(type="imfile" file="$log" tag="acme" ruleset="forward")
template(name="line" type="string" string="%msg%\n")
ruleset(name="forward") {
  action(type="omfwd" target="127.0.0.1" port="$arrival_port" protocol="tcp" template="line"
         action.resumeRetryCount="-1" action.resumeInterval="1")
}
CONFIG
: >"$log"
start rsyslog sh "$(dirname "$0")/../support/rsyslog.sh" "$work" -f "$work/rsyslog.conf"
wait_until 10 test -e "$work/rsyslog.pid"
measure rsyslog
stop rsyslog
