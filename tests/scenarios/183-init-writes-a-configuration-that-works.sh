#!/bin/sh
# init: asked or told, it writes a configuration with which events arrive, and writes over nothing; each answer does what it says.
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
assert_in "openssh: 1 event in the last 1 line" init.out
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

say "every answer counts: two products of one log, wrong answers asked for again, paths from here"
sed "s,/var/log/auth.log,$work/logs/auth.log," rules/proftpd.yaml >"$work/rules/proftpd.yaml"
echo 'product: faulty' >"$work/rules/faulty.yaml"
echo '2026-11-23T10:11:13Z web1 sshd[913]: Accepted publickey for carol from 10.0.0.7 port 5023 ssh2' >>"$work/logs/auth.log"
mkdir "$work/here"
(
    cd "$work/here"
    printf '%s\n' 'openssh, none' 'openssh proftpd' acme-server nonsense 203.0.113.200 maybe host yes 'no key' secret |
        NO_COLOR=1 "$SHIPPER" init --rules-dir ../rules --config ../etc/all.yaml --key-file key --state-dir state \
            --url "$url"
) >"$work/init.out" 2>"$work/init.err" || fail "init ended with $?"
assert_in '1 rule file is faulty and left out' init.out
assert_in '  no event in the last lines: proftpd' init.out
for complaint in '"none" is none of them' '"nonsense" is not an address' 'one of keep, drop, host, please' \
    'that is no key: it holds a blank'; do assert_in "$complaint" init.err; done
assert_not_in alice init.out
grep -q 'LOGIN  *[0-9a-f]\{64\}  203.0.113.200' "$work/init.out" || fail "the first events do not show what is hidden"
"$SHIPPER" check --manifest "$work/etc/all.yaml" >"$work/manifest.out" 2>"$work/check.err" || fail "the configuration is faulty"
assert_equal "warnings" "$(cat "$work/check.err")" ""
for line in 'openssh/login  user_id  ${user}, as a hash' 'openssh/login  user_id_type  USERNAME' \
    'openssh/login  ip_addr  203.0.113.200' 'proftpd/login  product_id  acme-server'; do assert_in "$line" manifest.out; done
grep -q "api_key_file: '$work/here/key'" "$work/etc/all.yaml" || fail "the key's path starts elsewhere"
assert_equal "inputs" "$(grep -c '  - file: ' "$work/etc/all.yaml")" 1

say "private addresses are dropped, or kept, without an address to send"
printf '%s\n' openssh '' '' host drop no '' | init 0 --config "$work/etc/drop.yaml"
assert_in 'one of keep, drop, please' init.err
assert_not_in carol init.out
"$SHIPPER" check --manifest "$work/etc/drop.yaml" >"$work/manifest.out"
assert_in 'private addresses  not sent' manifest.out
printf '%s\n' openssh '' '' 203.0.113.9 no '' | init 0 --config "$work/etc/host.yaml" --private-address host
assert_in '"" is not an address' init.err
assert_in 203.0.113.9 init.out
init 64 --yes --config "$work/other.yaml" --private-address host

say "the answers end anywhere, the folder is missing, a value makes no sense: nothing is written"
for answers in 0 1 2 3 4 5; do
    printf '%s\n' openssh '' '' keep no | head -n $answers | init 78 --config "$work/here/other.yaml"
    assert_in "no answer, nothing is written" init.err
done
init 71 --config "$work/nowhere/other.yaml"
assert_in 'Make that folder' init.err
init 78 --yes --config "$work/here/other.yaml" --product openssh --url ftp://example.com/
assert_in 'the URL is neither https nor http' init.err
assert_equal "files" "$(ls "$work/here")" key
