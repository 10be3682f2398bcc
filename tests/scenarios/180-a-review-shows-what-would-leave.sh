#!/bin/sh
# preview --report: every field that would leave, with no value in it that a line brought.
. "$(dirname "$0")/../support/scenario.sh"

{
    echo 'Nov 23 10:11:12 web1 sshd[912]: Accepted publickey for alice from 203.0.113.7 port 5022 ssh2'
    echo 'Nov 23 10:11:13 web1 sshd[913]: Accepted password for roberta from 198.51.100.23 port 5023 ssh2'
} >"$work/auth.log"

"$SHIPPER" preview "$work/auth.log" --rules rules/openssh.yaml --report >"$work/report" 2>"$work/summary"
assert_in 'openssh/login: 2 events, 100.0 % of all' report
assert_in 'Nothing else is sent.' report
for field in activity_type source product_id user_id_type user_id ip_addr user_agent meta.method; do
    assert_in "  $field " report
done
for value in alice roberta 203.0.113.7 198.51.100.23; do
    ! grep -F "$value" "$work/report" || fail "the report shows $value"
done

# All that the bodies have is in the report.
"$SHIPPER" preview "$work/auth.log" --rules rules/openssh.yaml --json 2>/dev/null |
    jq -r '.payload | (del(.meta, .event_id, .event_at) | keys[]), (.meta // {} | keys[] | "meta." + .)' |
    sort -u >"$work/sent"
"$SHIPPER" preview "$work/auth.log" --rules rules/openssh.yaml --report --json 2>/dev/null |
    jq -r '.rules[].fields[].field' | sort -u >"$work/reported"
cmp "$work/sent" "$work/reported" || fail "what is sent is not what is reported"
