#!/bin/sh
# Logs of another user: doctor and status say whether a group, an ACL or the capability is needed, with the command; each of these makes them readable, over logrotate, too.
. "$(dirname "$0")/../support/scenario.sh"


[ "$(id -u)" = 0 ] || skip "only root can make logs of somebody else"
user=$(getent passwd 65534 | cut -d : -f 1)
logs=$work/logs
chmod 755 "$work"
mkdir "$logs" "$work/state"
chmod 755 "$logs"
start_endpoint
write_config "inputs:" "  - {file: $logs/*.log, rules: $work/acme.yaml, start: beginning}"
chown 65534 "$work/state" "$work/key"
chmod 755 "$work/acme.yaml" "$work/config.yaml"

diagnose() {
    "$SHIPPER" doctor --config "$work/config.yaml" >"$work/doctor.out" 2>&1 || true
}
new_log() { # owner, mode
    rm -f "$logs"/*
    "$TOOLS/log_writer" "$logs/app.log" 1 20 0
    chown "$1" "$logs/app.log"
    chmod "$2" "$logs/app.log"
}

say "readable by a group"
new_log 12345:adm 640
diagnose
assert_in "1 of 1 cannot be read: $logs/app.log: Permission denied" doctor.out
assert_in "Its group may: \`usermod -aG adm $user\`" doctor.out

say "behind a directory"
new_log 12345:adm 644
chmod 700 "$logs"
diagnose
assert_in "The way to it ends at $logs." doctor.out
assert_in "setfacl -m u:$user:rx $logs" doctor.out
chmod 755 "$logs"

say "of no group's, with a mode that no ACL survives"
new_log 12345:0 600
diagnose
assert_in 'CAP_DAC_READ_SEARCH' doctor.out

say "status says it, too, beside a service and after its end"
start run setpriv --reuid=65534 --regid=65534 --clear-groups "$SHIPPER" run --config "$work/config.yaml"
wait_until 10 is_in 'running:' run.err
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "$logs/app.log (CANNOT BE READ)" status.out
assert_in "$logs/app.log cannot be read. Its mode closes it to groups" status.out
assert_equal "unreadable in JSON" "$("$SHIPPER" status --config "$work/config.yaml" --json | jq '[.sources[] | select(.unreadable)] | length')" 1
stop run

say "the capability, for the reader alone"
start run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+dac_read_search \
    --ambient-caps=-all,+dac_read_search --bounding-set=-all,+dac_read_search "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 has_accepted 20
caps() { sed -n 's/^CapEff:[[:blank:]]*0*//p' "/proc/$(pgrep -P "$run_pid" -x "shipper-$1")/status"; }
assert_equal "capabilities of the reader" "$(caps reader)" 4
assert_equal "capabilities of the sender" "$(caps sender)" ""
stop run
assert_equal "exit code" "$code" 0

command -v setfacl >/dev/null || skip "no setfacl"
setfacl -m u:65534:r "$logs" 2>/dev/null || skip "no ACLs on this file system"
setfacl -b "$logs"
say "an ACL, which survives logrotate"
new_log daemon:0 640
diagnose
assert_in "setfacl -m u:$user:r $logs/app.log" doctor.out
assert_in "setfacl -d -m u:$user:r $logs" doctor.out
# The commands as they are printed.
grep -o '`setfacl [^`]*`' "$work/doctor.out" | tr -d '`' | sh
diagnose
assert_in "$logs/*.log: 1, which can be read" doctor.out
printf '%s {\n  create 0640 daemon root\n  rotate 3\n  su root root\n}\n' "$logs/app.log" >"$work/logrotate.conf"
logrotate -f -s "$work/logrotate.state" "$work/logrotate.conf" || fail "logrotate"
"$TOOLS/log_writer" "$logs/app.log" 21 20 0
assert_equal "mode after the rotation" "$(stat -c '%u %a' "$logs/app.log")" "1 640"
diagnose
assert_in "$logs/*.log: 1, which can be read" doctor.out
rm -rf "$work/state"
mkdir "$work/state"
chown 65534 "$work/state"
start run setpriv --reuid=65534 --regid=65534 --clear-groups "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 has_accepted 40
stop run
assert_equal "exit code" "$code" 0
