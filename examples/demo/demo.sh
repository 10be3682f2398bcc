#!/bin/sh
# Shows the whole way once: a log is written as sshd and its neighbours would write
# it, and rotated once; each login becomes an event at the local stand-in endpoint.
# At the end what was written is compared with what arrived.
#
# usage: SHIPPER=build/usage-shipper sh examples/demo/demo.sh
set -eu
shipper=$(realpath "${SHIPPER:-build/usage-shipper}")
examples=$(realpath "$(dirname "$0")/..")
lines=90 rotate_at=45 pause=0.15
export LC_ALL=C TZ=UTC

work=$(mktemp -d)
endpoint='' show='' run=''
clean_up() {
    for pid in $run $endpoint $show; do kill "$pid" 2>/dev/null || :; done
    for pid in $run $endpoint $show; do wait "$pid" 2>/dev/null || :; done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'echo; exit 130' INT
trap 'exit 143' TERM HUP

# Until a command succeeds; gives up after so many tenths of a second.
wait_until() { # tenths, command...
    left=$1
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.1
    done
}

# One line of the log, by its number.
write_line() { # number
    set -- "$1" alice bob carol dave@example.com erin
    n=$1 pid=$((2000 + n))
    shift $((1 + n % 5))
    user=$1
    address=203.0.113.$((n % 200 + 1)) port=$((40000 + n))
    [ $((n % 3)) -ne 0 ] || address=2001:db8::$n
    case $((n % 9)) in
    0) text="CRON[$pid]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)" ;;
    1 | 6) text="sshd[$pid]: Accepted publickey for $user from $address port $port ssh2: ED25519 SHA256:demo" ;;
    2) text="sshd[$pid]: Failed password for invalid user admin from 198.51.100.99 port $port ssh2" ;;
    3) text="sshd[$pid]: pam_unix(sshd:session): session opened for user $user(uid=1000) by (uid=0)" ;;
    4) text="sshd[$pid]: Accepted password for $user from $address port $port ssh2" ;;
    5) text="sshd[$pid]: Accepted publickey for backup from 192.0.2.20 port $port ssh2" ;;
    7) text="sudo[$pid]: $user : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/usr/bin/id" ;;
    8) text="sshd[$pid]: Disconnected from user $user $address port $port" ;;
    esac
    echo "$(date '+%b %e %H:%M:%S') gate1 $text" >>"$work/demo/auth.log"
}

# User and address of every login that should become an event, sorted.
written() {
    cat "$work/demo/auth.log.1" "$work/demo/auth.log" | grep -v ' for backup ' |
        sed -n 's/.* sshd\[[0-9]*\]: Accepted [a-z]* for \([^ ]*\) from \([^ ]*\) .*/\1 \2/p' | sort
}
# The same of every distinct event that arrived.
arrived() {
    sed -n 's/^{"outcome":"accepted".*\\"user_id\\":\\"\([^"\\]*\)\\".*\\"ip_addr\\":\\"\([^"\\]*\)\\".*/\1 \2/p' \
        "$work/record" | sort
}
count() { wc -l <"$1" | tr -d ' '; }
has_all() { [ "$(arrived | wc -l)" -ge "$(written | wc -l)" ]; }

mkdir "$work/demo"
cp "$examples/first-rule.yaml" "$work/"
: >"$work/demo/auth.log"
: >"$work/record"

echo "A log is being written the way sshd does, $lines lines in all. Watch its logins arrive:"
echo
mkfifo "$work/lines"
"$shipper" endpoint --port 0 --record "$work/record" >"$work/lines" &
endpoint=$!
while IFS= read -r line; do
    case $line in
    listening*) echo "$line" >"$work/listening" ;;
    *) echo "  $line" ;;
    esac
done <"$work/lines" &
show=$!
wait_until 50 test -s "$work/listening" || { echo "the stand-in endpoint did not start" >&2; exit 1; }
port=$(sed -n 's|.*127.0.0.1:\([0-9]*\)/.*|\1|p' "$work/listening")
sed "s/127.0.0.1:8088/127.0.0.1:$port/" "$examples/demo/demo.yaml" >"$work/demo/demo.yaml"

USAGE_SHIPPER_API_KEY=demo "$shipper" run --config "$work/demo/demo.yaml" 2>"$work/run.err" \
    >"$work/run.out" &
run=$!

i=0
while [ $i -lt $lines ]; do
    i=$((i + 1))
    write_line $i
    if [ $i -eq $rotate_at ]; then
        mv "$work/demo/auth.log" "$work/demo/auth.log.1"
        echo "  -- the log is rotated: auth.log is auth.log.1 now, and a new auth.log begins --"
    fi
    kill -0 $run 2>/dev/null || { cat "$work/run.err" >&2; exit 1; }
    sleep $pause
done
wait_until 150 has_all || echo "  -- gave up waiting for the rest --"

# In order: what run sums up goes to run.out, the endpoint's summary to the terminal.
kill $run 2>/dev/null || :
wait $run || :
run=''
kill $endpoint 2>/dev/null || :
wait $endpoint || :
endpoint=''
wait $show
show=''

written >"$work/written"
arrived >"$work/arrived"
lost=$(comm -23 "$work/written" "$work/arrived" | wc -l | tr -d ' ')
doubled=$(comm -13 "$work/written" "$work/arrived" | wc -l | tr -d ' ')
echo
echo "What was written, compared with what arrived:"
echo
echo "  written    $(cat "$work/demo/auth.log.1" "$work/demo/auth.log" | wc -l | tr -d ' ') lines in two files, $(count "$work/written") of them logins of people"
sed -n 's/^\(usage-shipper: \)*lines: \([0-9]*\) read, /  read       \2 lines: /p' "$work/run.out" "$work/run.err"
echo "  delivered  $(count "$work/arrived") distinct events"
echo "  lost       $lost"
echo "  doubled    $doubled"
[ "$lost" -eq 0 ] && [ "$doubled" -eq 0 ] && [ -s "$work/arrived" ]
