#!/bin/sh
# No name resolves at the start: everything is read and kept, and sent once names resolve; over IPv4, IPv6, and where only one of them answers.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

make_authority ours
make_certificate server ours 'DNS:ingest.example,IP:0:0:0:0:0:0:0:1'
start_endpoint --key secret
start_tls server
url=https://ingest.example:$tls_port/api/product/usage
write_config
sed -i "s|^endpoint:|&\n  ca_file: $work/ours.pem|" "$work/config.yaml"

export RESOLVER_FILE="$work/resolver"
: >"$RESOLVER_FILE"
start_resolved() {
    LD_PRELOAD=$TOOLS/scripted_resolver.so start_run
}
has_read_all() { # lines
    "$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
    is_in "spool: $1 events waiting" status.out
}

say "no name resolves"
write_lines 1 200
start_resolved
wait_until 20 is_in 'Could not resolve host: ingest.example, retrying in' run.err
wait_until 20 has_read_all 200
write_lines 201 100
wait_until 20 has_read_all 300
assert_said 1 'retrying in'

say "names resolve again"
echo 127.0.0.1 >"$work/resolver"
wait_until 20 has_accepted 300
wait_until 10 is_in 'takes events again' run.err
stop run

for answer in ::1 localhost; do
    say "to $answer"
    echo $answer >"$work/resolver"
    numbered=$(($(count_outcome accepted) + 1))
    write_lines $numbered 50
    start_resolved
    wait_until 20 has_accepted $((numbered + 49))
    stop run
done

say "to both, but only IPv4 answers"
stop_tls
sed -i '/listen \[::1\]/d' "$work/nginx.conf"
start tls sh "$here/../support/nginx.sh" "$work" "$work/nginx.conf"
wait_until 30 is_listening "$tls_port"
write_lines 401 50
start_resolved
wait_until 20 has_accepted 450
stop run

say "an IPv6 address in the URL"
start_tls server
sed -i "s|https://ingest.example:|https://[::1]:|" "$work/config.yaml"
write_lines 451 50
start_run
wait_until 20 has_accepted 500
stop run
assert_equal "exit code" "$code" 0
assert_delivered 1 500
