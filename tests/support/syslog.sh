# Sourced by scenarios of the syslog listener, behind scenario.sh.
#
# shellcheck shell=sh

# Below the ports that the kernel gives out by itself, and another for each scenario
# that runs at the same time; 6000 above it is free, too.
listen_port=$((20000 + $$ % 6000))

# One input for each listener, `quiet` ones with rules that take every ten thousandth
# request only.
write_syslog_config() { # [quiet] listener...
    inputs='inputs:' rules=acme
    [ "$1" != quiet ] || {
        rules=quiet
        shift
    }
    for listener; do
        inputs="$inputs
  - syslog: {$listener}
    rules: $work/$rules.yaml"
    done
    write_config "spool: {max_bytes: ${spool_bytes:-1GiB}}" "$inputs"
    sed -e 's/request (?<number>\\d+)/request (?<number>\\d*0000)/' -e 's/request 17 /request 170000 /' \
        "$work/acme.yaml" >"$work/quiet.yaml"
}
start_listening() { # listener...: as for write_syslog_config
    write_syslog_config "$@"
    start_run
    wait_until 10 is_in "running: reader is process" run.err
}
reader_pid() { sed -n 's/.*: reader is process \([0-9]*\),.*/\1/p' "$work/run.err"; }

# A count of the listener whose name begins so, as `status` has it.
syslog_count() { # beginning, name
    "$SHIPPER" status --state "$work/state" --json |
        jq -r --arg name "$1" --arg count "$2" \
            '[.sources[] | select(.name | startswith($name)) | .syslog[$count]] | add // 0'
}
is_counted() { [ "$(syslog_count "$1" "$2")" -ge "$3" ]; } # beginning, name, number
assert_counted() { # beginning, name, number
    assert_equal "$1: $2" "$(syslog_count "$1" "$2")" "$3"
}

# A message that the rules take.
request() { echo "request $1 by user$1 from 198.51.100.7"; } # number
message() { printf '<13>Nov 23 10:11:12 app1 acme[7]: %s' "$(request "$1")"; } # number
counted() { printf '%d %s' "$(message "$1" | wc -c)" "$(message "$1")"; }      # number
