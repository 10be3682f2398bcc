# Sourced, after scenario.sh, by those that install the package in a fresh Debian of the
# suite that runs here: $chroot is its root, $package the package, built from this tree
# unless PACKAGE names one.
#
#     . "$(dirname "$0")/../support/chroot.sh"
#
# shellcheck shell=sh
[ "$(id -u)" = 0 ] || skip "only root can make a chroot"
cd "$(dirname "$0")/../.."
command -v debootstrap >/dev/null || apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
package=${PACKAGE-}
if [ -z "$package" ]; then
    make --no-print-directory deb >"$work/deb.out" 2>&1 || fail "make deb: $(tail -n 3 "$work/deb.out")"
    package=$(tail -n 1 "$work/deb.out")
fi

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | sed -n "s/ $suite\$//p" | sort -u | head -n 1)
chroot=$work/chroot
in_chroot() { chroot "$chroot" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
clean_up_chroot() {
    umount "$chroot/proc" 2>/dev/null || true
    clean_up
}
trap clean_up_chroot EXIT

say "a fresh $suite"
debootstrap --variant=minbase "$suite" "$chroot" "$mirror" >"$work/debootstrap.out" 2>&1 ||
    fail "debootstrap: $(tail -n 3 "$work/debootstrap.out")"
mount -t proc proc "$chroot/proc"
cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d "$chroot/etc/apt/"
cp "$package" "$chroot/root/first.deb"
in_chroot apt-get update -qq >"$work/apt.out" 2>&1
install_package() { # package..., with what it needs
    in_chroot apt-get install -y -qq --no-install-recommends "$@" >>"$work/apt.out" 2>&1 ||
        fail "apt-get install: $(tail -n 3 "$work/apt.out")"
}
