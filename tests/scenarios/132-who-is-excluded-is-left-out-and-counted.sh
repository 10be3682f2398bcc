#!/bin/sh
# What `exclude` names, and what lies outside --since and --until, makes no event, and is counted and explained.
. "$(dirname "$0")/../support/scenario.sh"

users() { sed 's/\\"/"/g; s/.*"user_id":"\([^"]*\)".*/\1/' "$work/record" | sort | tr '\n' ' '; }

once() { # summary users option...
    summary=$1 wanted=$2
    shift 2
    rm -rf "$work/run.out" "$work/state" "$work/record"
    start_endpoint
    start_run --once "$@"
    finish run 30
    stop endpoint
    assert_in "$summary" run.out
    assert_equal "users" "$(users)" "$wanted"
}

cat >"$work/app.log" <<'LOG'
2026-11-21T10:11:12Z app1 acme[7]: request 1 by alice from 203.0.113.7
2026-11-22T10:11:12Z app1 acme[7]: request 2 by svc-backup from 203.0.113.8
2026-11-23T10:11:12Z app1 acme[7]: request 3 by bob from 192.0.2.14
2026-11-24T10:11:12Z app1 acme[7]: request 4 by carol from 192.0.2.16
2026-11-25T10:11:12Z app1 acme[7]: request 5 by SVC-Night from 10.0.0.7
2026-11-26T10:11:12Z app1 acme[7]: request 6 by dave from 10.0.0.9
LOG
start_endpoint
stop endpoint

say "users and addresses as the log has them, whatever is sent in their place"
(umask 077 && echo 0123456789abcdef0123456789abcdef >"$work/secret")
write_config "exclude: {user_id: ['svc-*'], ip_addr: [192.0.2.0/28, 10.0.0.9]}" \
    "host_address: 198.51.100.9" "private_address: host" \
    "hash_secret_file: secret" "privacy: {hash_users: true, truncate_addresses: true}"
once '2 matched, 0 incomplete, 0 rule error, 0 ignored, 4 excluded' "$(
    for user in alice carol; do
        printf '%s' "$user" | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef | sed 's/.* //' | cut -c1-64
    done | sort | tr '\n' ' ')"

say "explain says why, status and manifest tell of it"
write_config "exclude: {user_id: ['svc-*'], ip_addr: 192.0.2.0/28}"
"$SHIPPER" explain --config "$work/config.yaml" "$work/app.log" >"$work/explain.out" 2>&1
assert_in 'left out for its user_id' explain.out
assert_in 'left out for its ip_addr' explain.out
"$SHIPPER" explain --config "$work/config.yaml" --from "$work/app.log" \
    --line "$(sed -n 3p "$work/app.log")" >"$work/explain.out" 2>&1
assert_in 'but left out for its ip_addr (`exclude`)' explain.out
"$SHIPPER" check --manifest "$work/config.yaml" >"$work/manifest.out"
assert_in 'excluded  user_id  svc-*' manifest.out
assert_in 'excluded  ip_addr  192.0.2.0/28' manifest.out
once '3 matched, 0 incomplete, 0 rule error, 0 ignored, 3 excluded' 'alice carol dave '
"$SHIPPER" status --state "$work/state/once" >"$work/status.out"
assert_in 'excluded' status.out

say "a part of a log by time"
write_config
once '3 matched, 0 incomplete, 0 rule error, 0 ignored, 3 excluded' 'bob carol svc-backup ' \
    --since 2026-11-22 --until 2026-11-25T10:11:12Z
once '1 matched, 0 incomplete, 0 rule error, 0 ignored, 5 excluded' 'alice ' --until '2026-11-22 00:00:00 +0000'
once '0 matched, 0 incomplete, 0 rule error, 0 ignored, 6 excluded' '' --since 1s
for wrong in '--since yesterday' '--since 2026-11-25 --until 2026-11-24' '--until 10:11:12'; do
    rm -f "$work/run.out"
    # shellcheck disable=SC2086  # options
    start_run --once $wrong
    finish run 30
    assert_equal "exit code of $wrong" "$code" 64
    tail -n 2 "$work/run.err"
done >"$work/wrong.out"
assert_in '"yesterday" is no time' wrong.out
assert_in 'nothing lies between "2026-11-25" and "2026-11-24"' wrong.out
assert_in '"10:11:12" is no time' wrong.out
start_run --since 7d
finish run 30
assert_in '--since goes with --once' run.err
