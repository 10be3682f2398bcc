#!/bin/sh
# What `make install` puts in place: systemd's own tools accept the unit and rate it below 2.0, users and directories are made, pages and completion know each command, and patterns are machine code without any privilege.
. "$(dirname "$0")/../support/scenario.sh"

cd "$(dirname "$0")/../.."
root=$work/root
mkdir "$root"
sh packaging/install.sh "$SHIPPER" 0.0.0 /usr "$root"
cmp -s "$SHIPPER" "$root/usr/bin/usage-shipper" || fail "the program is not in usr/bin"
assert_equal "rule files" "$(find "$root/usr/share/usage-shipper/rules" -name '*.yaml' | wc -l)" "$(find rules -name '*.yaml' | wc -l)"

(cd "$root/usr/share/doc/usage-shipper" && grep -oE '\]\([a-z.A-Z][^)#:]*' docs/*.md README.md | sed 's/:](/ /') >"$work/links"
[ "$(wc -l <"$work/links")" -ge 10 ] || fail "no links are found in the docs"
while read -r page link; do
    case $link in rules | LICENSE | parsers/* | shipper/* | tests/*) continue ;; esac # of the source alone
    [ -e "$root/usr/share/doc/usage-shipper/$(dirname "$page")/$link" ] || fail "$page leads to $link, which is not installed"
done <"$work/links"

say "the unit"
mkdir "$work/units"
unit=$work/units/usage-shipper.service
sed "s|/usr/bin/usage-shipper|$SHIPPER|" "$root/usr/lib/systemd/system/usage-shipper.service" >"$unit"
systemd-analyze verify --man=no "$unit" >"$work/verify.out" 2>&1 || fail "systemd-analyze verify: $(cat "$work/verify.out")"
! grep -v '^#' "$work/verify.out" | grep usage-shipper || fail "systemd-analyze verify complains"
systemd-analyze security --offline=true --threshold=20 "$unit" >"$work/security.out" 2>&1 ||
    fail "its exposure is above 2.0: $(tail -n 1 "$work/security.out")"
tail -n 1 "$work/security.out"
! grep -q '^MemoryDenyWriteExecute=' "$unit" || fail "patterns would not be machine code"
grep -q '^RestartPreventExitStatus=64 78$' "$unit" || fail "it would restart with a wrong configuration"

say "users and directories"
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$root/etc"
    systemd-sysusers --root="$root" "$root/usr/lib/sysusers.d/usage-shipper.conf" >"$work/users.out" 2>&1 ||
        fail "systemd-sysusers: $(cat "$work/users.out")"
    grep -q '^usage-shipper:' "$root/etc/passwd" || fail "no user was made"
    grep -q '^adm:.*usage-shipper' "$root/etc/group" || fail "the user is not in adm"
    grep -q '^systemd-journal:.*usage-shipper' "$root/etc/group" || fail "the user is not in systemd-journal"
    mkdir -p "$root/etc/usage-shipper"
    (umask 077 && echo secret >"$root/etc/usage-shipper/api_key")
    systemd-tmpfiles --root="$root" --create usage-shipper.conf >"$work/tmpfiles.out" 2>&1 ||
        fail "systemd-tmpfiles: $(cat "$work/tmpfiles.out")"
    assert_equal "mode of the state directory" "$(stat -c %a "$root/var/lib/usage-shipper")" 700
    assert_equal "mode of the key" "$(stat -c %a "$root/etc/usage-shipper/api_key")" 640
fi

say "pages and completion"
# What the program's own table of options has, help, page and completion have, and nothing else.
in_table() { # command
    files=$(echo shipper/cmd_"$1"*.c)
    # shellcheck disable=SC2086  # names without blanks
    ! grep -q GIVEN_RULES_OPTIONS $files || files="$files shipper/given_rules.h"
    # shellcheck disable=SC2086
    grep -hoE '"[a-z-]+", (no|required|optional)_argument' $files | sed 's/"/--/; s/".*//' | sort -u
}
in_help() { sed -n 's/^  \(--.*\)/\1/p' | sed 's/   *.*//' | grep -oE -e '--[a-z][a-z-]*' | sort -u; }
assert_same() { # what; wanted and got on their way
    cmp -s "$work/wanted" "$work/got" || fail "$1: $(diff "$work/wanted" "$work/got" | grep '^[<>]')"
}
# shellcheck disable=SC2016
complete='. "$1"; COMP_WORDS=("$2" $3); COMP_CWORD=$4; _usage_shipper; printf "%s\\n" "${COMPREPLY[@]}"'
completion=$root/usr/share/bash-completion/completions/usage-shipper
completed() { bash -c "$complete" - "$completion" "$SHIPPER" "$@"; } # words, how many
commands=$(sed -n 's/^    {"\([a-z]*\)", ".*cmd_.*/\1/p' shipper/main.c)
[ "$(echo "$commands" | wc -l)" -ge 13 ] || fail "the table of commands is not understood"
page=$root/usr/share/man/man1/usage-shipper.1
for command in $commands; do
    in_table "$command" >"$work/wanted"
    "$SHIPPER" "$command" --help | in_help >"$work/got"
    assert_same "$command --help"
    sed -n "/^\.SS $command\$/,/^\.EE/p" "$page" | sed 's/\\-/-/g' | in_help >"$work/got"
    assert_same "usage-shipper(1), $command"
    completed "$command --" 2 | sort >"$work/got"
    assert_same "completion of $command --"
done
printf '%s\n' $commands --help --version | sort >"$work/wanted"
completed '' 1 | sort >"$work/got"
assert_same "completion of nothing"
! grep -n '<!--\|-->\|wait_until\|```' "$root"/usr/share/man/man5/* || fail "a page holds what is for tests"
grep -q 'max_in_flight' "$root/usr/share/man/man5/usage-shipper.yaml.5" || fail "usage-shipper.yaml(5) lacks max_in_flight"
grep -q 'samples' "$root/usr/share/man/man5/usage-shipper-rules.5" || fail "usage-shipper-rules(5) lacks samples"
assert_equal "completion of rel" "$(completed rel 1)" reload
assert_equal "completion of run --on" "$(completed 'run --on' 2)" --once

say "as a user without any privilege, as the unit has it"
[ "$(id -u)" = 0 ] || exit 0
start_endpoint
write_config
mkdir "$work/state"
chmod 755 "$work"
chown 65534:65534 "$work/state" "$work/key"
write_lines 1 20
start run setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all \
    --inh-caps=-all "$SHIPPER" run --config "$work/config.yaml"
wait_until 20 has_accepted 20
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in 'jit: yes' status.out
stop run
assert_equal "exit code" "$code" 0
assert_complaints 0

say "what MemoryDenyWriteExecute would do is seen"
kernel=$(uname -r)
case $(printf '6.3\n%s\n' "$kernel" | sort -V | head -n 1) in 6.3) ;; *) exit 0 ;; esac
start run env LD_PRELOAD="$TOOLS/no_machine_code.so" "$SHIPPER" run --config "$work/config.yaml"
write_lines 21 20
wait_until 20 has_accepted 40
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in 'jit: NO' status.out
stop run
assert_equal "exit code" "$code" 0
