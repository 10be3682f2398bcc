#!/bin/sh
# init: asked or told, it writes a configuration with which events arrive, and writes over nothing.
. "$(dirname "$0")/../support/scenario.sh"

mkdir "$work/rules" "$work/logs" "$work/etc"
sed "s,/var/log/auth.log,$work/logs/auth.log," rules/openssh.yaml >"$work/rules/openssh.yaml"
sed "s,/var/log/nginx,$work/logs/nginx," rules/nginx.yaml >"$work/rules/nginx.yaml"
login() { echo "2026-11-23T10:11:12Z web1 sshd[912]: Accepted publickey for $1 from 203.0.113.7 port 5022 ssh2"; }
login alice >"$work/logs/auth.log"
init() { # exit code, option...; standard input are the answers
    wanted=$1
    shift
    code=0
    "$SHIPPER" init --rules-dir "$work/rules" "$@" >"$work/init.out" 2>"$work/init.err" || code=$?
    assert_equal "exit code" "$code" "$wanted"
}
start_endpoint --key secret

say "a conversation: products, product id, address, private ones, hashes, key"
printf '%s\n' '' acme-server '' '' '' secret | init 0 --config "$work/etc/config.yaml" --url "$url" --state-dir "$work/state"
assert_in "openssh: 1 event in the last 1 lines" init.out
assert_in "alice" init.out
assert_not_in "nginx" init.out
assert_equal "mode of the key" "$(stat -c %a "$work/etc/api_key")" 640
"$SHIPPER" check "$work/etc/config.yaml" >"$work/check.out" || fail "the configuration is faulty"
assert_not_in warning check.out

say "with it events arrive"
start run "$SHIPPER" run --config "$work/etc/config.yaml"
wait_until 10 has_said 'running: reader'
login roberta >>"$work/logs/auth.log"
wait_until 10 has_accepted 1
stop run
grep -q '"user_id\\":\\"roberta\\"' "$work/record" || fail "roberta did not arrive"
grep -q '"product_id\\":\\"acme-server\\"' "$work/record" || fail "the product id is another"

say "what is there is left alone"
init 78 --yes --config "$work/etc/config.yaml"
assert_in "is there already" init.err

say "without questions; the key comes later"
init 0 --yes --config "$work/plain.yaml" --key-file "$work/later" --product openssh
assert_in "put the API key into $work/later" init.out
[ ! -e "$work/later" ] || fail "a key was made up"

say "a product that is not here, and answers that end early"
init 78 --yes --config "$work/other.yaml" --product nginx
assert_in '"nginx" does not log on this host' init.err
echo openssh | init 78 --config "$work/other.yaml"
assert_in "no answer, nothing is written" init.err
[ ! -e "$work/other.yaml" ] || fail "something was written"
