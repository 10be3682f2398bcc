/* SPDX-License-Identifier: MIT
 *
 * Writes numbered lines to a log at a steady rate, for scenarios.
 *
 *     log_writer [--reopen] FILE FIRST COUNT RATE
 *
 * Lines FIRST to FIRST+COUNT-1, RATE a second (0: as fast as it goes), each in
 * one write:
 *
 *     2026-11-23T10:11:12Z app1 acme[7]: request 17 by user17 from 198.51.100.17
 *
 * With --reopen it opens FILE anew once the name stands for another file, as a
 * service told by logrotate does; without, it goes on writing to the file that
 * it opened first.
 */
#include "parsers/span.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int open_log(const char *path)
{
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (log < 0) {
        perror(path);
        exit(71);
    }
    return log;
}

static int follow_name(int log, const char *path)
{
    struct stat opened, named;

    if (fstat(log, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino)
        return log;
    close(log);
    return open_log(path);
}

static void write_line(int log, uint64_t number)
{
    char line[160], stamp[32];
    time_t now = time(NULL);
    struct tm parts;
    int len;

    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    len = snprintf(line, sizeof(line),
        "%s app1 acme[7]: request %lu by user%lu from 198.51.100.%lu\n", stamp, number,
        number % 1000, number % 250 + 1);
    if (write(log, line, (size_t)len) != len) {
        perror("log_writer: write");
        exit(71);
    }
}

/* Sleeps until line `done` of the run is due, so that a late one is caught up. */
static void keep_pace(const struct timespec *start, uint64_t done, uint64_t rate)
{
    struct timespec due = *start;

    due.tv_sec += (time_t)(done / rate);
    due.tv_nsec += (long)(done % rate * 1000000000 / rate);
    if (due.tv_nsec >= 1000000000) {
        due.tv_sec++;
        due.tv_nsec -= 1000000000;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

int main(int argc, char **argv)
{
    bool is_reopening = argc > 1 && strcmp(argv[1], "--reopen") == 0;
    uint64_t first, count, rate;
    struct timespec start;
    const char *path;
    int log;

    argv += is_reopening;
    if (argc - is_reopening != 5 || !span_to_u64(span_of(argv[2]), &first) ||
        !span_to_u64(span_of(argv[3]), &count) || !span_to_u64(span_of(argv[4]), &rate)) {
        fputs("usage: log_writer [--reopen] FILE FIRST COUNT RATE\n", stderr);
        return 64;
    }
    path = argv[1];
    log = open_log(path);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint64_t done = 0; done < count; done++) {
        if (rate > 0)
            keep_pace(&start, done, rate);
        if (is_reopening)
            log = follow_name(log, path);
        write_line(log, first + done);
    }
    close(log);
    return 0;
}
