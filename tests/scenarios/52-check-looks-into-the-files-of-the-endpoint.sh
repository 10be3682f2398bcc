#!/bin/sh
# check: the key, certificates and credentials that an endpoint names, each in every wrong way.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

make_authority ours
make_certificate client ours DNS:client.example
make_certificate other ours DNS:client.example
CLOCK_SHIFT_S=-2592000 make_certificate expired ours DNS:client.example
openssl pkcs8 -topk8 -in "$work/client.key" -passout pass:x -out "$work/encrypted.key"
cat "$work/client.pem" "$work/client.key" >"$work/both.pem"
chmod 600 "$work"/*.key "$work/both.pem"
echo 'no PEM text' >"$work/text"
: >"$work/empty"
echo alice >"$work/alice"
echo alice:sesame >"$work/credentials"
chmod 600 "$work/credentials"

# check of these lines of the endpoint: exit code, and what it says.
wants() { # code, words, line...
    wanted=$1 words=$2
    shift 2
    url=https://ingest.example/api/product/usage
    write_config
    sed -i '/api_key_file/d' "$work/config.yaml"
    for line in "$@"; do
        sed -i "s|^endpoint:|&\n  $line|" "$work/config.yaml"
    done
    code=0
    "$SHIPPER" check "$work/config.yaml" >"$work/check.out" 2>&1 || code=$?
    [ "$code" = "$wanted" ] && is_in "$words" check.out || {
        cat "$work/check.out"
        fail "check of '$*': exit $code, wanted $wanted and: $words"
    }
    ! grep -q sesame "$work/check.out" || fail "check shows a password"
}

wants 0 'no problems' "api_key_file: $work/key" "ca_file: $work/ours.pem" \
    "client_cert: $work/client.pem" "client_key: $work/client.key" \
    "proxy: http://127.0.0.1:9" "proxy_credentials_file: $work/credentials"
assert_not_in warning check.out
wants 0 'no problems' "client_cert: $work/both.pem"
assert_not_in warning check.out

say "what is not there may be elsewhere: a warning"
wants 0 'warning: cannot read the API key from' "api_key_file: $work/none"
wants 0 'warning: cannot read' "ca_file: $work/none"
wants 0 'warning: cannot read' "client_cert: $work/none"
wants 0 'warning: cannot read' "client_cert: $work/client.pem" "client_key: $work/none"
wants 0 'warning: cannot read the proxy' "proxy_credentials_file: $work/none"

say "what is there and wrong: an error"
wants 78 'it is empty' "api_key_file: $work/empty"
wants 78 'it holds a blank' "api_key_file: $work/text"
wants 78 'holds no certificate' "ca_file: $work/text"
wants 78 'holds no certificate' "ca_file: $work/client.key"
wants 78 'holds no certificate' "client_cert: $work/empty"
wants 78 'it holds no private key' "client_cert: $work/client.pem"
wants 78 'its private key is not that of the certificate' "client_cert: $work/client.pem" \
    "client_key: $work/other.key"
wants 78 'its private key is encrypted' "client_cert: $work/client.pem" \
    "client_key: $work/encrypted.key"
wants 78 'no credentials in' "proxy_credentials_file: $work/alice"

say "what works and should not be so: a warning"
for file in key credentials client.key; do chmod 644 "$work/$file"; done
wants 0 "warning: everyone on this host can read \"$work/credentials\"" \
    "proxy_credentials_file: $work/credentials"
wants 0 "warning: everyone on this host can read \"$work/client.key\"" \
    "client_cert: $work/client.pem" "client_key: $work/client.key"
echo secret >"$work/open_key"
chmod 644 "$work/open_key"
wants 0 "warning: everyone on this host can read \"$work/open_key\"" "api_key_file: $work/open_key"
wants 0 'warning: the certificate in' "client_cert: $work/expired.pem" "client_key: $work/expired.key"
assert_in expired check.out
