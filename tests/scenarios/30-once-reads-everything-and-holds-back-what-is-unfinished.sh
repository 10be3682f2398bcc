#!/bin/sh
# `run --once` reads every file from its beginning, holds back an unfinished line, and a second run only what is new.
. "$(dirname "$0")/../support/scenario.sh"

start_endpoint
write_config
write_lines 1 50
printf '2026-11-23T10:11:12Z app1 acme[7]: request 51 by user51 from 198.51' >>"$work/app.log"
start_run --once
finish run 20
assert_equal "exit code" "$code" 0
assert_delivered 1 50
say "the line is finished, and only it is read"
echo ".100.51" >>"$work/app.log"
start_run --once
finish run 20
assert_equal "exit code" "$code" 0
assert_delivered 1 51
assert_equal "requests" "$(wc -l <"$work/record")" 51
