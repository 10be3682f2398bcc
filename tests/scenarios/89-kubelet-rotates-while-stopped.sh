#!/bin/sh
# Pods' logs are followed through the links of /var/log/containers alone, and kubelet rotates what they lead to while the service is stopped: the rest of the rotated file is read, then the new one.
. "$(dirname "$0")/../support/scenario.sh"

pod=$work/pods/shop_web-7d9f_9f0c1b7e-3f2a-4c55-9d61-0e2f7ad5b1c3/app
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
mkdir -p "$pod" "$work/containers"
ln -s "$pod/0.log" "$work/containers/web-7d9f_shop_app-$id.log"
write_cri() { # first, last
    for n in $(seq "$1" "$2"); do
        printf '2026-11-23T10:11:12.123456789Z stdout F request %d by user%d from 198.51.100.7\n' "$n" "$n"
    done >>"$pod/0.log"
}
rotate() { # as kubelet does it: the runtime opens the new file
    mv "$pod/0.log" "$pod/0.log.$1"
    : >"$pod/0.log"
}
start_endpoint
write_config "inputs:" \
    "  - {file: '$work/containers/*.log', rules: $work/cri.yaml, start: beginning}"
cat >"$work/cri.yaml" <<'RULES'
product: acme
format: cri
rules:
  - name: request
    match: '^request (?<number>\d+) by (?<user>\S+) from %{IP:ip}'
    event:
      activity_type: REQUEST
      user_id: ${user}
      ip_addr: ${ip}
      meta: {number: '${number}', pod: '${k8s.pod.name:-}'}
    samples:
      - line: '2026-11-23T10:11:12.1Z stdout F request 17 by alice from 198.51.100.17'
        event: {user_id: alice, ip_addr: 198.51.100.17}
      - line: '2026-11-23T10:11:12.1Z stdout F started'
        event: none
RULES

write_cri 1 40
start_run
wait_until 20 has_accepted 40
stop run

say "rotated once: its rest, then the new one"
write_cri 41 60
rotate 20261123-101112
write_cri 61 80
start_run
wait_until 20 has_accepted 80
stop run

say "rotated and compressed"
write_cri 81 100
rotate 20261124-101112
gzip "$pod/0.log.20261123-101112" "$pod/0.log.20261124-101112"
write_cri 101 120
start_run
wait_until 20 has_accepted 120
stop run
assert_delivered 1 120
assert_equal "number of repeated deliveries" "$(count_outcome repeated)" 0
assert_equal "events of the pod" "$(grep -c '^{"outcome":"accepted".*web-7d9f' "$work/record")" 120
"$SHIPPER" status --config "$work/config.yaml" >"$work/status.out"
assert_in "every byte is accounted for" status.out
