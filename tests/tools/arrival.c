/* SPDX-License-Identifier: MIT
 *
 * How long a line takes from its append to a log to its arrival at an endpoint, with
 * nothing else going on.
 *
 *     arrival LOG COUNT GAP_MS PORT SYNCED
 *
 * Listens on PORT of 127.0.0.1, appends COUNT lines one by one, each when the one
 * before has arrived and up to GAP_MS have passed, and waits for "userN" of line N:
 * within a POST, which it answers as the API does, or in any other bytes. Beside each
 * line it times an fdatasync of a few bytes to the file SYNCED. Prints
 *
 *     arrival: median N ms, 99 % N ms
 *     fdatasync: median N ms, 99 % N ms
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, COUNT_MOST = 100000, BYTES = 65536, LOST_MS = 10000 };

#define SUCCESS "{\"response_code\":\"200\",\"response\":\"Data Uploaded\",\"status\":\"success\"}"

static char answer[256];
static struct pollfd polled[CONNECTIONS + 1]; /* the first one listens */
static nfds_t open_count = 1;
static double arrival_ms[COUNT_MOST], sync_ms[COUNT_MOST];

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "arrival: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(s, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(s, CONNECTIONS) < 0)
        fail("cannot listen");
    return s;
}

static void take_connection(void)
{
    int s = accept4(polled[0].fd, NULL, NULL, SOCK_CLOEXEC), on = 1;

    if (s < 0 || open_count > CONNECTIONS)
        fail("cannot take a connection");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    polled[open_count++] = (struct pollfd){s, POLLIN, 0};
}

/* A request of one event comes in one piece over loopback. */
static bool read_one(nfds_t i, const char *wanted)
{
    static char bytes[BYTES + 1];
    ssize_t got = read(polled[i].fd, bytes, BYTES);

    if (got <= 0) {
        close(polled[i].fd);
        polled[i] = polled[--open_count];
        return false;
    }
    bytes[got] = '\0';
    if (strncmp(bytes, "POST ", 5) == 0 &&
        write(polled[i].fd, answer, strlen(answer)) != (ssize_t)strlen(answer))
        fail("cannot answer");
    return wanted && strstr(bytes, wanted);
}

/* Serves until then, or until the text arrives, and says whether it did. NULL: none. */
static bool serve(const char *wanted, double until_ms)
{
    bool has_arrived = false;

    while (!has_arrived) {
        double left_ms = until_ms - now_ms();

        if (left_ms <= 0)
            return false;
        poll(polled, open_count, (int)left_ms + 1);
        for (nfds_t i = open_count - 1; i > 0; i--)
            if (polled[i].revents && read_one(i, wanted))
                has_arrived = true;
        if (polled[0].revents)
            take_connection();
    }
    return true;
}

static double measure_arrival(int log, int number)
{
    char line[128], wanted[32];
    int len = snprintf(line, sizeof(line),
        "2026-11-23T10:11:12Z app1 acme[7]: request %d by user%d from 198.51.100.1\n", number,
        number);
    double from_ms = now_ms();

    snprintf(wanted, sizeof(wanted), "user%d", number);
    if (write(log, line, (size_t)len) != len)
        fail("cannot append");
    if (!serve(wanted, from_ms + LOST_MS)) {
        fprintf(stderr, "arrival: line %d did not arrive\n", number);
        exit(1);
    }
    return now_ms() - from_ms;
}

static double measure_sync(int file)
{
    double from_ms = now_ms();

    if (write(file, "a few bytes\n", 12) != 12 || fdatasync(file) < 0)
        fail("cannot sync");
    return now_ms() - from_ms;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void tell(const char *name, double *took_ms, int count)
{
    qsort(took_ms, (size_t)count, sizeof(double), compare);
    printf("%s: median %.2f ms, 99 %% %.2f ms\n", name, took_ms[count / 2],
        took_ms[count - 1 - count / 100]);
}

int main(int argc, char **argv)
{
    int count, gap_ms, log, sync_file;

    if (argc != 6 || (count = atoi(argv[2])) < 1 || count > COUNT_MOST ||
        (gap_ms = atoi(argv[3])) < 1) {
        fprintf(stderr, "usage: arrival LOG COUNT GAP_MS PORT SYNCED\n");
        return 64;
    }
    log = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    sync_file = open(argv[5], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (log < 0 || sync_file < 0)
        fail(argv[1]);
    polled[0] = (struct pollfd){listen_on(argv[4]), POLLIN, 0};
    snprintf(answer, sizeof(answer),
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(SUCCESS), SUCCESS);
    measure_arrival(log, 0); /* connects */
    for (int i = 0; i < count; i++) {
        serve(NULL, now_ms() + 1 + rand() % gap_ms);
        sync_ms[i] = measure_sync(sync_file);
        serve(NULL, now_ms() + 1 + rand() % gap_ms);
        arrival_ms[i] = measure_arrival(log, i + 1);
    }
    tell("arrival", arrival_ms, count);
    tell("fdatasync", sync_ms, count);
    return 0;
}
