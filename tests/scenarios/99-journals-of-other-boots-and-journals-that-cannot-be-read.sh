#!/bin/sh
# Recorded journals: earlier boots, a journal that was replaced; no journalctl, no permission.
. "$(dirname "$0")/../support/scenario.sh"

# Entries FIRST to FIRST+COUNT-1 of a boot, a second apart, into the journal of $work/journal.
record() { # boot digit, first, count, microseconds
    for number in $(seq "$2" $(($2 + $3 - 1))); do
        cat <<ENTRY
__REALTIME_TIMESTAMP=$(($4 + number * 1000000))
__MONOTONIC_TIMESTAMP=$((number * 1000000))
_BOOT_ID=$(printf '%032d' 0 | tr 0 "$1")
_HOSTNAME=app1
_SYSTEMD_UNIT=acme.service
SYSLOG_IDENTIFIER=${identifier:-acme}
_PID=7
MESSAGE=request $number by user$number from 198.51.100.7

ENTRY
    done | /lib/systemd/systemd-journal-remote -o "$work/journal/acme.journal" - 2>>"$work/remote.err"
}
is_begun() {
    [ "$(sqlite3 "$work/filtered/spool.db" 'SELECT count(*) FROM cursor' 2>/dev/null)" = 1 ]
}
mkdir "$work/journal"
record 1 1 20 1763890000000000
record 2 21 20 1763900000000000

start_endpoint
write_config "inputs:" "  - journal: {directory: $work/journal, unit: acme}" \
    "    rules: $work/acme.yaml" "    start: beginning"

say "several boots, then one more between stop and start"
start_run
wait_until 30 has_accepted 40
stop run
record 3 41 20 1763910000000000
start_run
wait_until 30 has_accepted 60

say "while it runs, of a boot that is not this host's"
record 4 61 20 1763920000000000
wait_until 30 has_accepted 80
stop run
assert_delivered 1 80
assert_complaints 0

say "replaced by a later journal: read on at the nearest later time, and said"
rm "$work/journal/"*
record 5 81 20 1763930000000000
start_run
wait_until 30 has_accepted 100
stop run
assert_said 1 'the last entry that was read is gone, and so is its journal'

say "replaced by one of a clock that is behind: all of it is read"
rm "$work/journal/"*
record 6 101 20 1763800000000000
start_run
wait_until 30 has_accepted 120
stop run
assert_said 1 'nothing is after it; reading what there is from its beginning'
assert_delivered 1 120

say "begun at an entry that the filter leaves out: the first that it takes is not skipped"
identifier=other
record 6 1 1 1763840000000000
write_config "inputs:" "  - journal: {directory: $work/journal, identifier: acme}" \
    "    rules: $work/acme.yaml" "    start: end"
start_run --state "$work/filtered"
wait_until 30 is_begun # and no orderly end is needed for that
stop run KILL
identifier=acme
record 6 121 1 1763850000000000
start_run --state "$work/filtered"
wait_until 30 has_accepted 121
stop run
assert_delivered 1 121

say "no journalctl: said once, and the file beside it is read"
write_config "inputs:" "  - journal: {directory: $work/journal}" "    rules: $work/acme.yaml" \
    "  - {file: $work/app.log, rules: $work/acme.yaml, start: beginning}"
write_lines 122 20
export USAGE_SHIPPER_JOURNALCTL="$work/nothing"
start_run
wait_until 30 has_accepted 141
wait_until 30 has_said 'cannot run'
stop run
assert_said 1 'No such file or directory.*trying again. The journal is read with journalctl'

say "no permission: said once, with what to do"
cat >"$work/refused" <<'SCRIPT'
#!/bin/sh
exec setpriv --reuid=65534 --regid=65534 --clear-groups journalctl "$@"
SCRIPT
chmod 755 "$work/refused"
chmod 700 "$work/journal"
export USAGE_SHIPPER_JOURNALCTL="$work/refused"
start_run
wait_until 30 has_said 'systemd-journal'
stop run
assert_said 1 'Permission denied.*trying again. Let the service.s user be in the group systemd-journal'
