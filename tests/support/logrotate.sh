# Sourced behind scenario.sh: logrotate itself, a day at a time, under a writer.
#
# Lines that are written between copytruncate's copy and its truncation are in no
# file any more: nobody can read them. The writer is therefore held meanwhile; in
# every other mode it writes on.
#
# shellcheck shell=sh

command -v logrotate >/dev/null || PATH=$PATH:/usr/sbin
command -v logrotate >/dev/null || skip "logrotate is not installed"

# The directives of a mode's name, "dateext+compress".
write_rotation() { # mode
    {
        echo "$work/app.log {"
        echo "    daily"
        echo "    rotate 5"
        echo "    missingok"
        echo "    prerotate"
        echo "        echo rotated >>$work/rotations"
        echo "    endscript"
        echo "    $1" | tr '+' '\n'
        echo "}"
    } >"$work/logrotate.conf"
    chmod 0644 "$work/logrotate.conf"
}
# Stopped, or at its end already.
is_held() { is_gone "$writer_pid" || grep -q '^State:.T' "/proc/$writer_pid/status"; }
# What cron does once a day, on that day from now.
run_logrotate() { # day
    CLOCK_SHIFT_S=$(($1 * 86400)) LD_PRELOAD=$TOOLS/shifted_clock.so \
        logrotate -s "$work/logrotate.state" "$work/logrotate.conf" >>"$work/logrotate.out" 2>&1 ||
        fail "logrotate failed on day $1"
}
hold_writer() {
    kill -STOP "$writer_pid" || is_gone "$writer_pid"
    wait_until 10 is_held
}
release_writer() { kill -CONT "$writer_pid" || is_gone "$writer_pid"; }
has_accepted() { [ "$(count_outcome accepted)" -ge "$1" ]; }

# A writer writes all the time; `run` is stopped over one night of five.
rotate_daily() { # mode, days, lines a day, files of the input
    lines=$(($2 * $3))
    rm -rf "$work"/app.log* "$work/record" "$work/state" "$work/logrotate.state" "$work/rotations"
    start_endpoint
    write_config "inputs:" "  - {file: $4, rules: $work/acme.yaml, start: beginning}"
    write_rotation "$1"
    start_run
    start writer "$TOOLS/log_writer" --reopen "$work/app.log" 1 $lines $(($3 * 2))
    run_logrotate 0
    day=1
    while [ "$day" -lt "$2" ]; do
        wait_until 60 has_accepted $(((day - 1) * $3 + 1))
        [ $((day % 5)) -ne 3 ] || stop run
        case $1 in *copytruncate*) hold_writer ;; esac
        run_logrotate "$day"
        release_writer
        [ $((day % 5)) -ne 3 ] || start_run
        day=$((day + 1))
    done
    finish writer 60
    wait_until 60 has_accepted $lines
    stop run
    assert_delivered 1 $lines
    assert_equal "number of rotations" "$(wc -l <"$work/rotations")" $(($2 - 1))
    say "$1: $lines lines over $(wc -l <"$work/rotations") rotations, each once"
    stop endpoint
}

rotate_in_every_mode() { # days, lines a day
    for mode in create create+dateext copytruncate copytruncate+compress create+compress \
        create+compress+delaycompress create+compress+delaycompress+dateext; do
        rotate_daily "$mode" "$1" "$2" "$work/app.log*"
    done
}
