#!/bin/sh
# With a secret, users leave as hashes and addresses without their last part, by the rule or by the configuration; without one, nothing starts.
. "$(dirname "$0")/../support/scenario.sh"

log_lines() {
    printf '2026-11-23T10:11:12Z app1 acme[7]: %s\n' \
        'request 1 by alice from 203.0.113.7' 'request 2 by - from 203.0.113.8' \
        'request 3 by bob@example.com from 2001:db8:1:2::7' >"$work/app.log"
}

hash_of() { # user
    printf '%s' "$1" | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= //'
}

once() { # exit code
    rm -rf "$work/run.out" "$work/run.err" "$work/state"
    start_run --once
    finish run 30
    assert_equal "exit code" "$code" "$1"
}

assert_sent() { # user address
    sed 's/\\"/"/g' "$work/record" >"$work/bodies"
    assert_in "\"user_id_type\":\"USERNAME\",\"user_id\":\"$(hash_of "$1")\",\"ip_addr\":\"$2\"" bodies
}

secret=a-secret-of-the-hosts-of-acme
start_endpoint
log_lines

say "the configuration hides all"
write_config "hash_secret_file: secret" "privacy: {hash_users: true, truncate_addresses: true}"
(umask 077 && echo "$secret" >"$work/secret")
once 0
assert_in 'lines: 3 read, 2 matched, 1 incomplete' run.out
assert_sent alice 203.0.113.0
assert_sent bob@example.com 2001:db8:1::
if grep -rqa 'alice\|bob@\|203.0.113.7\|db8:1:2' "$work/record" "$work/state"; then
    fail "what was to be hidden is in the record or the spool"
fi

say "a rule hides its own, with the same hash"
rm "$work/record"
stop endpoint
start_endpoint
write_config "hash_secret_file: secret"
sed -i "s/\${user}/\${user|before('@')|hash}/; s/\${ip}/\${ip|truncate}/; s/event: {user_id.*/event: {}/" \
    "$work/acme.yaml"
once 0
assert_sent alice 203.0.113.0
assert_sent bob 2001:db8:1::
"$SHIPPER" preview --rules "$work/acme.yaml" "$work/app.log" >"$work/preview.out" 2>&1
assert_in 'hashes are made with a secret that everybody knows' preview.out
assert_not_in "$(hash_of alice)" preview.out

say "no secret: nothing starts"
mv "$work/secret" "$work/moved"
once 78
assert_in 'usage-shipper run: the hash secret in' run.err
assert_in 'warning: cannot read the hash secret' run.err
write_config
sed -i "s/\${user}/\${user|hash}/" "$work/acme.yaml"
once 78
assert_in '"request" hashes a value, and there is no hash_secret_file' run.err

say "a secret that could be guessed"
write_config "hash_secret_file: secret"
(umask 077 && echo short >"$work/secret")
once 78
assert_in 'has 5 bytes, not 16 to 1024' run.err
