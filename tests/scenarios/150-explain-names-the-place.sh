#!/bin/sh
# explain: a changed word, a missed condition, a line of a journal, a pod and a whole log: the place in the rule file, and why.
. "$(dirname "$0")/../support/scenario.sh"

explain() { "$SHIPPER" explain "$@" >"$work/got.out" 2>"$work/got.err"; }
# What jq finds in the JSON.
assert_json() { # filter, wanted
    assert_equal "$1" "$(jq -r "$1" "$work/got.out")" "$2"
}

cat >"$work/acme.yaml" <<'RULES'
product: acme
format: [syslog, logfmt]
rules:
  - name: health
    where: {agent: {matches: '^probe'}}
    ignore: true
    samples: [{line: 'Nov 23 10:11:12 web1 acme[7]: msg=x agent=probe/1'}]
  - name: login
    where: {level: info}
    match: '^login of (?<user>\w+) at the gate'
    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}', meta: {pod: '${k8s.pod.name:-none}'}}
    samples:
      - line: 'Nov 23 10:11:12 web1 acme[7]: level=info ip=192.0.2.7 msg="login of alice at the gate"'
        event: {user_id: alice}
RULES
line='Nov 23 10:11:12 web1 acme[7]: level=info ip=192.0.2.7 msg="login of alice at the gate"'
rules="--rules $work/acme.yaml"

say "a line that a rule takes: its event"
# shellcheck disable=SC2086
explain $rules "$line"
assert_in 'read as syslog, logfmt' got.out
assert_in 'taken by acme/login, which sends' got.out
assert_in '"user_id":"alice","ip_addr":"192.0.2.7"' got.out

say "the same with one word changed: the word, and the place in the rule file"
# shellcheck disable=SC2086
explain $rules "$(echo "$line" | sed 's/at the/in the/')"
assert_in "$work/acme.yaml:10:36: nearest is acme/login: its match wants \"at\" where \"in\" stands" got.out
assert_in '    login of alice in the gate' got.out
assert_in '    ~~~~~~~~~~~~~~~^^' got.out

say "a condition that is not met, with what was found"
# shellcheck disable=SC2086
explain $rules "$(echo "$line" | sed 's/info/warn/')"
assert_in 'its where wants level: info, and it is "warn"' got.out
# shellcheck disable=SC2086
explain $rules --json "$(echo "$line" | sed 's/level=info//')"
assert_json .class no_rule
assert_json '.files[0].nearest | "\(.rule) \(.step) \(.field) \(.value) \(.wanted) \(.line)"' \
    'login where level null info 9'

say "incomplete, ignored, not of the format"
# shellcheck disable=SC2086
explain $rules "$(echo "$line" | sed 's/ip=192.0.2.7//')"
assert_in 'taken by acme/login, but incomplete: ip_addr: no usable address' got.out
# preview says where, over chunks and in what is compressed.
{ seq 20000 | sed 's/.*/Nov 23 10:11:12 web1 acme[7]: level=info msg="noise & of the machine"/'
    echo "$line" | sed 's/ip=192.0.2.7//'; } | gzip >"$work/long.log.gz"
# shellcheck disable=SC2086
"$SHIPPER" preview $rules "$work/long.log.gz" >/dev/null 2>"$work/got.out"
assert_in "incomplete: acme/login: ip_addr: no usable address (1 line, the first at $work/long.log.gz:20001)" got.out
# shellcheck disable=SC2086
explain $rules "$line agent=probe/2"
assert_in 'taken by acme/health, which ignores it' got.out
# shellcheck disable=SC2086
explain $rules 'web1 says nothing'
assert_in 'read as syslog, which it is not' got.out

say "a whole log: who took how many, and where the nearest rule died, the most frequent first"
for i in 1 2 3; do echo "$line"; done >"$work/app.log"
for i in 1 2 3 4 5; do echo "Nov 23 10:11:1$i web1 acme[7]: level=info ip=192.0.2.$i msg=\"login of bob in the gate\""; done >>"$work/app.log"
for i in 1 2; do echo "Nov 23 10:11:1$i web1 acme[7]: level=warn ip=192.0.2.$i msg=\"login of bob at the gate\""; done >>"$work/app.log"
echo "Nov 23 10:11:12 web1 acme[7]: level=debug msg=\"nothing of it\"" >>"$work/app.log"
# shellcheck disable=SC2086
explain $rules --json "$work/app.log"
assert_json '.records' 11
assert_json '[.groups[] | "\(.fate) \(.count) \(.rule) \(.nearest.step) \(.nearest.found)"] | join(", ")' \
    'taken 3 login null null, near 5 login match in, near 2 login where , far 1 null null null'
assert_json '.groups[1].shapes[0] | "\(.count) \(.shape) \(.line_number)"' '5 login of bob in the gate 4'
assert_json '[.groups[].count] | add == 11' true
# shellcheck disable=SC2086
explain $rules "$work/app.log"
assert_in '11 records: 3 lines matched, 8 lines no_rule' got.out
assert_in 'wants "at" where "in" stands' got.out

say "standard input; one record is told whole"
# shellcheck disable=SC2086
echo "$line" | "$SHIPPER" explain $rules - >"$work/got.out"
assert_in 'taken by acme/login' got.out

say "torture 62 of the field reports: the input that the line comes from, with all that it does"
pod=/var/log/pods/shop_web-1_0a1b2c3d-0000-0000-0000-000000000000/app/0.log
cat >"$work/input.yaml" <<CONFIG
endpoint: {url: 'http://127.0.0.1:9/', api_key_file: key}
instance: here
state_dir: $work/state
inputs:
  - {file: $work/app.log, rules: ./acme.yaml, encoding: utf-16le}
  - {file: '/var/log/pods/*/*/*.log', rules: ./acme.yaml}
  - {journal: {unit: acme.service}, rules: ./acme.yaml}
CONFIG
explain --config "$work/input.yaml" --from "$pod" "2026-11-23T10:11:12.5Z stdout F $line"
assert_in '"meta":{"pod":"web-1"}' got.out
explain --config "$work/input.yaml" --from journal:acme.service --field _HOSTNAME=web9 \
    'level=info ip=192.0.2.7 msg="login of alice at the gate"'
assert_in 'host          web9' got.out
assert_in 'program       acme' got.out
assert_in 'taken by acme/login' got.out
printf '__REALTIME_TIMESTAMP=1795428672000000\n_HOSTNAME=web8\nSYSLOG_IDENTIFIER=acme\nMESSAGE=level=info ip=192.0.2.7 msg="login of carol at the gate"\n\n' |
    "$SHIPPER" explain --config "$work/input.yaml" --from 3 - >"$work/got.out"
assert_in '"user_id":"carol"' got.out
assert_in '"event_at":1795428672' got.out
iconv -f utf-8 -t utf-16le "$work/app.log" >"$work/wide.log"
mv "$work/wide.log" "$work/app.log"
explain --config "$work/input.yaml" "$work/app.log"
assert_in '11 records: 3 lines matched' got.out

say "a line of another format: what it looks like; one that ends too early: a record of several lines"
cat >"$work/json.yaml" <<'RULES'
product: shop
format: json
rules:
  - name: act
    where: {user: {exists: true}}
    event: {activity_type: ACT, user_id: '${user}', ip_addr: '${ip}'}
    samples: [{line: 'user=a', event: {user_id: a}}]
RULES
explain --rules "$work/json.yaml" 'Nov 23 10:11:12 web1 acme[7]: {"user":"alice"}'
assert_in 'read as json, which it is not; it looks like syslog, json' got.out
printf '{\n "user": "alice"\n}\n' | "$SHIPPER" explain --rules "$work/json.yaml" - >"$work/got.out"
assert_in '3  not of format json; it ends too early: has a record several lines? See `multiline`' got.out
code=0
"$SHIPPER" test "$work/json.yaml" >"$work/got.out" || code=$?
assert_equal "exit code of test" "$code" 1
assert_in 'It is not of format json, as `format` has it; it looks like logfmt.' got.out

say "what makes no sense is said"
wants() { # words, argument...
    words=$1
    shift
    code=0
    explain "$@" || code=$?
    assert_equal "exit code of $*" "$code" 64
    assert_in "$words" got.err
}
wants 'no LINE or FILE given' --rules "$work/acme.yaml"
wants 'neither --rules nor --config is given' 'a b'
wants 'none of the inputs of' --config "$work/input.yaml" --from syslog 'a b'
wants 'has several inputs' --config "$work/input.yaml" 'a b'
assert_in '3 (journal)' got.err
wants '--field takes NAME=VALUE' --rules "$work/acme.yaml" --field x 'a b'
