#!/bin/sh
# metrics_port: metrics, health and readiness, while processes come and go; off unless asked for.
. "$(dirname "$0")/../support/scenario.sh"

get() { curl -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$metrics$1"; }
is_status() { [ "$(get "$1")" = "$2" ]; }
metric() { get /metrics >"$work/code" && sed -n "s|^$1 ||p" "$work/answer"; }
is_metric() { [ "$(metric "$1")" = "$2" ]; }

start_endpoint
for metrics in 19184 29184 39184; do
    write_config "metrics_port: $metrics"
    write_lines 1 10
    start_run
    wait_until 10 has_said 'running: reader'
    has_said 'going on without metrics' || break
    stop run
    : >"$work/run.err"
done

say "what happened is in the metrics"
wait_until 10 is_metric usage_shipper_delivered_total 10
assert_equal "events" "$(metric usage_shipper_events_total)" 10
assert_equal "lines" "$(metric 'usage_shipper_lines_total{class="matched"}')" 10
assert_equal "up" "$(metric 'usage_shipper_process_up{process="sender"}')" 1
assert_equal "health" "$(get /healthz)" 200
assert_equal "readiness" "$(get /readyz)" 200
assert_equal "anything else" "$(get /)" 404
assert_equal "a POST" "$(curl -s -o /dev/null -w '%{http_code}' -d x "http://127.0.0.1:$metrics/metrics")" 405

say "each metric has its type and help, and a name once"
get /metrics >"$work/code"
sed -n 's/^# TYPE \([^ ]*\) \(counter\|gauge\|histogram\)$/\1/p' "$work/answer" | sort >"$work/types"
sed -n 's/^\([a-z_]*\)[{ ].*/\1/p' "$work/answer" | sed 's/_\(bucket\|sum\|count\)$//' | sort -u >"$work/names"
cmp "$work/types" "$work/names" || fail "types and metrics differ"
for name in $(cat "$work/names"); do
    grep -q "$name" docs/operating.md || fail "docs/operating.md does not tell of $name"
done

say "sources and rules"
assert_equal "matched" "$(metric "usage_shipper_source_lines_total{kind=\"file\",source=\"$work/app.log\",class=\"matched\"}")" 10
assert_equal "position" "$(metric "usage_shipper_source_position_bytes{kind=\"file\",source=\"$work/app.log\"}")" "$(wc -c <"$work/app.log")"
assert_equal "events" "$(metric 'usage_shipper_rule_events_total{product="acme",rule="request"}')" 10
assert_equal "the spool" "$(metric usage_shipper_spool_readable)" 1
cut -d ' ' -f 1 "$work/answer" | grep -v '^#' | sort | uniq -d >"$work/twice"
[ ! -s "$work/twice" ] || fail "twice: $(cat "$work/twice")"

say "latency is a histogram, and the last answer is there"
assert_equal "answers" "$(metric 'usage_shipper_answers_total{verdict="delivered"}')" 10
assert_equal "all of them" "$(metric 'usage_shipper_request_duration_seconds_bucket{le="+Inf"}')" 10
assert_equal "count" "$(metric usage_shipper_request_duration_seconds_count)" 10
assert_equal "status" "$(metric usage_shipper_last_answer_status)" 200
sed -n 's/^usage_shipper_request_duration_seconds_bucket{le="[0-9.]*"} //p' "$work/answer" >"$work/buckets"
sort -n -c "$work/buckets" || fail "the buckets are not cumulative"
has_lines buckets 10 || fail "few buckets"

say "the same through the state directory"
"$SHIPPER" status --config "$work/config.yaml" --metrics >"$work/told"
assert_in 'usage_shipper_delivered_total 10' told

say "a child that is killed is started again, and the port is still the service's"
sender=$(sed -n 's/.*sender is process \([0-9]*\).*/\1/p' "$work/run.err" | tail -n 1)
kill -9 "$sender"
wait_until 10 is_status /readyz 200
write_lines 11 5
wait_until 10 is_metric usage_shipper_delivered_total 15
assert_equal "answers of both senders" "$(metric 'usage_shipper_answers_total{verdict="delivered"}')" 15
stop run
assert_equal "after the end" "$(get /healthz || true)" 000

say "nothing listens unless it is asked for"
write_config
start_run
wait_until 10 has_said 'running: reader'
assert_equal "without metrics_port" "$(get /healthz || true)" 000
"$SHIPPER" status --config "$work/config.yaml" --metrics >"$work/told"
assert_in usage_shipper_build_info told
stop run
