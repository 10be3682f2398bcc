#!/bin/sh
# Reader and sender run behind Landlock and seccomp as far as the kernel has them, status says so, patterns run as machine code, memory is nobody else's to read.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config
write_lines 1 100
start_run
wait_until 20 has_accepted 100
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
"$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json"

of() { sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status"; } # pid, field
for name in reader sender; do
    pid=$(pgrep -P "$run_pid" -x shipper-$name)
    assert_equal "$name in status" "$(jq ".sandbox.$name.pid" "$work/status.json")" "$pid"
    assert_equal "new rights of the $name" "$(of "$pid" NoNewPrivs)" 1
    assert_equal "refused to the $name" "$(jq ".sandbox.$name.refused" "$work/status.json")" 0
    case $(of "$pid" Seccomp) in
    2) filter=true ;;
    *) filter=false ;;
    esac
    assert_equal "filter of the $name" "$(jq ".sandbox.$name.seccomp" "$work/status.json")" $filter
    grep -q "Max core file size *0 *0" "/proc/$pid/limits" || fail "the $name may leave a core"
done
assert_equal "jit" "$(jq .sandbox.reader.jit "$work/status.json")" true
assert_in 'jit: yes' status.out
sed -n 2,3p "$work/status.out"
if [ "$(jq .sandbox.reader.landlock "$work/status.json")" -gt 0 ]; then
    assert_in 'reader: writes in the state directory only (Landlock' status.out
    assert_in 'sender: opens no logs (Landlock' status.out
else
    assert_in 'NOT held by Landlock' status.out
    assert_in 'no Landlock' run.err
fi

say "a stopped service has no sandbox to tell of"
stop run
assert_equal "exit code" "$code" 0
"$SHIPPER" status --config "$work/config.yaml" --json >"$work/status.json"
assert_equal "sandbox" "$(jq .sandbox "$work/status.json")" null
assert_complaints 0
