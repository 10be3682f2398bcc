/* SPDX-License-Identifier: MIT
 *
 * A TCP proxy on loopback with faults below HTTP, for scenarios.
 *
 *     fault_proxy TARGET_PORT FAULTS_FILE
 *
 * Prints the port it listens on. Each new connection takes a fault from the
 * file's lines; the file is read again for each, and a changed one counts anew:
 *
 *     COUNT FAULT [N]          the next COUNT connections; `*` all that follow
 *
 *     pass                     none
 *     cut N                    close in order after N bytes of the answers
 *     reset-answer N           reset (RST) after N bytes of the answers
 *     reset-request N          reset after N bytes of the requests are forwarded
 *     trickle N                the answer one byte each N ms
 *     mute                     read, forward nothing, never answer
 *     headers                  answer with headers without end
 *     close                    close in order as soon as something was asked
 *
 * One loop; it forwards with blocking writes, which loopback and small messages
 * allow.
 */
#include "parsers/buffer.h"
#include "parsers/memory.h"
#include "shipper/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 512, PIECE_BYTES = 16384, HEADERS_EVERY_MS = 10 };

enum fault { PASS, CUT, RESET_ANSWER, RESET_REQUEST, TRICKLE, MUTE, HEADERS, CLOSE };

static const char *const fault_names[] = {
    "pass", "cut", "reset-answer", "reset-request", "trickle", "mute", "headers", "close"};

struct connection {
    int client, upstream; /* upstream: -1 once it has ended */
    enum fault fault;
    uint64_t number;              /* the fault's N */
    uint64_t requested, answered; /* bytes forwarded */
    struct buffer held;           /* of the answer: TRICKLE sends it byte by byte */
    int64_t due_ms;               /* when the next byte or header goes */
};

struct proxy {
    int listener;
    uint16_t target;
    const char *faults_path;
    struct stat faults_seen;
    uint64_t taken; /* connections since the file changed */
    struct connection connections[MOST_CONNECTIONS];
    size_t count;
};

static void die(const char *what)
{
    perror(what);
    exit(71);
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(listener, (struct sockaddr *)&address, len) < 0 || listen(listener, 128) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0)
        die("cannot listen");
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static bool find_fault(const char *name, enum fault *fault)
{
    for (size_t i = 0; i < sizeof(fault_names) / sizeof(*fault_names); i++)
        if (strcmp(name, fault_names[i]) == 0) {
            *fault = (enum fault)i;
            return true;
        }
    return false;
}

/* The fault of the next connection; no line left means none. */
static void choose_fault(struct proxy *proxy, struct connection *connection)
{
    FILE *file = fopen(proxy->faults_path, "re");
    struct stat now;
    char line[128], count[32], name[32];
    uint64_t before = 0;

    if (!file || fstat(fileno(file), &now) < 0)
        die(proxy->faults_path);
    if (now.st_ino != proxy->faults_seen.st_ino ||
        now.st_mtim.tv_sec != proxy->faults_seen.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != proxy->faults_seen.st_mtim.tv_nsec)
        proxy->taken = 0;
    proxy->faults_seen = now;
    connection->fault = PASS;
    while (fgets(line, sizeof(line), file)) {
        connection->number = 0;
        if (sscanf(line, "%31s %31s %lu", count, name, &connection->number) < 2 ||
            !find_fault(name, &connection->fault)) {
            fprintf(stderr, "fault_proxy: not a fault: %s", line);
            exit(64);
        }
        before += strtoul(count, NULL, 10);
        if (*count == '*' || proxy->taken < before)
            break;
        connection->fault = PASS;
    }
    proxy->taken++;
    fclose(file);
}

static void drop(struct proxy *proxy, struct connection *connection, bool is_reset)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (is_reset)
        setsockopt(connection->client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(connection->client);
    if (connection->upstream >= 0)
        close(connection->upstream);
    buffer_finish(&connection->held);
    *connection = proxy->connections[--proxy->count];
}

static void accept_one(struct proxy *proxy)
{
    struct connection *connection = &proxy->connections[proxy->count];
    struct sockaddr_in target = loopback(proxy->target);

    *connection = (struct connection){.client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC)};
    if (connection->client < 0)
        return;
    choose_fault(proxy, connection);
    printf("connection: %s\n", fault_names[connection->fault]);
    fflush(stdout);
    proxy->count++;
    connection->upstream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->upstream, (struct sockaddr *)&target, sizeof(target)) < 0)
        drop(proxy, connection, false);
}

static bool send_all(int to, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(to, bytes, len, MSG_NOSIGNAL);

        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* How much of a piece may still pass before the byte where the fault strikes. */
static size_t allowed(uint64_t passed, uint64_t most, size_t piece)
{
    return most - passed < piece ? (size_t)(most - passed) : piece;
}

/* The functions below return false when the connection is to be dropped. */

static bool take_request(struct connection *connection, bool *is_reset)
{
    char piece[PIECE_BYTES];
    ssize_t n = recv(connection->client, piece, sizeof(piece), 0);
    size_t len;

    if (n <= 0 || connection->fault == CLOSE)
        return false;
    len = (size_t)n;
    if (connection->fault == MUTE || connection->fault == HEADERS) {
        connection->requested += len;
        return true;
    }
    if (connection->fault == RESET_REQUEST)
        len = allowed(connection->requested, connection->number, len);
    connection->requested += len;
    if (!send_all(connection->upstream, piece, len))
        return false;
    *is_reset = connection->fault == RESET_REQUEST && connection->requested == connection->number;
    return !*is_reset;
}

static bool take_answer(struct connection *connection, bool *is_reset)
{
    char piece[PIECE_BYTES];
    ssize_t n = recv(connection->upstream, piece, sizeof(piece), 0);
    bool has_end = connection->fault == CUT || connection->fault == RESET_ANSWER;
    size_t len;

    if (n <= 0) {
        close(connection->upstream);
        connection->upstream = -1;
        return connection->held.len > 0;
    }
    len = (size_t)n;
    if (connection->fault == TRICKLE) {
        buffer_append(&connection->held, (struct span){piece, len});
        return true;
    }
    if (has_end)
        len = allowed(connection->answered, connection->number, len);
    connection->answered += len;
    if (!send_all(connection->client, piece, len))
        return false;
    if (!has_end || connection->answered < connection->number)
        return true;
    *is_reset = connection->fault == RESET_ANSWER;
    return false;
}

/* Is there something that the clock sends? */
static bool is_timed(const struct connection *connection)
{
    return connection->held.len > 0 || (connection->fault == HEADERS && connection->requested > 0);
}

/* What is sent by the clock: a held byte, or one more header. */
static bool send_due(struct connection *connection, int64_t now_ms)
{
    static const char header[] = "X-Without-End: 0123456789012345678901234567890123456789\r\n";

    if (!is_timed(connection) || connection->due_ms > now_ms)
        return true;
    if (connection->fault == HEADERS) {
        bool is_first = connection->due_ms == 0;

        connection->due_ms = now_ms + HEADERS_EVERY_MS;
        return (!is_first || send_all(connection->client, "HTTP/1.1 200 OK\r\n", 17)) &&
               send_all(connection->client, header, sizeof(header) - 1);
    }
    if (!send_all(connection->client, connection->held.bytes, 1))
        return false;
    memmove(connection->held.bytes, connection->held.bytes + 1, --connection->held.len);
    connection->due_ms = now_ms + (int64_t)connection->number;
    return connection->held.len > 0 || connection->upstream >= 0;
}

static int wait_ms(const struct proxy *proxy, int64_t now_ms)
{
    int64_t least = -1;

    for (size_t i = 0; i < proxy->count; i++) {
        const struct connection *connection = &proxy->connections[i];
        int64_t left = connection->due_ms > now_ms ? connection->due_ms - now_ms : 0;

        if (is_timed(connection) && (least < 0 || left < least))
            least = left;
    }
    return (int)least;
}

static void turn(struct proxy *proxy)
{
    struct pollfd waits[1 + 2 * MOST_CONNECTIONS];
    size_t count = proxy->count;
    int64_t now_ms;

    waits[0] =
        (struct pollfd){.fd = count < MOST_CONNECTIONS ? proxy->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < count; i++) {
        waits[1 + 2 * i] = (struct pollfd){.fd = proxy->connections[i].client, .events = POLLIN};
        waits[2 + 2 * i] = (struct pollfd){.fd = proxy->connections[i].upstream, .events = POLLIN};
    }
    poll(waits, 1 + 2 * count, wait_ms(proxy, clock_now().monotonic_ms));
    now_ms = clock_now().monotonic_ms;
    /* Backwards: a drop moves the last connection, already served, into the gap. */
    for (size_t i = count; i-- > 0;) {
        struct connection *connection = &proxy->connections[i];
        bool is_reset = false;

        if ((waits[1 + 2 * i].revents && !take_request(connection, &is_reset)) ||
            (waits[2 + 2 * i].revents && !take_answer(connection, &is_reset)) ||
            !send_due(connection, now_ms))
            drop(proxy, connection, is_reset);
    }
    if (waits[0].revents)
        accept_one(proxy);
}

int main(int argc, char **argv)
{
    static struct proxy proxy;
    uint64_t port;

    if (argc != 3 || !span_to_u64(span_of(argv[1]), &port) || port > UINT16_MAX) {
        fputs("usage: fault_proxy TARGET_PORT FAULTS_FILE\n", stderr);
        return 64;
    }
    proxy.target = (uint16_t)port;
    proxy.faults_path = argv[2];
    proxy.listener = listen_anywhere();
    for (;;)
        turn(&proxy);
}
