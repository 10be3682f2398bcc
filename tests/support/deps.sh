#!/bin/sh
# Installs Debian packages, only when something is missing, and says which first.
# usage: deps.sh "PKG-CONFIG MODULES" DEBIAN-PACKAGE...
set -eu
modules=$1
shift

is_complete() {
    command -v pkg-config >/dev/null || return 1
    # shellcheck disable=SC2086  # a list of modules
    pkg-config --exists $modules || return 1
    for package; do
        case $package in
        *-dev | pkg-config) ;; # pkg-config has answered for these
        *) dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || return 1 ;;
        esac
    done
}

if command -v dpkg-query >/dev/null; then
    is_complete "$@" && exit 0
elif command -v pkg-config >/dev/null && pkg-config --exists $modules; then
    exit 0 # another system, with the libraries there
fi

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "Missing libraries or tools. On Debian, as root:" >&2
    echo "    apt-get install $*" >&2
    echo "Elsewhere, install what your system calls these, then run make again." >&2
    exit 1
fi

echo "Installing with apt-get: $*"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
