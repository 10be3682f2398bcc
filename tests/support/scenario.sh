# Sourced by every scenario: a folder of its own, processes that end with it, and
# the stand-in endpoint, the fault proxy and `run` as functions.
#
#     . "$(dirname "$0")/../support/scenario.sh"
#
# A scenario prints what it checks (say), ends at the first thing that is wrong
# (fail), and skips with a reason as its last line (skip). Nothing here sleeps for
# a guess: wait_until polls a condition, with a bound.
#
# shellcheck shell=sh
set -eu

SHIPPER=$(realpath "${SHIPPER:-build/usage-shipper}")
TOOLS=$(realpath "${TOOLS:-build/plain/tests/tools}")
work=$(mktemp -d)
started= # names of processes, for the clean-up
port=0   # the endpoint's; any at first, then kept, so that it can be restarted
export NO_COLOR=1 LC_ALL=C TZ=UTC
unset USAGE_SHIPPER_API_KEY

say() { echo "- $*"; }
fail() {
    echo "FAILED: $*"
    for log in "$work"/*.out "$work"/*.err; do
        [ -s "$log" ] || continue
        echo "--- $(basename "$log") (its end)"
        tail -n 25 "$log"
    done
    exit 1
}
skip() {
    echo "$*"
    exit 77
}

clean_up() {
    for name in $started; do
        eval "kill \$${name}_pid" 2>/dev/null || continue
        eval "wait_quietly 5 is_gone \$${name}_pid" || eval "kill -9 \$${name}_pid" || true
    done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- conditions ----------------------------------------------------------------

# A child that nobody waited for yet is a zombie, and gone all the same.
is_gone() { # pid
    case $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null || echo gone) in
    gone | Z | X) return 0 ;;
    *) return 1 ;;
    esac
}
is_in() { grep -qF -e "$1" "$work/$2" 2>/dev/null; }         # text, file in $work
has_lines() { [ "$(wc -l <"$work/$1" 2>/dev/null || echo 0)" -ge "$2" ]; } # file, number

wait_quietly() { # seconds, command...
    bound=$(($(date +%s) + $1 + 1))
    shift
    until "$@"; do
        [ "$(date +%s)" -le $bound ] || return 1
        sleep 0.05
    done
}
wait_until() { # seconds, command...
    wait_quietly "$@" || {
        seconds=$1
        shift
        fail "after $seconds s still not: $*"
    }
}

assert_equal() { # what, got, wanted
    [ "$2" = "$3" ] || fail "$1 is '$2', wanted '$3'"
}
assert_in() { is_in "$1" "$2" || fail "$2 does not say: $1"; }       # text, file in $work
assert_not_in() { ! is_in "$1" "$2" || fail "$2 must not say: $1"; } # text, file in $work

# --- processes -----------------------------------------------------------------

# Starts a command; NAME_pid is its process, NAME.out and NAME.err what it says.
start() { # name, command...
    name=$1
    shift
    "$@" >>"$work/$name.out" 2>>"$work/$name.err" </dev/null &
    eval "${name}_pid=$!"
    case " $started " in *" $name "*) ;; *) started="$started $name" ;; esac
}
# Ends it; its exit code is in $code.
stop() { # name, [signal]
    eval "pid=\$${1}_pid"
    kill -"${2:-TERM}" "$pid" || fail "$1 had ended by itself"
    finish "$1" 15
}
# Waits for its own end; its exit code is in $code.
finish() { # name, seconds
    eval "pid=\$${1}_pid"
    wait_until "$2" is_gone "$pid"
    code=0
    wait "$pid" || code=$?
}

# --- the endpoint and the proxy ------------------------------------------------

# Listens on $port and answers as `script` last said. A line a request goes to
# $work/record: outcome, id, status, at_ms, method, path, contract, body.
start_endpoint() { # [option...]
    [ -e "$work/script" ] || : >"$work/script"
    : >"$work/endpoint.out"
    start endpoint "$SHIPPER" endpoint --port "$port" --script "$work/script" \
        --record "$work/record" "$@"
    wait_until 10 is_in "listening on" endpoint.out
    port=$(sed -n 's|^listening on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$work/endpoint.out")
    url=http://127.0.0.1:$port/api/product/usage
}
# What it answers from now on; no line: as the contract says.
script() { # line...
    printf '%s\n' "$@" >"$work/script.new"
    mv "$work/script.new" "$work/script"
}
# Forwards to the endpoint; $url leads through it.
start_proxy() { # fault line...
    faults "$@"
    start proxy "$TOOLS/fault_proxy" "$port" "$work/faults"
    wait_until 10 is_in "listening on" proxy.out
    url=http://127.0.0.1:$(sed -n 's/^listening on 127.0.0.1:\([0-9]*\)$/\1/p' \
        "$work/proxy.out")/api/product/usage
}
faults() { # fault line...
    printf '%s\n' "$@" >"$work/faults.new"
    mv "$work/faults.new" "$work/faults"
}

# --- run on a log of numbered lines (tests/tools/log_writer) -------------------

# The configuration in $work/config.yaml: $work/app.log to $url. Arguments are
# more lines of it, or a whole `inputs:` of its own.
write_config() { # [line...]
    (umask 077 && echo secret >"$work/key")
    cat >"$work/acme.yaml" <<'RULES'
product: acme
format: syslog
rules:
  - name: request
    match: '^request (?<number>\d+) by (?<user>\S+) from %{IP:ip}'
    event:
      activity_type: REQUEST
      user_id: ${user}
      ip_addr: ${ip}
      meta: {number: '${number}'}
    samples:
      - line: '2026-11-23T10:11:12Z app1 acme[7]: request 17 by user17 from 198.51.100.17'
        event: {user_id: user17, ip_addr: 198.51.100.17, event_at: '2026-11-23T10:11:12Z'}
      - line: '2026-11-23T10:11:12Z app1 acme[7]: started'
        event: none
RULES
    {
        cat <<CONFIG
endpoint:
  url: $url
  api_key_file: $work/key
  timeout: 2s
  retry_first: 100ms
  retry_most: 1s
  probe_every: 1s
instance: scenario
state_dir: $work/state
CONFIG
        printf '%s\n' "$@"
        case "$*" in *inputs:*) ;; *)
            printf 'inputs:\n  - {file: %s, rules: %s, start: beginning}\n' \
                "$work/app.log" "$work/acme.yaml"
            ;;
        esac
    } >"$work/config.yaml"
}
start_run() { # [option...]
    start run "$SHIPPER" run --config "$work/config.yaml" "$@"
}
# Writes lines FIRST to FIRST+COUNT-1 at once; as `start writer …` it takes its time.
write_lines() { # first, count
    "$TOOLS/log_writer" "$work/app.log" "$1" "$2" 0
}

# --- what arrived --------------------------------------------------------------

# Numbers of the lines whose events were accepted, each once, sorted.
received_numbers() {
    grep '^{"outcome":"\(accepted\|repeated\|different\)"' "$work/record" 2>/dev/null |
        grep -o '"number\\":\\"[0-9]*' | grep -o '[0-9]*$' | sort -nu
}
received_ids() {
    sed -n 's/^{"outcome":"\(accepted\|repeated\|different\)","id":"\([^"]*\)".*/\2/p' \
        "$work/record" 2>/dev/null | sort -u
}
count_outcome() { grep -c "^{\"outcome\":\"$1\"" "$work/record" 2>/dev/null || true; } # outcome
has_received() { [ "$(received_numbers | wc -l)" -ge "$1" ]; }                         # number
# The same, quicker, of an endpoint that has not been restarted.
has_accepted() { [ "$(count_outcome accepted)" -ge "$1" ]; } # number

# Every line FIRST to LAST arrived as one event, and no other.
assert_delivered() { # first, last
    seq "$1" "$2" >"$work/wanted"
    received_numbers >"$work/got"
    cmp -s "$work/wanted" "$work/got" ||
        fail "lines and events differ (< lost, > never written): $(diff "$work/wanted" "$work/got" |
            grep '^[<>]' | head -n 5 | tr '\n' ' ')"
    assert_equal "number of distinct ids" "$(received_ids | wc -l)" "$(($2 - $1 + 1))"
    assert_equal "number of ids with two bodies" "$(count_outcome different)" 0
}

# --- what run said -------------------------------------------------------------

said() { grep -c -e "$1" "$work/run.err" || true; } # regular expression: how often
has_said() { [ "$(said "$1")" -gt 0 ]; }
assert_said() { assert_equal "how often run says \"$2\"" "$(said "$2")" "$1"; } # how often, expression
# Warnings and errors, all in all: what a person is told of troubles.
assert_complaints() { # number
    assert_equal "number of warnings and errors" "$(said '^[^:]*: \(error\|warning\): ')" "$1"
}
