/* SPDX-License-Identifier: MIT
 *
 * Few connections, each for a short time: who scrapes comes again. A child that is
 * forked while one is open closes its copy.
 */
#include "shipper/metrics_server.h"

#include "parsers/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 8, IDLE_TIMEOUT_S = 10 };

struct metrics_server {
    struct MHD_Daemon *daemon;
    const struct metrics *metrics; /* during a turn */
    int connections[CONNECTIONS];  /* -1: none */
};

static void answer(
    const struct metrics *metrics, const char *path, unsigned *status, struct buffer *out)
{
    if (strcmp(path, "/metrics") == 0) {
        metrics_write(metrics, out);
    } else if (strcmp(path, "/healthz") == 0) {
        buffer_append(out, SPAN("ok\n"));
    } else if (strcmp(path, "/readyz") == 0) {
        *status = metrics_is_ready(metrics) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
        buffer_append(out, metrics_is_ready(metrics) ? SPAN("ready\n") : SPAN("not ready\n"));
    } else {
        *status = MHD_HTTP_NOT_FOUND;
        buffer_append(out, SPAN("/metrics, /healthz and /readyz are here\n"));
    }
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *body, size_t *body_len, void **state)
{
    const struct metrics_server *server = arg;
    struct buffer out = {0};
    struct MHD_Response *response;
    enum MHD_Result result;
    unsigned status = MHD_HTTP_OK;

    (void)version, (void)body, (void)body_len, (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
        answer(server->metrics, path, &status, &out);
    else
        status = MHD_HTTP_METHOD_NOT_ALLOWED;
    response = MHD_create_response_from_buffer(
        out.len, out.len > 0 ? out.bytes : NULL, MHD_RESPMEM_MUST_COPY);
    buffer_finish(&out);
    MHD_add_response_header(
        response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode code)
{
    struct metrics_server *server = arg;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    bool is_begun = code == MHD_CONNECTION_NOTIFY_STARTED;

    (void)state;
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (server->connections[i] == (is_begun ? -1 : fd)) {
            server->connections[i] = is_begun ? fd : -1;
            return;
        }
}

struct metrics_server *metrics_server_open(uint16_t port, struct error *err)
{
    struct metrics_server *server = memory_new(sizeof(*server));
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (size_t i = 0; i < CONNECTIONS; i++)
        server->connections[i] = -1;
    errno = 0;
    server->daemon = MHD_start_daemon(MHD_USE_EPOLL, port, NULL, NULL, on_request, server,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_END);
    if (server->daemon)
        return server;
    error_system(err, "cannot listen on 127.0.0.1:%u for metrics", port);
    if (errno == EADDRINUSE)
        error_hint(err, "Another process listens there: `ss -lntp` shows which.");
    free(server);
    return NULL;
}

void metrics_server_close(struct metrics_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}

void metrics_server_release(struct metrics_server *server)
{
    close(metrics_server_descriptor(server));
    close(MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd);
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (server->connections[i] >= 0)
            close(server->connections[i]);
}

int metrics_server_descriptor(const struct metrics_server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int metrics_server_timeout_ms(const struct metrics_server *server)
{
    MHD_UNSIGNED_LONG_LONG left_ms;

    if (MHD_get_timeout(server->daemon, &left_ms) != MHD_YES)
        return -1;
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

void metrics_server_turn(struct metrics_server *server, const struct metrics *metrics)
{
    server->metrics = metrics;
    MHD_run(server->daemon);
}
