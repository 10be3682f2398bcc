#!/bin/sh
# What sending costs: the sender from a full spool beside a bare libcurl loop and wrk, against nginx on this host.
#
#   COUNT=100000   events
#   RUNS=5         medians of that many, taken in turns
#
# CPU is user and system time of the process that posts; for the sender that includes
# reading the spool and noting deliveries. Ratios are within one run. nginx and wrk
# share the processors with what is measured: requests a second mean little on a busy
# machine, CPU an event much.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/tls.sh"

COUNT=${COUNT:-100000} RUNS=${RUNS:-5}
figures=$work/figures # lines: protocol, tool, CPU us an event, events a second, KiB
. "$(dirname "$0")/../support/nginx_endpoint.sh"
cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.body = string.rep("x", 400)
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-API-KEY"] = "secret"
LUA

configure() { # url, ca_file line
    url=$1
    write_config
    sed -i "s|^endpoint:|&$2|; /timeout: 2s/d" "$work/config.yaml"
    : >"$work/app.log"
}
# "N posts, S s, C us CPU a post, K KiB at most" as a line of the figures.
note() { # protocol, tool
    sed -n "s|^\([0-9]*\) [a-z]*, \([0-9.]*\) s, \([0-9.]*\) us CPU [a-z ]*, \([0-9]*\) KiB.*|\1 \2 \3 \4|p" |
        awk -v what="$1 $2" '{print what, $3, $1 / $2, $4}' >>"$figures"
}
sender() { # protocol
    rm -rf "$work/state"
    "$TOOLS/spool_poster" "$work/config.yaml" "$COUNT" | note "$1" sender
}
median() { # protocol, tool, column
    awk -v p="$1" -v t="$2" -v c="$3" '$1 == p && $2 == t {print $c}' "$figures" | sort -n |
        awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}

i=0
while [ $i -lt "$RUNS" ]; do
    i=$((i + 1))
    configure "http://127.0.0.1:$plain_port/api/product/usage" ""
    "$TOOLS/bare_poster" "$url" "$COUNT" 32 | note h1 bare
    sender h1
    if command -v wrk >/dev/null; then
        echo "h1 wrk 0 $(wrk -t1 -c32 -d2 -s "$work/post.lua" "$url" | sed -n 's/^Requests.sec: *//p') 0" >>"$figures"
    fi
    configure "https://localhost:$tls_port/api/product/usage" "\n  ca_file: $work/ours.pem"
    sender h2
    if command -v h2load >/dev/null; then
        head -c 400 /dev/zero | tr '\0' x >"$work/body"
        echo "h2 h2load 0 $(h2load -n "$COUNT" -c2 -m100 -d "$work/body" "$url" |
            sed -n 's/^finished in .*, \([0-9.]*\) req.s.*/\1/p') 0" >>"$figures"
    fi
done

echo "medians of $RUNS runs of $COUNT events; nproc $(nproc)"
while read -r protocol tool; do
    [ -n "$(median "$protocol" "$tool" 4)" ] || continue
    printf '%s %-7s %8.2f us CPU an event %10.0f a second %8d KiB\n' "$protocol" "$tool" \
        "$(median "$protocol" "$tool" 3)" "$(median "$protocol" "$tool" 4)" \
        "$(median "$protocol" "$tool" 5)"
done <<'ROWS'
h1 sender
h1 bare
h1 wrk
h2 sender
h2 h2load
ROWS
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0 ? a / b : 0)}'; }
echo "CPU an event, from spool to ack: $(ratio "$(median h1 sender 3)" "$(median h1 bare 3)") times the bare loop"
if command -v wrk >/dev/null; then
    wrk=$(median h1 wrk 4)
    echo "requests a second: sender $(ratio "$(median h1 sender 4)" "$wrk") of wrk, bare loop $(ratio "$(median h1 bare 4)" "$wrk")"
fi
if command -v h2load >/dev/null; then
    echo "requests a second over HTTP/2: sender $(ratio "$(median h2 sender 4)" "$(median h2 h2load 4)") of h2load"
fi

count_calls() { # protocol
    rm -rf "$work/state"
    strace -f -c -o "$work/calls" "$TOOLS/spool_poster" "$work/config.yaml" 20000 >/dev/null
    awk -v p="$1" '/total$/ {printf "%s: %.1f system calls a POST, filling the spool included:\n", p, $4 / 20000}' \
        "$work/calls"
    awk '/(sendto|recvfrom|poll|epoll_wait)$/ {print "  " $NF, $4 / 20000}' "$work/calls"
}
configure "http://127.0.0.1:$plain_port/api/product/usage" ""
count_calls h1
configure "https://localhost:$tls_port/api/product/usage" "\n  ca_file: $work/ours.pem"
count_calls h2
