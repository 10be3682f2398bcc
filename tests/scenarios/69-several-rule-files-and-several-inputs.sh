#!/bin/sh
# Several rule files on one input, one rule file on a file and a pipe: each sees its lines, and they don't interfere.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config "inputs:" \
    "  - {file: $work/app.log, rules: [$work/acme.yaml, $work/second.yaml], start: beginning}" \
    "  - {file: '$work/*.log', rules: $work/second.yaml, start: beginning}" \
    "  - {stdin: true, rules: $work/acme.yaml}"
cat >"$work/second.yaml" <<'RULES'
product: second
format: auto
rules:
  - name: odd
    match: '^request \d*[13579] by (?<user>\S+) from %{IP:ip}'
    event: {activity_type: ODD, user_id: '${user}', ip_addr: '${ip}', user_agent: second}
    samples:
      - line: '2026-11-23T10:11:12Z app1 acme[7]: request 17 by user17 from 198.51.100.17'
        event: {user_id: user17}
      - line: '2026-11-23T10:11:12Z app1 acme[7]: request 18 by user18 from 198.51.100.17'
        event: none
RULES
count_of() { grep -c "activity_type.*$1" "$work/record" 2>/dev/null || true; } # activity
has() { [ "$(count_of "$1")" -ge "$2" ]; }                                  # activity, number

say "a file that two inputs reach is the first one's, and both of its rule files see each line"
write_lines 1 100
"$TOOLS/log_writer" "$work/other.log" 201 100 0
mkfifo "$work/pipe"
# shellcheck disable=SC2016
start run sh -c 'exec "$SHIPPER" run --config "$1/config.yaml" <"$1/pipe"' sh "$work"
exec 3>"$work/pipe"
wait_until 20 has REQUEST 100
wait_until 20 has ODD 100

say "a pipe beside them, with the first one's rules; when it ends, the files go on"
"$TOOLS/log_writer" "$work/piped" 501 20 0
cat "$work/piped" >&3
wait_until 20 has REQUEST 120
exec 3>&-
write_lines 101 10
wait_until 20 has ODD 105
wait_until 20 has REQUEST 130
stop run
assert_equal "exit code" "$code" 0
assert_equal "events of the first" "$(count_of REQUEST)" 130
assert_equal "events of the second" "$(count_of ODD)" 105
assert_equal "number of ids" "$(received_ids | wc -l)" 235
"$SHIPPER" status --config "$work/config.yaml" --all >"$work/status.out"
assert_in "second: format auto: there are lines that are read as syslog" run.err
assert_equal "times that is said" "$(grep -c "format auto" "$work/run.err")" 1
assert_in "standard input (ended)" status.out
assert_in "every byte is accounted for" status.out
