#!/bin/sh
# test --coverage: how many lines of given logs each rule takes, which rules take none, and that the exit code says so.
. "$(dirname "$0")/../support/scenario.sh"

cover() { # wanted code, argument...
    wanted=$1 code=0
    shift
    "$SHIPPER" test "$@" >"$work/got.out" 2>"$work/got.err" || code=$?
    assert_equal "exit code of test $*" "$code" "$wanted"
}

url=http://127.0.0.1:9/
write_config
cat >>"$work/acme.yaml" <<'RULES'
  - name: noise
    match: '^noise'
    ignore: true
    samples: [{line: '2026-11-23T10:11:12Z app1 acme[7]: noise'}]
  - name: rare
    match: '^rare thing by (?<user>\S+)'
    event: {activity_type: RARE, user_id: '${user}', ip_addr: '${ip}'}
    samples:
      - line: '2026-11-23T10:11:12Z app1 acme[7]: rare thing by alice'
        event: {user_id: alice}
RULES
sed -i "s/'\${ip}'}\$/'\${peer.ip}'}/" "$work/acme.yaml"
write_lines 1 7
{
    echo '2026-11-23T10:11:12Z app1 acme[7]: noise of it'
    echo '2026-11-23T10:11:12Z app1 acme[7]: something else'
} >>"$work/app.log"

say "one rule takes none of them"
cover 1 "$work/acme.yaml" --coverage "$work/app.log"
assert_in '         7  acme/request' got.out
assert_in '         1  acme/noise' got.out
assert_in '         0  acme/rare: never' got.out
assert_in 'of 9 lines no rule of acme took' got.out
assert_in '4 samples of 1 file: 0 failed' got.out

say "another log has one, without an address; gzip is read, too"
echo '2026-11-23T10:11:12Z app1 acme[7]: rare thing by bob' | gzip >"$work/other.log.gz"
cover 0 "$work/acme.yaml" --coverage "$work/app.log" "$work/other.log.gz"
assert_in '         1  acme/rare, 1 incomplete' got.out
assert_not_in never got.out

say "a log that is not there, a folder of rules"
cover 71 "$work/acme.yaml" --coverage "$work/none.log"
assert_in "can't open" got.err
mkdir "$work/rules"
cp "$work/acme.yaml" "$work/rules"
cover 1 "$work/rules" --coverage "$work/app.log"
