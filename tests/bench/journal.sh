#!/bin/sh
# How fast the journal is read: `run --once` beside bare `journalctl -o export >/dev/null`.
#
#   ENTRIES=200000   in the journal, one in 10,000 an event
#   RUNS=7           medians of the ratios of that many turns
#
# A turn reads the same journal with one after the other, from memory; of `run` with all
# that it does besides: starting, matching, saving, sending 20 events, ending. The second ratio is
# that of CPU time: journalctl alone to all processes of `run`, its journalctl included.
. "$(dirname "$0")/../support/scenario.sh"

ENTRIES=${ENTRIES:-200000} RUNS=${RUNS:-7}
now() { date +%s.%N; }
ratio() { awk "BEGIN {print $1 / $2}"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# User and system seconds of the children that this shell has waited for.
cpu_of_children() {
    awk -v hz="$(getconf CLK_TCK)" '{sub(/^.*\) /, ""); print ($14 + $15) / hz}' /proc/$$/stat
}

mkdir "$work/journal"
awk -v entries="$ENTRIES" 'BEGIN {
    for (i = 1; i <= entries; i++) {
        text = i % 10000 ? "worker " i % 64 " has finished job " i " in 17 ms" \
                         : "request " i " by user1 from 198.51.100.7"
        printf "__REALTIME_TIMESTAMP=%.0f\n__MONOTONIC_TIMESTAMP=%.0f\n", 1763890000000000 + i * 1000, i * 1000
        print "_BOOT_ID=11111111111111111111111111111111"
        print "_MACHINE_ID=22222222222222222222222222222222\n_HOSTNAME=app1\n_TRANSPORT=syslog"
        print "_SYSTEMD_UNIT=acme.service\n_SYSTEMD_SLICE=system.slice\n_SYSTEMD_CGROUP=/system.slice/acme.service"
        print "_COMM=acme\n_EXE=/usr/bin/acme\n_CMDLINE=/usr/bin/acme --serve\n_UID=1000\n_GID=1000"
        print "PRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=acme\nSYSLOG_PID=7\n_PID=7"
        print "MESSAGE=" text "\n"
    }
}' | /lib/systemd/systemd-journal-remote --compress=no -o "$work/journal/acme.journal" - \
    2>"$work/remote.err"

start_endpoint
write_config "inputs:" "  - journal: {directory: $work/journal}" \
    "    rules: $work/acme.yaml" "    start: beginning"

measure_bare() {
    cpu=$(cpu_of_children)
    began=$(now)
    journalctl -o export -D "$work/journal" >/dev/null
    bare=$(awk "BEGIN {print $(now) - $began}")
    bare_cpu=$(awk "BEGIN {print $(cpu_of_children) - $cpu}")
}
measure_ours() {
    rm -rf "$work/state"
    cpu=$(cpu_of_children)
    began=$(now)
    "$SHIPPER" run --config "$work/config.yaml" --once --state "$work/state" >"$work/run.out" 2>&1 ||
        fail "run did not end well"
    ours=$(awk "BEGIN {print $(now) - $began}")
    ours_cpu=$(awk "BEGIN {print $(cpu_of_children) - $cpu}")
    assert_in "events: $((ENTRIES / 10000)) found" run.out
}

echo "seconds:  journalctl  run;  CPU:  journalctl  run"
for turn in $(seq "$RUNS"); do
    measure_bare
    measure_ours
    echo "$bare $ours; $bare_cpu $ours_cpu"
    ratio "$bare" "$ours" >>"$work/rates"
    ratio "$bare_cpu" "$ours_cpu" >>"$work/cpus"
done
echo "median ratio of rates, run to journalctl: $(median <"$work/rates")"
echo "median ratio of CPU time, journalctl to run: $(median <"$work/cpus")"
