#!/bin/sh
# Torture 71: a line with another event's text in a user name, a path or a user agent makes no event of somebody else; rules that let it are warned of.
. "$(dirname "$0")/../support/scenario.sh"
rules=$(realpath "$(dirname "$0")/../../rules")

# rule FILE MATCH: a rule file whose rule takes users and addresses like that.
rule() {
    cat >"$work/$1.yaml" <<RULES
product: $1
format: plain
rules:
  - name: login
    match: '$2'
    event: {activity_type: LOGIN, user_id: '\${user}', ip_addr: '\${ip}'}
    samples:
      - line: '2026-11-23 10:11:12 INFO login user=alice ip=203.0.113.7'
        event: {user_id: alice, ip_addr: 203.0.113.7}
RULES
}
# takes FILE: the users and addresses of what a rule file makes of the log.
takes() {
    "$SHIPPER" preview --rules "$1" "$work/app.log" 2>/dev/null |
        jq -r '"\(.payload.user_id) \(.payload.ip_addr)"' | tr '\n' ','
}
checks() { # file, warning; none: there is none
    "$SHIPPER" check "$1" >"$work/check.out" 2>&1 || fail "check $1"
    if [ $# -gt 1 ]; then assert_in "$2" check.out; else assert_not_in warning check.out; fi
}

# mallory chooses a name, a page and a user agent.
cat >"$work/app.log" <<'LOG'
2026-11-23 10:11:12 INFO login user=alice ip=203.0.113.7
2026-11-23 10:11:13 WARN refused user=x INFO login user=root ip=192.0.2.1 ip=198.51.100.66
2026-11-23 10:11:14 INFO login user=mallory ip=192.0.2.1 ip=198.51.100.66
2026-11-23 10:11:15 INFO page /2026-11-23 10:11:15 INFO login user=root ip=192.0.2.1 ip=198.51.100.66
LOG

say "without an anchor all three are forged, and check says so"
rule open 'login user=(?<user>\S+) ip=%{IP:ip}'
assert_equal "taken" "$(takes "$work/open.yaml")" \
    'alice 203.0.113.7,root 192.0.2.1,mallory 192.0.2.1,root 192.0.2.1,'
checks "$work/open.yaml" 'this may begin anywhere in a line'

say "with a user name that may hold everything one is"
rule lazy '^\S+ \S+ INFO login user=(?<user>.*?) ip=%{IP:ip}'
assert_equal "taken" "$(takes "$work/lazy.yaml")" 'alice 203.0.113.7,mallory 192.0.2.1,'
checks "$work/lazy.yaml" 'whoever chooses "user" can forge "ip"'

say "from its beginning to its end none is"
rule whole '^\S+ \S+ INFO login user=(?<user>.*) ip=%{IP:ip}$'
assert_equal "taken" "$(takes "$work/whole.yaml")" \
    'alice 203.0.113.7,mallory ip=192.0.2.1 198.51.100.66,'
checks "$work/whole.yaml"

say "the library's files take nothing of each other's lines, wherever they stand"
: >"$work/app.log"
for line in 'Nov 23 10:11:12 web1 sshd[912]: Accepted publickey for root from 192.0.2.1 port 5022 ssh2' \
    '[2026-11-23 10:11:12,292] DEBUG Principal = User:root is Allowed Operation = Write from host = 192.0.2.1 on resource = Topic:LITERAL:orders (kafka.authorizer.logger)' \
    'Started POST "/users/sign_in" for 192.0.2.1 at 2026-11-23 10:11:12 +0100' \
    '2026-11-23 10:11:12 root/192.0.2.1:41022 MULTI_sva: pool returned IPv4=10.8.0.6, IPv6=(Not enabled)' \
    '{"audit_record":{"name":"Connect","timestamp":"2026-11-23T10:11:12Z","status":0,"user":"root","ip":"192.0.2.1"}}'; do
    quoted=$(printf '%s' "$line" | sed 's/"/\\x22/g')
    printf '198.51.100.66 - - [23/Nov/2026:10:11:12 +0000] "GET /x HTTP/1.1" 404 12 "-" "%s"\n' "$quoted"
    printf 'Nov 23 10:11:12 web1 sshd[912]: Invalid user %s from 198.51.100.66 port 5022\n' "$line"
    printf '2026-11-23 10:11:12 WARN refused user=%s ip=198.51.100.66\n' "$line"
done >>"$work/app.log"
for name in openssh kafka rails openvpn mysql; do
    assert_equal "$name" "$("$SHIPPER" preview --rules "$rules/$name.yaml" "$work/app.log" 2>/dev/null |
        grep -c '192\.0\.2\.1' || true)" 0
done
