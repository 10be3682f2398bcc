#!/bin/sh
# check --manifest: everything that a configuration can send, and a failure when that has changed.
. "$(dirname "$0")/../support/scenario.sh"

cp rules/openssh.yaml "$work/openssh.yaml"
config() { # extra line of the input
    cat >"$work/config.yaml" <<EOF
endpoint: {url: 'http://127.0.0.1:8088/api/product/usage', api_key_file: key}
state_dir: state
instance: web1
product_id: acme-server
inputs:
  - file: /var/log/auth.log
    rules: ./openssh.yaml
    $1
EOF
}
manifest() { # arguments; sets code
    code=0
    "$SHIPPER" check "$@" "$work/config.yaml" >"$work/manifest.out" 2>"$work/manifest.err" || code=$?
}

config 'only: [login]'
manifest --manifest
assert_equal "exit code" "$code" 0
cp "$work/manifest.out" "$work/kept"
for line in 'endpoint  http://127.0.0.1:8088/api/product/usage' 'openssh/login  from  file /var/log/auth.log' \
    'openssh/login  product_id  acme-server' 'openssh/login  user_id  ${user}'; do
    assert_in "$line" kept
done
! grep -q logout "$work/kept" || fail "a rule that does not run is in the manifest"

say "what did not change is no difference, whatever the order"
sed 's/^/# a remark\n/;q' "$work/kept" >"$work/shuffled"
sort -r "$work/kept" >>"$work/shuffled"
manifest "--manifest=$work/shuffled"
assert_equal "exit code" "$code" 0
assert_equal "output" "$(cat "$work/manifest.out")" ""

say "another rule, another field, another endpoint"
config 'only: [login, logout]'
sed -i 's,/api/product/usage,/v2/api/product/usage,' "$work/config.yaml"
sed -i 's/meta: {method:/meta: {tty: '\''${pid}'\'', method:/' "$work/openssh.yaml"
manifest "--manifest=$work/kept"
assert_equal "exit code" "$code" 1
assert_in '- endpoint  http://127.0.0.1:8088/api/product/usage' manifest.out
assert_in '+ endpoint  http://127.0.0.1:8088/v2/api/product/usage' manifest.out
assert_in '+ openssh/logout  user_id  ${user}' manifest.out
assert_in '+ openssh/login  meta.tty  ${pid}' manifest.out

say "counts, and what is hidden"
config 'only: [login]'
manifest --manifest
assert_not_in aggregateusage manifest.out
cp rules/nginx.yaml "$work/nginx.yaml"
config 'only: [login]'
head -c 32 /dev/zero | tr '\0' x >"$work/secret"
chmod 600 "$work/secret"
cat >>"$work/config.yaml" <<EOF
  - {file: /var/log/nginx/access.log, rules: ./nginx.yaml}
hash_secret_file: secret
privacy: {hash_users: true, truncate_addresses: true}
host_address: 203.0.113.9
private_address: host
EOF
manifest --manifest
for line in 'endpoint  http://127.0.0.1:8088/api/product/aggregateusage' \
    'nginx/request  count  of ip_addr in 3600 s, mode DOMAIN' 'nginx/user  once  of user_id, ip_addr in 3600 s' \
    'openssh/login  user_id  ${user}, as a hash' 'openssh/login  user_id_type  USERNAME' \
    'openssh/login  ip_addr  ${ip}, its network' 'openssh/login  ip_addr  203.0.113.9'; do
    assert_in "$line" manifest.out
done
cp "$work/manifest.out" "$work/kept"
sed -i 's/hash_users: true/hash_users: false/' "$work/config.yaml"
manifest "--manifest=$work/kept"
assert_equal "exit code" "$code" 1
assert_in '+ openssh/login  user_id  ${user}' manifest.out

say "a faulty configuration has no manifest"
config 'olny: [login]'
manifest --manifest
assert_equal "exit code" "$code" 78
assert_in 'unknown key "olny"' manifest.err
