/* SPDX-License-Identifier: MIT
 *
 * Sends numbered syslog messages, for scenarios and benchmarks.
 *
 *     syslog_sender TRANSPORT PLACE FIRST COUNT RATE
 *
 * TRANSPORT is udp, lines (TCP, a line each), counted (TCP, octet counting), split (the
 * same, a byte a segment) or unix (datagrams); PLACE is a port of 127.0.0.1 or a path.
 * Messages FIRST to FIRST+COUNT-1, RATE a second (0: as fast as it goes):
 *
 *     <13>2026-11-23T10:11:12Z app1 acme[7]: request 17 by user17 from 198.51.100.18
 *
 * Ends with how many it has sent, and how many a second.
 */
#include "parsers/buffer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64 << 10, BURST_NS = 1000000 };

static void die(const char *what)
{
    perror(what);
    exit(71);
}

static int connect_to(const char *transport, const char *place)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_unix = strcmp(transport, "unix") == 0, is_udp = strcmp(transport, "udp") == 0;
    int one = 1,
        end = socket(is_unix ? AF_UNIX : AF_INET, is_unix || is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);

    snprintf(un.sun_path, sizeof(un.sun_path), "%s", place);
    in.sin_port = htons((uint16_t)atoi(place));
    if (end < 0 ||
        connect(end, is_unix ? (void *)&un : (void *)&in, is_unix ? sizeof(un) : sizeof(in)) < 0)
        die("syslog_sender: connect");
    if (!is_unix && !is_udp)
        (void)setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return end;
}

/* A refused datagram is told with the next one: it is sent again. */
static void send_all(int end, struct span bytes, size_t piece)
{
    while (bytes.len > 0) {
        ssize_t sent = send(end, bytes.at, bytes.len < piece ? bytes.len : piece, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            die("syslog_sender: send");
        if (sent > 0)
            bytes = span_from(bytes, (size_t)sent);
    }
}

static void put_message(uint64_t number, bool is_counted, struct buffer *out)
{
    char text[160];
    int len = snprintf(text, sizeof(text),
        "<13>2026-11-23T10:11:12Z app1 acme[7]: request %lu by user%lu from 198.51.100.%lu", number,
        number % 1000, number % 250 + 1);

    if (is_counted)
        buffer_printf(out, "%d %s", len, text);
    else
        buffer_append(out, (struct span){text, (size_t)len});
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Sleeps until message `done` is due; at most a thousand times a second. */
static void keep_pace(int64_t start_ns, uint64_t done, uint64_t rate)
{
    int64_t due_ns = start_ns + (int64_t)(done * (1000000000.0 / (double)rate));
    struct timespec due = {due_ns / 1000000000, due_ns % 1000000000};

    if (due_ns - now_ns() > BURST_NS)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

int main(int argc, char **argv)
{
    uint64_t first, count, rate;
    bool is_stream, is_counted;
    struct buffer out = {0};
    int64_t start_ns;
    int end;

    if (argc != 6 || !span_to_u64(span_of(argv[3]), &first) ||
        !span_to_u64(span_of(argv[4]), &count) || !span_to_u64(span_of(argv[5]), &rate)) {
        fputs("usage: syslog_sender udp|lines|counted|split|unix PLACE FIRST COUNT RATE\n", stderr);
        return 64;
    }
    is_counted = strcmp(argv[1], "counted") == 0 || strcmp(argv[1], "split") == 0;
    is_stream = is_counted || strcmp(argv[1], "lines") == 0;
    end = connect_to(argv[1], argv[2]);
    start_ns = now_ns();
    for (uint64_t done = 0; done < count; done++) {
        if (rate > 0)
            keep_pace(start_ns, done, rate);
        put_message(first + done, is_counted, &out);
        if (is_stream && !is_counted)
            buffer_append_byte(&out, '\n');
        if (!is_stream || rate > 0 || out.len >= PIECE || done + 1 == count) {
            send_all(end, buffer_span(&out), strcmp(argv[1], "split") == 0 ? 1 : SIZE_MAX);
            buffer_clear(&out);
        }
    }
    close(end);
    printf(
        "sent %lu, %.0f a second\n", count, (double)count / ((double)(now_ns() - start_ns) / 1e9));
    buffer_finish(&out);
    return 0;
}
