#!/bin/sh
# The rule library over real log lines: no login of a failure, nothing of a stranger's line, every success right.
. "$(dirname "$0")/../support/scenario.sh"

cases=${CASES:-../shared/cases/cases.jsonl}
[ -r "$cases" ] || skip "needs ../shared/cases/cases.jsonl"

say "every rule file, every line"
"$TOOLS/confusion" "$cases" tests/cases/library.txt rules/*.yaml >"$work/confusion.out" ||
    fail "tests/cases/library.txt does not excuse that"
assert_in '0 wrong' confusion.out

say "it can fail: a rule that takes refused logins, and one of another's lines"
cat >"$work/openssh.yaml" <<'END'
product: openssh
format: syslog
rules:
  - name: login
    match: '^(?:Accepted|Failed) \w+ for (?<user>\S+) from (?<ip>\S+)'
    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}', user_agent: x}
    samples:
      - line: 'Nov 23 10:11:12 web1 sshd[1]: Failed password for alice from 203.0.113.7 port 1 ssh2'
        event: {user_id: alice}
END
grep '^covers openssh' tests/cases/library.txt >"$work/notes.txt"
code=0
"$TOOLS/confusion" "$cases" "$work/notes.txt" "$work/openssh.yaml" >"$work/bad.out" || code=$?
assert_equal "exit code" "$code" 1
assert_in "openssh: a LOGIN of a failure" bad.out
assert_in "(linux-syslog, neutral): openssh: an event of another product's line" bad.out
