# Sourced behind scenario.sh: a journald of a namespace of its own. It writes where the
# host's would, below a name that no other has.
#
# shellcheck shell=sh

namespace=usageshipper$$
machine=$(cat /etc/machine-id 2>/dev/null || true)
[ -n "$machine" ] || fail "this host has no /etc/machine-id: journald needs one"
journals=/var/log/journal/$machine.$namespace
journal_runtime=/run/systemd/journal.$namespace
journal_settings=/etc/systemd/journald@$namespace.conf
trap 'clean_up; rm -rf "$journals" "$journal_runtime" "$journal_settings" \
    /run/log/journal/"$machine.$namespace"' EXIT
mkdir -p "$journals" "$journal_runtime" /etc/systemd
printf '[Journal]\nStorage=persistent\nSystemMaxFileSize=8M\nSystemMaxUse=200M\nRateLimitIntervalSec=0\n' \
    >"$journal_settings"

start_journald() {
    rm -f "$journal_runtime/socket" "$journal_runtime/dev-log" # of one that was killed
    start journald /lib/systemd/systemd-journald "$namespace"
    wait_until 10 test -S "$journal_runtime/dev-log"
}
# That of a namespace ends by itself when nothing came for 30 s.
keep_journald() {
    ! is_gone "$journald_pid" || start_journald
}
rotate_journal() {
    keep_journald
    kill -USR2 "$journald_pid"
}
vacuum_journal() { # option of journalctl, as --vacuum-files=1
    /usr/bin/journalctl -D "$journals" "$@" >>"$work/vacuum.out" 2>&1
}
# Entries FIRST to FIRST+COUNT-1, as a service would log them; logger waits for room.
log_entries() { # first, count
    keep_journald
    seq "$1" $(($1 + $2 - 1)) |
        sed 's/.*/request & by user& from 198.51.100.7/' |
        logger --socket "$journal_runtime/dev-log" --tag acme
}
# What is logged before a rotation must be written before it.
has_stored() { # number
    /usr/bin/journalctl --namespace="$namespace" --identifier=acme --output=cat --lines=1 2>/dev/null |
        grep -q "^request $1 "
}
# Numbers of the entries that journalctl can read now, sorted.
stored_numbers() {
    /usr/bin/journalctl -D "$journals" --merge --identifier=acme --output=cat 2>/dev/null |
        sed -n 's/^request \([0-9]*\) by .*/\1/p' | sort -n
}

# Processes of run: the reader by its name, journalctl by its parent.
reader() { pgrep -P "$run_pid" -x shipper-reader; }
journalctl() { pgrep -P "$run_pid" -x journalctl; }
