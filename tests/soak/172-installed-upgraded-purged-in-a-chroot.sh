#!/bin/sh
# The Debian package in a fresh chroot: installed, nothing runs; configured, events arrive; upgraded over it, the spool stays; purged, nothing is left.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/chroot.sh"

installed() { # which of the package's own is there
    (cd "$chroot" && find etc/usage-shipper etc/systemd etc/passwd etc/group lib/systemd/system/usage-shipper.service \
        usr/bin/usage-shipper usr/share/usage-shipper usr/share/doc/usage-shipper var/lib/usage-shipper \
        usr/lib/sysusers.d/usage-shipper.conf 2>/dev/null | grep -c usage-shipper) || true
}

say "installed: nothing runs, nothing is enabled"
install_package systemd /root/first.deb
assert_equal "the user" "$(in_chroot id -un usage-shipper)" usage-shipper
case " $(in_chroot id -Gn usage-shipper) " in *" adm "*) ;; *) fail "the user is not in adm" ;; esac
assert_equal "the state directory" "$(in_chroot stat -c '%U %a' /var/lib/usage-shipper)" "usage-shipper 700"
[ -z "$(find "$chroot/etc/systemd" -name 'usage-shipper.service')" ] || fail "the unit is enabled"
[ ! -e "$chroot/etc/usage-shipper/usage-shipper.yaml" ] || fail "there is a configuration"

say "init, and started: events arrive"
start_endpoint --key secret
write_config
install -d "$chroot/etc/usage-shipper/rules"
sed 's|^format:|logs: [{file: /var/log/app.log}]\nformat:|' "$work/acme.yaml" >"$chroot/etc/usage-shipper/rules/acme.yaml"
"$TOOLS/log_writer" "$chroot/var/log/app.log" 1000 5 0
chmod 640 "$chroot/var/log/app.log"
in_chroot chgrp adm /var/log/app.log
printf '%s\n' acme '' '' '' '' secret | in_chroot usage-shipper init --url "$url" >"$work/init.out" 2>"$work/init.err" ||
    fail "init ended with $?"
assert_in 'acme: 5 events in the last 5 lines' init.out
assert_in 'systemctl enable --now usage-shipper' init.out
assert_equal "the key" "$(in_chroot stat -c '%U %G %a' /etc/usage-shipper/api_key)" "root usage-shipper 640"
sed -i 's/^endpoint:/&\n  retry_most: 1s/' "$chroot/etc/usage-shipper/usage-shipper.yaml"
start_service() {
    start run chroot "$chroot" setpriv --reuid=usage-shipper --regid=usage-shipper --init-groups --no-new-privs \
        /usr/bin/usage-shipper run
}
in_chroot usage-shipper check /etc/usage-shipper/usage-shipper.yaml
start_service
wait_until 20 has_said 'running: reader'
"$TOOLS/log_writer" "$chroot/var/log/app.log" 1 100 0
wait_until 30 has_accepted 100

say "upgraded over it: the spool stays"
script '* 503'
"$TOOLS/log_writer" "$chroot/var/log/app.log" 101 50 0
waits() { in_chroot usage-shipper status --json | grep -q '"waiting": *50\>'; }
wait_until 20 waits
stop run
sh packaging/deb.sh 99.0 >"$work/deb.out" 2>&1 || fail "deb.sh: $(tail -n 3 "$work/deb.out")"
cp "$(tail -n 1 "$work/deb.out")" "$chroot/root/second.deb"
install_package /root/second.deb
waits || fail "the upgrade lost events that waited"
script
start_service
wait_until 30 has_accepted 150
stop run
assert_delivered 1 150

say "purged: nothing is left"
in_chroot apt-get purge -y -qq usage-shipper >>"$work/apt.out" 2>&1
assert_equal "files of the package" "$(installed)" 0
! grep -q usage-shipper "$chroot/etc/passwd" "$chroot/etc/group" || fail "the user is left"
left=$(find "$chroot" -xdev -name '*usage*shipper*' -not -path '*/tmp/*' -not -path '*/var/cache/*' -not -path '*/var/log/*')
[ -z "$left" ] || fail "left behind: $left"

say "the tarball, without the libraries of the package"
make --no-print-directory dist >"$work/dist.out" 2>&1 || fail "make dist: $(tail -n 3 "$work/dist.out")"
in_chroot apt-get autoremove -y -qq --purge >>"$work/apt.out" 2>&1
tar -C "$chroot" -xzf "$(tail -n 1 "$work/dist.out")"
assert_equal "newest glibc that it asks for" "$(objdump -T "$chroot/usr/local/bin/usage-shipper" \
    "$chroot"/usr/local/lib/usage-shipper/* | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)" GLIBC_2.34
in_chroot ldd /usr/local/bin/usage-shipper | grep -q 'libcurl.*/usr/local/bin/../lib/usage-shipper/' || fail "it takes another libcurl"
in_chroot /usr/local/bin/usage-shipper test /usr/local/share/usage-shipper/rules >"$work/samples.out" || fail "samples fail"
tail -n 1 "$work/samples.out"
