#!/bin/sh
# How fast TCP syslog is received: beside `nc -l >/dev/null`, and rsyslog that writes a file.
#
#   SIZE=512M    of what is sent, lines of about 80 bytes, one in 10,000 an event
#   RUNS=5       medians of the ratios of that many turns
#   SLOW=64M     how much of it rsyslog gets
#
# A turn sends the same bytes to one after the other with `cat FILE >/dev/tcp/…` and waits
# until all has been received: nc has ended, rsyslog's file has all its lines, the reader has
# closed the connection (and then counts as many messages as there are lines).
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/syslog.sh"

SIZE=${SIZE:-512M} RUNS=${RUNS:-5} SLOW=${SLOW:-64M}
bytes=$(numfmt --from=iec "$SIZE") slow_bytes=$(numfmt --from=iec "$SLOW")
now() { date +%s.%N; }
send() { bash -c 'cat "$1" >"/dev/tcp/127.0.0.1/$2"' send "$1" "$2"; } # file, port
is_listening() { ss -ltnH "sport = :$1" | grep -q .; }                 # port
# What came is all read before the receiver closes its end. Asked of the kernel: whoever asks
# `status` at this moment takes the processor away from what is measured.
is_connected() { grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") [0-9A-F:]* 0[18] " /proc/net/tcp; } # port
rate() { awk "BEGIN {print $1 / ($3 - $2) / 1e6}"; }                   # bytes, began, ended
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

make_log() { # file, bytes: whole lines; the last is an event
    awk -v bytes="$2" 'BEGIN {
        head = "<13>2026-11-23T10:11:12Z app1 acme[7]: "
        request = "request 17 by user1 from 198.51.100.7"
        for (i = 1; n < bytes; i++) {
            line = head (i % 10000 ? "worker " i % 64 " has finished job " i " in 17 ms" : request)
            print line
            n += length(line) + 1
        }
        print head request
    }' >"$1"
}
make_log "$work/log" "$bytes"
make_log "$work/slow" "$slow_bytes"
lines=$(wc -l <"$work/log") slow_lines=$(wc -l <"$work/slow") size=$(stat -c %s "$work/log")

measure_nc() {
    start nc sh -c "exec nc -l 127.0.0.1 $listen_port >/dev/null"
    wait_until 5 is_listening "$listen_port"
    began=$(now)
    send "$work/log" "$listen_port"
    finish nc 60
    nc_rate=$(rate "$size" "$began" "$(now)")
}
measure_ours() {
    rm -rf "$work/state"
    start_listening "tcp: $listen_port"
    began=$(now)
    send "$work/log" "$listen_port"
    while is_connected "$listen_port"; do sleep 0.02; done
    our_rate=$(rate "$size" "$began" "$(now)")
    wait_until 10 is_counted tcp messages "$lines"
    stop run
    : >"$work/run.err"
}
measure_rsyslog() {
    rm -f "$work/rsyslog.log"
    cat >"$work/rsyslog.conf" <<CONFIG
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="$((listen_port + 6000))")
global(workDirectory="$work")
*.* action(type="omfile" file="$work/rsyslog.log")
CONFIG
    start rsyslog sh "$(dirname "$0")/../support/rsyslog.sh" "$work" -f "$work/rsyslog.conf"
    wait_until 10 is_listening "$((listen_port + 6000))"
    began=$(now)
    send "$work/slow" "$((listen_port + 6000))"
    until [ "$(wc -l <"$work/rsyslog.log" 2>/dev/null || echo 0)" -ge "$slow_lines" ]; do sleep 0.05; done
    rsyslog_rate=$(rate "$(stat -c %s "$work/slow")" "$began" "$(now)")
    stop rsyslog
}

url=http://127.0.0.1:9/api/product/usage
echo "MB/s:  nc  usage-shipper  rsyslog"
for turn in $(seq "$RUNS"); do
    measure_nc
    measure_ours
    measure_rsyslog
    echo "$nc_rate $our_rate $rsyslog_rate"
    awk "BEGIN {print $our_rate / $nc_rate}" >>"$work/to_nc"
    awk "BEGIN {print $our_rate / $rsyslog_rate}" >>"$work/to_rsyslog"
done
echo "median ratio to nc: $(median <"$work/to_nc")"
echo "median ratio to rsyslog: $(median <"$work/to_rsyslog")"
