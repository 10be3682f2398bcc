#!/bin/sh
# Container logs laid out and rotated as kubelet and Docker do it: parts are joined, nothing is lost or doubled, pods are named.
. "$(dirname "$0")/../support/scenario.sh"

pods=$work/pods
uid=9f0c1b7e-3f2a-4c55-9d61-0e2f7ad5b1c3
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
pod=$pods/shop_web-7d9f_$uid/app
docker=$work/docker/containers/$id
links=$work/containers
mkdir -p "$pod" "$docker" "$links"
ln -s "$pod/0.log" "$links/web-7d9f_shop_app-$id.log"

# What the container says in line N, as JSON.
said_by() { echo "{\"type\":\"request\",\"number\":$1,\"user\":\"user$1\",\"time\":\"not this one\"}"; }
at() { date -u +%Y-%m-%dT%H:%M:%S.123456789Z; }
# As containerd writes lines FIRST to LAST: every third in three parts, the other stream between them.
write_cri() { # first, last
    for n in $(seq "$1" "$2"); do
        line=$(said_by "$n")
        if [ $((n % 3)) -eq 0 ]; then
            printf '%s stdout P %s\n%s stderr F a word in between\n%s stdout P %s\n%s stdout F %s\n' \
                "$(at)" "$(echo "$line" | cut -c1-20)" "$(at)" "$(at)" "$(echo "$line" | cut -c21-30)" \
                "$(at)" "$(echo "$line" | cut -c31-)"
        else
            printf '%s stdout F %s\n' "$(at)" "$line"
        fi
    done >>"$pod/0.log"
}
# As Docker does: one of 40 KiB in three parts.
write_docker() { # first, last
    for n in $(seq "$1" "$2"); do
        line=$(said_by "$n" | sed 's/"/\\"/g')
        if [ "$n" -eq "$1" ]; then
            pad=$(head -c 40000 /dev/zero | tr '\0' x)
            line=$(said_by "$n" | sed "s/}$/,\"pad\":\"$pad\"}/")
            for part in 1-16384 16385-32768; do
                printf '{"log":"%s","stream":"stdout","time":"%s"}\n' \
                    "$(echo "$line" | cut -c$part | sed 's/"/\\"/g')" "$(at)"
            done
            line=$(echo "$line" | cut -c32769- | sed 's/"/\\"/g')
        fi
        printf '{"log":"%s\\n","stream":"stdout","time":"%s"}\n' "$line" "$(at)"
    done >>"$docker/$id-json.log"
}

rule() { # format, where the pod's name comes from
    cat <<RULES
product: acme
format: [$1, json]
rules:
  - name: request
    where: {type: request, log.iostream: stdout}
    event:
      activity_type: REQUEST
      user_id: \${user}
      ip_addr: 198.51.100.17
      meta: {number: '\${number}', where: '$2'}
    samples:
$3
RULES
}
start_endpoint
# shellcheck disable=SC2016
{
    rule cri '${k8s.namespace.name:-}/${k8s.pod.name:-}/${k8s.container.name:-}' \
        "      - {line: '2026-11-23T10:11:12.1Z stdout F {\"type\":\"request\",\"user\":\"alice\",\"number\":1}', event: {user_id: alice, event_at: '2026-11-23T10:11:12Z'}}
      - {line: '2026-11-23T10:11:12.1Z stderr F {\"type\":\"request\"}', event: none}" >"$work/cri.yaml"
    rule docker '${container.id:-}' \
        "      - {line: '{\"log\":\"{\\\"type\\\":\\\"request\\\",\\\"user\\\":\\\"alice\\\",\\\"number\\\":1}\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12Z\"}', event: {user_id: alice, event_at: '2026-11-23T10:11:12Z'}}
      - {line: 'text', event: none}" >"$work/docker.yaml"
}
write_config "inputs:" \
    "  - {file: '$pods/*/*/*.log', rules: $work/cri.yaml, start: beginning, settle: 1s}" \
    "  - {file: '$links/*.log', rules: $work/cri.yaml, start: beginning}" \
    "  - {file: '$work/docker/containers/*/*-json.log', rules: $work/docker.yaml, start: beginning}"
"$SHIPPER" check "$work/config.yaml" "$work/cri.yaml" "$work/docker.yaml" >"$work/check.out" 2>&1 || fail "check"
"$SHIPPER" test "$work/cri.yaml" "$work/docker.yaml" >"$work/test.out" 2>&1 || fail "test"

say "what is there, and what is written while it runs"
write_cri 1 30
write_docker 1001 1010
"$SHIPPER" preview "$pod/0.log" --rules "$work/cri.yaml" >"$work/preview.out" 2>"$work/preview.err"
assert_equal "events of the preview" "$(grep -cF 'shop/web-7d9f/app' "$work/preview.out")" 30

say "a rule file that names no runtime serves both"
# shellcheck disable=SC2016
rule cri '${log.iostream}' "      - {line: '{\"type\":\"request\",\"user\":\"alice\",\"number\":1,\"log\":{\"iostream\":\"stdout\"}}', event: {user_id: alice}}
      - {line: '{\"type\":\"other\"}', event: none}" | sed 's/^format: .*/format: json/' >"$work/either.yaml"
"$SHIPPER" test "$work/either.yaml" >"$work/test.out" 2>&1 || fail "test"
previews() { # log, events
    "$SHIPPER" preview "$1" --rules "$work/either.yaml" >"$work/preview.out" 2>"$work/preview.err"
    assert_equal "events of $1" "$(grep -c REQUEST "$work/preview.out")" "$2"
}
previews "$pod/0.log" 30
previews "$docker/$id-json.log" 10
"$SHIPPER" test "$work/either.yaml" --coverage "$pod/0.log" >"$work/coverage.out" || fail "coverage"
assert_in '30  acme/request' coverage.out
# shellcheck disable=SC2016
sed 's,^    event:,    time: {from: "${clock}"\, zone: Asia/Kolkata}\n    event:,' "$work/either.yaml" >"$work/zone.yaml"
mkdir -p "$pods/a_b_c/d"
echo '2026-11-23T10:11:12.5Z stdout F {"type":"request","user":"alice","clock":"2026-11-23 10:11:12","number":1}' >"$pods/a_b_c/d/0.log"
"$SHIPPER" preview "$pods/a_b_c/d/0.log" --rules "$work/zone.yaml" >"$work/preview.out" 2>"$work/preview.err"
assert_in "\"event_at\":$(date -u -d '2026-11-23 04:41:12' +%s)" preview.out
rm -r "$pods/a_b_c"
start_run
wait_until 20 has_accepted 40
write_cri 31 60
printf '%s stdout P %s\n' "$(at)" "$(said_by 61 | cut -c1-25)" >>"$pod/0.log"

say "kubelet renames, compresses and lets the runtime open a new file, in the middle of a line"
mv "$pod/0.log" "$pod/0.log.20261123-101112"
printf '%s stdout F %s\n' "$(at)" "$(said_by 61 | cut -c26-)" >>"$pod/0.log.20261123-101112"
: >"$pod/0.log"
wait_until 20 has_accepted 71
gzip "$pod/0.log.20261123-101112"
write_cri 62 90
wait_until 20 has_accepted 100

say "Docker renames, and writes on in a new file"
mv "$docker/$id-json.log" "$docker/$id-json.log.1"
write_docker 1011 1020
wait_until 20 has_accepted 110
stop run
assert_equal "exit code" "$code" 0
{ seq 1 90 && seq 1001 1020; } >"$work/wanted"
received_numbers >"$work/got"
cmp -s "$work/wanted" "$work/got" || fail "lines and events differ"
assert_equal "number of ids" "$(received_ids | wc -l)" 110
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0
assert_equal "named by pod" "$(grep -cF 'shop/web-7d9f/app' "$work/record")" 90
assert_equal "named by container" "$(grep -cF "$id" "$work/record")" 20
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "every byte is accounted for" status.out
