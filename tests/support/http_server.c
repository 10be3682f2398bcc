/* SPDX-License-Identifier: MIT
 *
 * One poll loop over a few connections. Its end is a kill: it has nothing to
 * lose.
 */
#include "tests/support/http_server.h"

#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 32, STOP_MS = 5000 };

struct connection {
    int fd; /* -1: free */
    unsigned number;
    struct buffer in;
    const struct http_step *endless;
};

struct serving {
    int listener, log;
    const struct http_step *steps;
    size_t count, next;
    unsigned connections;
    struct connection connection[CONNECTIONS];
};

/* Bytes of the first whole request in the buffer; 0: it is not whole yet. */
static size_t whole_request(struct span in)
{
    const char *end = memmem(in.at, in.len, "\r\n\r\n", 4);
    const char *length = memmem(in.at, in.len, "Content-Length: ", 16);
    size_t bytes;

    if (!end || !length)
        return 0;
    bytes = (size_t)(end + 4 - in.at) + strtoul(length + 16, NULL, 10);
    return in.len >= bytes ? bytes : 0;
}

static void hang_up(struct connection *c, bool is_reset)
{
    if (is_reset)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(c->fd);
    c->fd = -1;
    c->endless = NULL;
}

static void answer(struct serving *s, struct connection *c)
{
    const struct http_step *step = &s->steps[s->next < s->count ? s->next : s->count - 1];

    s->next++;
    (void)!write(c->fd, step->bytes, strlen(step->bytes));
    if (step->then == HTTP_FOREVER)
        c->endless = step;
    else if (step->then != HTTP_KEEP)
        hang_up(c, step->then == HTTP_RESET);
}

static void read_from(struct serving *s, struct connection *c)
{
    ssize_t got = read(c->fd, buffer_reserve(&c->in, 65536), 65536);
    size_t bytes;

    if (got <= 0) {
        hang_up(c, false);
        return;
    }
    c->in.len += (size_t)got;
    while (c->fd >= 0 && (bytes = whole_request(buffer_span(&c->in))) > 0) {
        dprintf(s->log, "connection %u\n%.*s\n", c->number, (int)bytes, c->in.bytes);
        memmove(c->in.bytes, c->in.bytes + bytes, c->in.len - bytes);
        c->in.len -= bytes;
        answer(s, c);
    }
}

static void take_connection(struct serving *s)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &s->connection[i];

        if (c->fd < 0) {
            c->fd = accept(s->listener, NULL, NULL);
            c->number = ++s->connections;
            buffer_clear(&c->in);
            return;
        }
    }
}

static void serve(struct serving *s)
{
    struct pollfd polled[CONNECTIONS + 1];

    /* A test that fails does not come to stop us. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < CONNECTIONS; i++)
        s->connection[i].fd = -1;
    for (;;) {
        polled[CONNECTIONS] = (struct pollfd){s->listener, POLLIN, 0};
        for (size_t i = 0; i < CONNECTIONS; i++)
            polled[i] = (struct pollfd){
                s->connection[i].fd, s->connection[i].endless ? POLLIN | POLLOUT : POLLIN, 0};
        poll(polled, CONNECTIONS + 1, -1);
        for (size_t i = 0; i < CONNECTIONS; i++) {
            struct connection *c = &s->connection[i];

            if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
                read_from(s, c);
            else if (polled[i].revents & POLLOUT)
                (void)!send(c->fd, c->endless->bytes, strlen(c->endless->bytes), MSG_DONTWAIT);
        }
        if (polled[CONNECTIONS].revents)
            take_connection(s);
    }
}

void http_server_start(struct http_server *server, const struct http_step *steps, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), log[2];

    assert_true(listener >= 0 && bind(listener, (struct sockaddr *)&address, len) == 0 &&
                listen(listener, CONNECTIONS) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &len) == 0 && pipe(log) == 0);
    snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u/api/product/usage",
        ntohs(address.sin_port));
    server->log = log[0];
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        close(log[0]);
        serve(
            &(struct serving){.listener = listener, .log = log[1], .steps = steps, .count = count});
    }
    close(listener);
    close(log[1]);
}

void http_server_stop(struct http_server *server, struct buffer *received)
{
    ssize_t got;

    kill(server->pid, SIGKILL);
    scratch_wait(server->pid, STOP_MS);
    while ((got = read(server->log, buffer_reserve(received, 4096), 4096)) > 0)
        received->len += (size_t)got;
    buffer_append_byte(received, '\0');
    close(server->log);
}

const char *http_answer(const char *status, const char *headers, const char *body)
{
    static char answers[4][1024];
    static unsigned next;
    char *text = answers[next++ % 4];

    snprintf(text, sizeof(answers[0]), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
        headers, strlen(body), body);
    return text;
}
