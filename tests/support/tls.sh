# Sourced after scenario.sh by scenarios that need TLS: certificates by openssl, and
# nginx in front of the stand-in endpoint.
#
# shellcheck shell=sh disable=SC2154

here=$(dirname "$0")

# A new key, and a certificate of its own: $work/NAME.pem, $work/NAME.key.
make_authority() { # name
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 \
        -keyout "$work/$1.key" -out "$work/$1.pem" -subj "/CN=$1" 2>"$work/openssl.err" ||
        fail "openssl made no $1"
}
# One that the authority signs, for those names ("DNS:a.example,IP:127.0.0.1"). With
# CLOCK_SHIFT_S in the environment it is made at another time, for seven days.
make_certificate() { # name, authority, names
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>"$work/openssl.err" &&
        echo "subjectAltName=$3" >"$work/$1.ext" &&
        LD_PRELOAD=$TOOLS/shifted_clock.so openssl x509 -req -in "$work/$1.csr" -days 7 \
            -CA "$work/$2.pem" -CAkey "$work/$2.key" -CAcreateserial -extfile "$work/$1.ext" \
            -out "$work/$1.pem" 2>"$work/openssl.err" || fail "openssl made no $1"
}

# A port that nobody listens on, in the range that the system gives to nobody by itself.
free_port() {
    candidate=$((20000 + ($$ + $(date +%N | sed 's/^0*//')) % 10000))
    while grep -qi ":$(printf '%04X' $candidate) 0" /proc/net/tcp /proc/net/tcp6; do
        candidate=$((candidate + 1))
    done
    echo $candidate
}

# TLS on $tls_port of 127.0.0.1 and [::1], forwarded to the endpoint. Called again, it
# starts over on that port: connections that were open end. More lines go into nginx's
# `server`. With tls_option=http2 it speaks HTTP/2.
start_tls() { # certificate's name, line...
    [ -n "${tls_port:-}" ] || tls_port=$(free_port)
    certificate=$1
    shift
    {
        printf 'events {}\nhttp {\n access_log off;\n server {\n'
        printf ' listen %s ssl%s;\n' "127.0.0.1:$tls_port" "${tls_option:+ $tls_option}" \
            "[::1]:$tls_port" "${tls_option:+ $tls_option}"
        printf ' ssl_certificate %s;\n ssl_certificate_key %s;\n' \
            "$work/$certificate.pem" "$work/$certificate.key"
        printf ' %s\n' "$@"
        printf ' location / { proxy_pass http://127.0.0.1:%s; }\n }\n}\n' "$port"
    } >"$work/nginx.conf"
    case " $started " in *" tls "*) stop_tls ;; esac
    start tls sh "$here/../support/nginx.sh" "$work" "$work/nginx.conf"
    wait_until 30 is_listening "$tls_port"
}
stop_tls() {
    kill "$tls_pid" 2>/dev/null || return 0
    wait_until 10 is_gone "$tls_pid"
}
is_listening() { # port
    grep -qi "0100007F:$(printf '%04X' "$1") 00000000:0000 0A" /proc/net/tcp
}
