#!/bin/sh
# Certificates of every wrong kind: nothing is sent, the reason is said, and sending goes on once it is mended.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

local='DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1'
day=86400
delivered=0

make_authority ours
make_authority theirs
make_certificate good ours "$local"
make_certificate renewed ours "$local"
make_certificate foreign theirs "$local"
make_certificate other ours DNS:other.example
CLOCK_SHIFT_S=-$((30 * day)) make_certificate expired ours "$local"
CLOCK_SHIFT_S=$((30 * day)) make_certificate early ours "$local"
make_authority lonely
cp "$work/ours.pem" "$work/trusted.pem"

start_endpoint --key secret
start_tls good
url=https://localhost:$tls_port/api/product/usage
write_config
sed -i "s|^endpoint:|&\n  ca_file: $work/trusted.pem|" "$work/config.yaml"

deliver() { # what is said before
    write_lines $((delivered + 1)) 5
    delivered=$((delivered + 5))
    wait_until 20 has_accepted $delivered
    say "$1"
}
# Five lines more: nothing arrives, and the reason is said.
refuse() { # what is wrong, words of the log
    : >"$work/run.err" # what was said is old news
    asked=$(wc -l <"$work/record")
    write_lines $((delivered + 1)) 5
    delivered=$((delivered + 5))
    wait_until 20 is_in "$2" run.err
    assert_equal "requests with $1" "$(($(wc -l <"$work/record") - asked))" 0
    say "$1: nothing sent"
}
mend() {
    wait_until 20 has_accepted $delivered
    wait_until 10 is_in "takes events again" run.err
}

start_run
deliver "a certificate of an authority that is trusted"
start_tls renewed
deliver "a renewed one"

start_tls expired
refuse "an expired certificate" 'the certificate of endpoint.url is refused: SSL certificate problem: certificate has expired (this host'"'"'s clock says 20'
start_tls good
mend
start_tls early
refuse "a certificate of the future" 'certificate is not yet valid (this host'"'"'s clock says 20'
start_tls good
mend
start_tls other
refuse "a certificate for another host" 'the certificate of endpoint.url is refused: SSL: no alternative certificate subject name matches target host name '"'localhost'"
start_tls good
mend
start_tls lonely
refuse "a self-signed certificate" 'SSL certificate problem: self-signed certificate'
start_tls good
mend
start_tls good 'ssl_protocols TLSv1 TLSv1.1;' 'ssl_ciphers DEFAULT:@SECLEVEL=0;'
refuse "TLS 1.1 at most" 'no TLS with endpoint.url: '
start_tls good 'ssl_protocols TLSv1.2;'
mend
start_tls foreign
refuse "an authority that is not trusted" 'unable to get local issuer certificate'
cp "$work/theirs.pem" "$work/trusted.pem"
mend
rm "$work/trusted.pem"
start_tls foreign
refuse "no CA file" 'endpoint.ca_file cannot be used: '
cp "$work/ours.pem" "$work/trusted.pem"
start_tls good
mend
stop run
assert_equal "exit code" "$code" 0

say "a clock of 1970"
write_lines $((delivered + 1)) 5
delivered=$((delivered + 5))
asked=$(wc -l <"$work/record")
: >"$work/run.err"
export CLOCK_SHIFT_S=-$(($(date +%s) - 1000)) LD_PRELOAD="$TOOLS/shifted_clock.so"
start_run
unset CLOCK_SHIFT_S LD_PRELOAD
wait_until 20 is_in "certificate is not yet valid (this host's clock says 1970-01-01T" run.err
stop run
assert_equal "requests in 1970" "$(($(wc -l <"$work/record") - asked))" 0

say "a client certificate, where one is asked for"
make_certificate client ours DNS:client.example
chmod 600 "$work/client.key"
sed -i "s|^endpoint:|&\n  client_cert: $work/client.pem\n  client_key: $work/client.key|" "$work/config.yaml"
start_tls good 'ssl_verify_client on;' "ssl_client_certificate $work/ours.pem;"
start_run
wait_until 20 has_accepted $delivered
stop run
assert_delivered 1 $delivered
