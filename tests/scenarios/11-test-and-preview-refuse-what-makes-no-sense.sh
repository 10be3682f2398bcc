#!/bin/sh
# test and preview: what they cannot do with an argument they say, with a hint and the right exit code.
. "$(dirname "$0")/../support/scenario.sh"

wants() { # code, words, argument...
    wanted=$1 words=$2
    shift 2
    code=0
    "$SHIPPER" "$@" >"$work/got.out" 2>&1 || code=$?
    assert_equal "exit code of $*" "$code" "$wanted"
    assert_in "$words" got.out
}

url=http://127.0.0.1:9/
write_config
write_lines 1 3
mkdir "$work/rules"
cp "$work/acme.yaml" "$work/rules"
cp "$work/config.yaml" "$work/rules/usage-shipper.yaml"

say "test of a configuration"
wants 78 'is a configuration, not a rule file' test "$work/config.yaml"
assert_in 'hint: Samples are in rule files; `usage-shipper check' got.out
wants 0 '2 samples of 1 file: 0 failed' test "$work/rules"

say "preview with a zone that is none"
wants 64 'unknown time zone "bad"' preview "$work/app.log" --rules "$work/acme.yaml" --zone bad
wants 0 '3 events' preview "$work/app.log" --rules "$work/acme.yaml" --zone +02:00

say "preview with rules that would give two events one id, as check says it"
wants 78 'has a rule "request" and the same product as' preview "$work/app.log" \
    --rules "$work/acme.yaml" --rules "$work/rules/acme.yaml"
wants 78 'is given twice' preview "$work/app.log" --rules "$work/acme.yaml" --rules "$work/acme.yaml"

say "what is no rule file, no log, no command, no line"
wants 78 'a log is for `explain`' test "$work/acme.yaml" "$work/app.log"
assert_in '2 samples of 2 files: 0 failed, 1 file not run' got.out
wants 78 'this is a program (ELF), not a log' draft "$SHIPPER"
cat "$work/app.log" "$work/app.log" | iconv -f utf-8 -t utf-16le >"$work/wide.log"
wants 78 'this is UTF-16 without a byte order mark' preview "$work/wide.log" --rules "$work/acme.yaml"
assert_in 'hint: Say which: --encoding utf-16le' got.out
wants 0 "6  acme/" test "$work/acme.yaml" --coverage "$work/wide.log" --encoding utf-16le
echo 'nothing of it' >"$work/other.log"
wants 0 'hint: `usage-shipper explain` of the same log' preview "$work/other.log" --rules "$work/acme.yaml"
wants 71 'A LINE without a blank in it goes behind --line' explain --rules "$work/acme.yaml" login
wants 64 'hint: Did you mean "explain"?' explian
