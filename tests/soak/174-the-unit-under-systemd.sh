#!/bin/sh
# The package under a systemd of its own, in namespaces: started with all walls of the unit, reloaded, restarted by the watchdog, not restarted with a wrong configuration, upgraded while it runs, purged.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/chroot.sh"

# Runs as process 1 of namespaces of its own.
cat >"$work/boot" <<BOOT
set -e
mount --make-rprivate /
mount --bind "$chroot" "$chroot"
cd "$chroot"
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/\$device"
    mount --bind "/dev/\$device" "dev/\$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --system
BOOT
cgroup=$work/cgroup
mkdir "$cgroup"
mount -t cgroup2 cgroup2 "$cgroup" || skip "no cgroup2 here"
cgroup_of_test=$cgroup/usage-shipper-test-$$
clean_up_systemd() {
    [ ! -e "$cgroup_of_test" ] || echo 1 >"$cgroup_of_test/cgroup.kill" || true
    # A cgroup can be removed once nothing is in it, the innermost first.
    removed() { [ -z "$(find "$cgroup_of_test" -depth -type d -exec rmdir {} + 2>&1)" ]; }
    [ ! -e "$cgroup_of_test" ] || wait_quietly 10 removed || true
    umount "$cgroup" || true
    clean_up_chroot
}
trap clean_up_systemd EXIT

install_package systemd dbus procps
mkdir "$cgroup_of_test"
start systemd sh -c "echo 0 >'$cgroup_of_test/cgroup.procs'; exec unshare --fork --pid --mount --uts --ipc --cgroup --kill-child sh '$work/boot'"
inside() { nsenter -t "$init" -m -p -u -i -C -r -w env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
is_booted() {
    init=$(pgrep -P "$systemd_pid" -x systemd) && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'
}
wait_until 60 is_booted
property() { inside systemctl show -p "$1" --value usage-shipper; }
is_active() { [ "$(property ActiveState)" = active ]; }
login() { # number
    echo "2026-11-23T10:11:12Z web1 sshd[$1]: Accepted password for user$1 from 203.0.113.$1 port 5022 ssh2" >>"$chroot/var/log/auth.log"
}

say "installed, and not started"
inside apt-get install -y -qq --no-install-recommends /root/first.deb >>"$work/apt.out" 2>&1 || fail "apt-get install: $(tail -n 3 "$work/apt.out")"
assert_equal "enabled" "$(inside systemctl is-enabled usage-shipper)" disabled
assert_equal "state" "$(property ActiveState)" inactive

say "init, enabled, started: events arrive from inside all walls"
start_endpoint --key secret
login 1
chmod 640 "$chroot/var/log/auth.log"
inside chgrp adm /var/log/auth.log
printf '%s\n' openssh '' '' '' '' secret | inside usage-shipper init --url "$url" >"$work/init.out" 2>"$work/init.err" || fail "init ended with $?"
starts() { inside systemctl "$@" usage-shipper 2>"$work/start.err" || fail "it does not start: $(inside journalctl -n 20 --no-pager)"; }
starts enable --now
login 2
wait_until 20 has_accepted 1
inside usage-shipper status >"$work/status.out"
assert_in 'jit: yes' status.out
assert_equal "capabilities" "$(inside sh -c 'grep CapEff /proc/$(systemctl show -p MainPID --value usage-shipper)/status' | cut -f 2)" 0000000000000000

say "reloaded, and not with a fault in it"
inside systemctl reload usage-shipper || fail "it does not reload"
echo 'bogus: 1' >>"$chroot/etc/usage-shipper/usage-shipper.yaml"
! inside systemctl reload usage-shipper 2>/dev/null || fail "it reloads a faulty configuration"
is_active || fail "a faulty configuration ended it"

say "not started again and again with it"
! inside systemctl restart usage-shipper 2>/dev/null || fail "it starts with a faulty configuration"
assert_equal "exit code" "$(property ExecMainStatus)" 78
assert_equal "restarts" "$(property NRestarts)" 0
sed -i '/^bogus/d' "$chroot/etc/usage-shipper/usage-shipper.yaml"
starts start
login 3
wait_until 20 has_accepted 2

say "torture 74: a supervisor that hangs is restarted"
inside sh -c 'kill -STOP $(systemctl show -p MainPID --value usage-shipper)'
restarted() { [ "$(property NRestarts)" = 1 ] && is_active; }
wait_until 120 restarted
login 4
wait_until 20 has_accepted 3

say "upgraded while it runs, purged"
inside apt-get install -y -qq --reinstall /root/first.deb >>"$work/apt.out" 2>&1 || fail "upgrade: $(tail -n 3 "$work/apt.out")"
is_active || fail "it does not run after the upgrade"
login 5
wait_until 20 has_accepted 4
assert_equal "repeated events" "$(count_outcome repeated)" 0
inside apt-get purge -y -qq usage-shipper >>"$work/apt.out" 2>&1
left=$(find "$chroot/etc" "$chroot/var/lib" "$chroot/usr" "$chroot/lib" -xdev -name '*usage*shipper*' | head -n 3)
[ -z "$left" ] || fail "left behind: $left"
! grep -q usage-shipper "$chroot/etc/passwd" || fail "the user is left"
! inside pgrep -x usage-shipper || fail "it still runs"
