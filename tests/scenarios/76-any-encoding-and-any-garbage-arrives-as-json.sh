#!/bin/sh
# torture 31, 32: UTF-16, Latin and Windows encodings, garbage, control characters and escapes: valid JSON, the lines around intact
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config "inputs:" \
    "  - {file: '$work/mark.log', rules: $work/acme.yaml, start: beginning}" \
    "  - {file: '$work/wide.log', rules: $work/acme.yaml, start: beginning, encoding: utf-16be}" \
    "  - {file: '$work/latin.log', rules: $work/acme.yaml, start: beginning, encoding: iso-8859-1}" \
    "  - {file: '$work/windows.log', rules: $work/acme.yaml, start: beginning, encoding: windows-1252}" \
    "  - {file: '$work/garbage.log', rules: $work/acme.yaml, start: beginning}"

line() { printf '2026-11-23T10:11:12Z app1 acme[7]: request %s by %b from 198.51.100.7\n' "$1" "$2"; }
has_user() { # number, user as it stands in the body
    grep "number[^,]*\"$1\\\\\"" "$work/record" | grep -qF "user_id\\\":\\\"$2\\\""
}
assert_user() { has_user "$1" "$2" || fail "request $1: $(grep "\"$1\\\\\"" "$work/record")"; }

{
    printf '\377\376'
    { line 1 'Zo\0303\0253' && line 2 'b\0303\0274cher'; } | iconv -f utf-8 -t utf-16le
} >"$work/mark.log"
line 3 'Zo\0303\0253' | iconv -f utf-8 -t utf-16be >"$work/wide.log"
line 4 'Zo\0353' >"$work/latin.log"
line 5 '\0200uro\0201' >"$work/windows.log"
{
    printf '\357\273\277'
    line 6 'mark'
    line 7 'carriage' | sed 's/$/\r/'
    line 8 'lone\\rreturn'
    line 9 'a\000b'
    line 10 'bad\0377\0300\0257\0355\0240\0200end'
    line 11 '"quoted\\\\"'
    line 12 '\033[31mred\033[0m'
    line 13 '\0001\0002\0037\0177'
    printf '\000\377\376\n'
    line 14 'last'
} >"$work/garbage.log"
start_run
wait_until 20 has_received 14
assert_delivered 1 14
assert_user 1 'Zoë'
assert_user 2 'bücher'
assert_user 3 'Zoë'
assert_user 4 'Zoë'
assert_user 5 '€uro�'
assert_user 6 'mark'
assert_user 7 'carriage'
assert_user 12 'red'
assert_user 14 'last'
jq -e '.body | fromjson | .payload | length > 0' <"$work/record" >/dev/null 2>"$work/jq.err" ||
    fail "a body is not JSON"

say "it goes on in the middle of a character"
printf '\303' >"$work/tail"
line 15 'Zo\0303\0253' | iconv -f utf-8 -t utf-16le >"$work/rest"
head -c 101 "$work/rest" >>"$work/mark.log"
stop run
start_run
tail -c +102 "$work/rest" >>"$work/mark.log"
wait_until 20 has_received 15
assert_user 15 'Zoë'
assert_equal "requests" "$(wc -l <"$work/record")" 15

say "a name that is none"
sed 's/windows-1252/windows-1525/' "$work/config.yaml" >"$work/wrong.yaml"
"$SHIPPER" check --config "$work/wrong.yaml" >"$work/check.out" 2>&1 && fail "that was taken"
assert_in 'windows-1525' check.out
assert_in 'Did you mean "windows-1252"' check.out
