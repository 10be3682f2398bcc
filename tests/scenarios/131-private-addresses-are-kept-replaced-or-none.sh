#!/bin/sh
# An address that nobody has on the internet is sent, replaced by the host's, or none, as `private_address` says.
. "$(dirname "$0")/../support/scenario.sh"

sent() { # the addresses, in order
    sed 's/\\"/"/g; s/.*"ip_addr":"\([^"]*\)".*/\1/' "$work/record" | tr '\n' ' '
}

try() { # private_address summary addresses
    say "$1"
    write_config "host_address: 198.51.100.9" "private_address: $1"
    rm -rf "$work/run.out" "$work/state" "$work/record"
    start_endpoint
    start_run --once
    finish run 30
    stop endpoint
    assert_in "$2" run.out
    assert_equal "addresses" "$(sent)" "$3"
}

printf '2026-11-23T10:11:12Z app1 acme[7]: %s\n' 'request 1 by alice from 203.0.113.7' \
    'request 2 by alice from 10.0.0.7' 'request 3 by alice from fd00::7' >"$work/app.log"

start_endpoint
stop endpoint
try keep '3 matched, 0 incomplete' '203.0.113.7 10.0.0.7 fd00::7 '
try host '3 matched, 0 incomplete' '203.0.113.7 198.51.100.9 198.51.100.9 '
try drop '1 matched, 2 incomplete' '203.0.113.7 '

say "host, and no host_address"
write_config "private_address: host"
rm -rf "$work/run.out"
start_run --once
finish run 30
assert_equal "exit code" "$code" 78
assert_in '"host" needs a host_address to send in place of private ones' run.err
