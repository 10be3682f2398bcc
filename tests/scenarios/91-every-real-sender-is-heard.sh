#!/bin/sh
# logger, rsyslog and syslog-ng over UDP, TCP and local sockets, in each framing: every message arrives once.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"
support=$(realpath "$(dirname "$0")/../support")

start_endpoint
start_listening "udp: 127.0.0.1:$listen_port" "tcp: 127.0.0.1:$listen_port" \
    "unix_dgram: $work/dgram" "unix_stream: $work/stream"

to_port() { logger -n 127.0.0.1 -P "$listen_port" "$@"; }
to_port --udp --rfc3164 -t acme "$(request 1)"
to_port --udp --rfc5424 -t acme "$(request 2)"
to_port --udp --octet-count -t acme "$(request 3)"
to_port --tcp --rfc3164 -t acme -i "$(request 4)"
to_port --tcp --rfc5424 --msgid LOGIN --sd-id m@32473 --sd-param 'a="b"' "$(request 5)"
to_port --tcp --octet-count "$(request 6)"
to_port --tcp --rfc5424=notime "$(request 7)"
{ request 8 && request 9; } | to_port --tcp --octet-count
logger -u "$work/dgram" -t acme "$(request 10)"
logger -u "$work/stream" --tcp -t acme "$(request 11)"
wait_until 10 has_received 11
say "logger is heard"

cat >"$work/rsyslog.conf" <<CONFIG
module(load="imuxsock" SysSock.Use="off")
module(load="omuxsock")
input(type="imuxsock" Socket="$work/rsyslog.in")
\$OMUxSockSocket $work/dgram
global(workDirectory="$work")
if \$programname == "lines" then action(type="omfwd" target="127.0.0.1" port="$listen_port" protocol="tcp")
if \$programname == "counted" then action(type="omfwd" target="127.0.0.1" port="$listen_port" protocol="tcp"
    TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")
if \$programname == "bsd" then action(type="omfwd" target="127.0.0.1" port="$listen_port" protocol="udp"
    template="RSYSLOG_TraditionalForwardFormat")
if \$programname == "udp" then action(type="omfwd" target="127.0.0.1" port="$listen_port" protocol="udp")
if \$programname == "local" then :omuxsock:
CONFIG
start rsyslog sh "$support/rsyslog.sh" "$work" -f "$work/rsyslog.conf"
wait_until 30 test -S "$work/rsyslog.in"
number=20
for tag in lines counted bsd udp local lines counted; do
    logger -u "$work/rsyslog.in" -t "$tag" -i "$(request $number)"
    number=$((number + 1))
done
wait_until 20 has_received 18
say "rsyslog is heard"

cat >"$work/syslog-ng.conf" <<CONFIG
@version: 3.38
options { keep-hostname(yes); stats-freq(0); };
source s { unix-dgram("$work/syslog-ng.in"); };
log { source(s); filter { program("lines"); };
    destination { network("127.0.0.1" port($listen_port) transport("tcp") persist-name("lines")); }; };
log { source(s); filter { program("counted"); };
    destination { syslog("127.0.0.1" port($listen_port) transport("tcp") persist-name("counted")); }; };
log { source(s); filter { program("bsd"); };
    destination { network("127.0.0.1" port($listen_port) transport("udp") persist-name("bsd")); }; };
log { source(s); filter { program("udp"); };
    destination { syslog("127.0.0.1" port($listen_port) transport("udp") persist-name("udp")); }; };
log { source(s); filter { program("local"); }; destination { unix-dgram("$work/dgram"); }; };
log { source(s); filter { program("stream"); }; destination { unix-stream("$work/stream"); }; };
CONFIG
start syslog_ng sh "$support/syslog_ng.sh" "$work" -f "$work/syslog-ng.conf"
wait_until 30 test -S "$work/syslog-ng.in"
number=40
for tag in lines counted bsd udp local stream lines counted; do
    logger -u "$work/syslog-ng.in" -t "$tag" -i "$(request $number)"
    number=$((number + 1))
done
wait_until 20 has_received 26
say "syslog-ng is heard"

received_numbers >"$work/got"
{ seq 1 11 && seq 20 26 && seq 40 47; } | cmp - "$work/got" || fail "not every message arrived"
assert_equal "events" "$(received_ids | wc -l)" 26
assert_complaints 0
wait_until 5 is_counted tcp messages 13
"$SHIPPER" status --state "$work/state" >"$work/status.out" || fail "status finds something wrong"
assert_in "every byte is accounted for" status.out
stop run
assert_equal "exit code" "$code" 0
[ ! -e "$work/dgram" ] && [ ! -e "$work/stream" ] || fail "the sockets' files are still there"
