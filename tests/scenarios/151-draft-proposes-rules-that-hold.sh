#!/bin/sh
# draft: a log in, a rule file out that passes check and test, with nothing of the log's users and addresses in it.
. "$(dirname "$0")/../support/scenario.sh"

draft() { "$SHIPPER" draft "$@" >"$work/acme.yaml" 2>"$work/draft.err"; }
assert_holds() {
    "$SHIPPER" check "$work/acme.yaml" >"$work/check.out" || fail "it does not pass check"
    "$SHIPPER" test "$work/acme.yaml" >"$work/test.out" || fail "its samples do not hold"
}

say "text behind a time: who, from where, and what is no login"
cat >"$work/acme.log" <<'LOG'
2026-11-23 10:11:12 INFO  session opened for user zacharias from 10.11.12.13 via password
2026-11-23 10:12:12 INFO  session opened for user wilhelmina from 172.20.3.4 via publickey
2026-11-23 10:13:12 INFO  session opened for user quentin from 10.11.12.99 via password
2026-11-23 10:14:12 WARN  session refused for user quentin from 10.11.12.99 via password
2026-11-23 10:15:12 INFO  cache flushed in 12 ms
2026-11-23 10:16:12 INFO  user zacharias pushed to repository secretproject from 10.11.12.13
LOG
draft "$work/acme.log"
assert_holds
assert_in 'product: acme' acme.yaml
assert_in "match: '^\\S+ \\S+ INFO +session opened for user (?<user>\\S+) from %{IP:ip} via" acme.yaml
assert_in 'activity_type: LOGIN # guess' acme.yaml
assert_in 'activity_type: PUSH # guess' acme.yaml
assert_in 'event: none' acme.yaml
assert_in '#       1  nothing done  <time> INFO  cache flushed in <number> ms' acme.yaml
assert_in '#       1  a failure     <time> WARN  session refused for user <*> from <address> via password' acme.yaml
for real in zacharias wilhelmina quentin 10.11.12 172.20.3.4; do assert_not_in "$real" acme.yaml; done
"$SHIPPER" preview "$work/acme.log" --rules "$work/acme.yaml" >"$work/got.out" 2>&1
assert_in '4 events' got.out

say "JSON: fields by their names"
cat >"$work/acme.log" <<'LOG'
{"time":"2026-11-23T10:11:12Z","event":"user.login","success":true,"actor":{"name":"zacharias"},"remote_ip":"10.11.12.13","user_agent":"acme-cli/7.1"}
{"time":"2026-11-23T10:12:12Z","event":"user.login","success":true,"actor":{"name":"quentin@corp.test"},"remote_ip":"2001:470::7","user_agent":"acme-cli/7.2"}
{"time":"2026-11-23T10:13:12Z","event":"user.login","success":false,"actor":{"name":"quentin"},"remote_ip":"10.11.12.14"}
{"time":"2026-11-23T10:14:12Z","event":"gc","ms":17}
LOG
draft --product shop - <"$work/acme.log"
assert_holds
assert_in 'product: shop' acme.yaml
assert_in 'format: json' acme.yaml
assert_in 'event: user.login' acme.yaml
assert_in "user_id: '\${actor.name}' # guess" acme.yaml
assert_in "ip_addr: '\${remote_ip}' # guess" acme.yaml
assert_in "user_agent: ['\${user_agent}', shop] # guess" acme.yaml
for real in zacharias quentin corp.test 10.11.12 2001:470; do assert_not_in "$real" acme.yaml; done

assert_in '#       1  nothing done  event: gc' acme.yaml

say "a time that does not begin the line, and what a browser calls itself"
cat >"$work/acme.log" <<'LOG'
worker-3 2026-11-23T10:11:12Z [client: 10.11.12.13] [useragent: Mozilla/5.0 (X11; Linux x86_64; rv:95.0) Gecko/20100101 Firefox/95.0] login of zacharias done
worker-3 2026-11-23T10:12:12Z [client: 10.11.12.14] [useragent: acme-cli/7.1] login of quentin done
worker-3 2026-11-23T10:12:12Z [client: 10.11.12.14] [useragent: -] login of wilhelmina done
LOG
draft "$work/acme.log"
assert_holds
assert_in "time: '\${time}' # guess" acme.yaml
assert_in "user_agent: ['\${agent}', acme] # guess" acme.yaml
assert_in "event_at: '2026-11-23T10:11:12Z'" acme.yaml
"$SHIPPER" preview "$work/acme.log" --rules "$work/acme.yaml" >"$work/got.out" 2>&1
assert_in '3 events' got.out
assert_in '"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:95.0) Gecko/20100101 Firefox/95.0"' got.out

say "syslog around logfmt, and access logs"
cat >"$work/acme.log" <<'LOG'
Nov 23 10:11:12 gate9 acme[7]: level=info msg="login succeeded" user=zacharias client_ip=10.11.12.13
Nov 23 10:11:13 gate9 acme[7]: level=warn msg="login failed" user=quentin client_ip=10.11.12.13
LOG
draft "$work/acme.log"
assert_holds
assert_in 'format: [syslog, logfmt]' acme.yaml
assert_in "match: '^login succeeded'" acme.yaml
assert_not_in gate9 acme.yaml
cat >"$work/acme.log" <<'LOG'
10.11.12.13 - zacharias [23/Nov/2026:10:11:12 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8.5"
10.11.12.13 - - [23/Nov/2026:10:11:12 +0000] "POST /login HTTP/1.1" 302 12 "-" "curl/8.5"
10.11.12.13 - quentin [23/Nov/2026:10:11:12 +0000] "GET /a?token=abc HTTP/1.1" 401 12 "-" "curl/8.5"
LOG
draft "$work/acme.log"
assert_holds
assert_in 'format: access' acme.yaml
assert_in 'user: {exists: true}' acme.yaml
assert_in 'status: {from: 200, below: 400}' acme.yaml
assert_not_in 'token=abc' acme.yaml

say "JSON over several lines"
cat >"$work/acme.log" <<'LOG'
{
  "time": "2026-11-23T10:11:12Z",
  "event": { "action": "login", "user": "zacharias", "client_ip": "10.11.12.13" }
}
{
  "time": "2026-11-23T10:12:00Z",
  "event": { "action": "gc", "ms": 12 }
}
LOG
draft "$work/acme.log"
assert_holds
assert_in "multiline: {start: '^\\{'}" acme.yaml
"$SHIPPER" preview "$work/acme.log" --rules "$work/acme.yaml" >"$work/got.out" 2>&1
assert_in '"user_id":"zacharias"' got.out
assert_in '8 lines read, 1 event' got.out

say "nothing is made of a log of nothing, of garbage, of a hostile one"
seq 1 9 >"$work/acme.log"
code=0
draft "$work/acme.log" || code=$?
assert_equal "exit code" "$code" 1
assert_in 'No line tells of something that was done' draft.err
echo '2026-11-23 10:11:12 login failed for zacharias from 10.11.12.13' >"$work/acme.log"
draft "$work/acme.log" || code=$?
assert_equal "exit code" "$code" 1
assert_in '#       1  a failure     <time> login failed for <*> from <address>' draft.err
assert_in 'hint: Draft from a log in which something succeeds' draft.err
head -c 40000 /dev/urandom | tr -d '\000-\010\013-\037' >"$work/acme.log"
draft "$work/acme.log" || true
assert_in ' lines, ' draft.err
printf "login of user '%%{IP} from 10.1.1.1\nlogin of user \${x}': | from 10.1.1.1\nlogin of user \"a\\\\ from 10.1.1.1 # x\n" >"$work/acme.log"
draft "$work/acme.log"
assert_holds
