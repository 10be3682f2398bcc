/* SPDX-License-Identifier: MIT
 *
 * libmicrohttpd with epoll, driven from outside. Its handler is called several
 * times a request: first with the headers, then with pieces of the body, then
 * with none, when the request is judged. A delayed request is suspended and
 * handled once more when it is due.
 */
#include "shipper/endpoint/endpoint.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/endpoint/ledger.h"
#include "shipper/endpoint/script_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, IDLE_TIMEOUT_S = 120 };

struct request {
    struct buffer body;
    bool is_judged;
    unsigned status;
    struct MHD_Response *response; /* NULL: close without an answer */

    /* While it waits for its time: */
    int64_t due_ms;
    struct MHD_Connection *connection;
    struct request *next;
};

struct endpoint {
    const struct endpoint_options *options;
    struct MHD_Daemon *daemon;
    struct ledger *ledger;
    struct script_file *script;
    struct request *delayed;
    struct now now; /* of this turn */
};

static struct span header_of(struct MHD_Connection *connection, const char *name)
{
    return span_of(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

static struct MHD_Response *response_new(struct span body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, memory_string(body), MHD_RESPMEM_MUST_FREE);

    if (body.len > 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
            *body.at == '{' ? "application/json" : "text/html");
    return response;
}

static struct MHD_Response *contract_response(const struct contract_finding *finding)
{
    struct buffer body = {0};
    struct MHD_Response *response;

    contract_answer(finding, &body);
    response = response_new(buffer_span(&body));
    buffer_finish(&body);
    if (finding->verdict == CONTRACT_METHOD)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "POST");
    return response;
}

static struct MHD_Response *scripted_response(const struct script_step *step)
{
    struct MHD_Response *response = response_new(step->body);

    for (size_t i = 0; i < step->header_count; i++) {
        struct span rest = step->headers[i];
        char *name = memory_string(span_cut(&rest, ':'));
        char *value = memory_string(span_trim(rest));

        MHD_add_response_header(response, name, value);
        free(name);
        free(value);
    }
    return response;
}

static enum endpoint_outcome note_event(
    struct endpoint *endpoint, const struct contract_finding *finding, struct span body)
{
    static const enum endpoint_outcome outcomes[] = {
        [LEDGER_NEW] = ENDPOINT_ACCEPTED,
        [LEDGER_REPEATED] = ENDPOINT_REPEATED,
        [LEDGER_DIFFERENT] = ENDPOINT_DIFFERENT,
        [LEDGER_FULL] = ENDPOINT_FULL,
    };

    return outcomes[ledger_note(endpoint->ledger, contract_field(finding, "event_id"), body)];
}

static void refresh_script(struct endpoint *endpoint, bool is_forced)
{
    struct buffer complaint = {0};

    if (endpoint->script && !script_file_refresh(endpoint->script, is_forced, &complaint)) {
        buffer_append(&complaint, SPAN("the script stays as it was\n"));
        (void)!write(STDERR_FILENO, complaint.bytes, complaint.len);
    }
    buffer_finish(&complaint);
}

static const struct script_step *take_step(struct endpoint *endpoint, struct span body)
{
    if (!endpoint->script)
        return NULL;
    refresh_script(endpoint, false);
    return script_take(script_file_script(endpoint->script), body);
}

/* Fills the request's answer and returns for how long to hold it back. */
static int64_t judge(
    struct endpoint *endpoint, struct request *request, const struct contract_request *received)
{
    const struct script_step *step = take_step(endpoint, received->body);
    struct contract_finding finding;
    struct endpoint_exchange exchange = {.request = received, .finding = &finding};

    contract_check(received, span_of(endpoint->options->key), &finding);
    if (step && !step->is_accepted)
        exchange.outcome = ENDPOINT_SCRIPTED;
    else if (finding.verdict == CONTRACT_ACCEPTED)
        exchange.outcome = note_event(endpoint, &finding, received->body);
    else
        exchange.outcome = ENDPOINT_REFUSED;

    exchange.is_scripted = step && step->answer != SCRIPT_OK &&
                           exchange.outcome != ENDPOINT_REFUSED &&
                           exchange.outcome != ENDPOINT_FULL;
    if (exchange.is_scripted && step->answer == SCRIPT_STATUS) {
        request->response = scripted_response(step);
        request->status = step->status;
    } else if (exchange.outcome == ENDPOINT_FULL) {
        request->response = response_new((struct span){0});
        request->status = MHD_HTTP_INSUFFICIENT_STORAGE;
    } else if (!exchange.is_scripted) {
        request->response = contract_response(&finding);
        request->status = (unsigned)finding.status;
    }
    exchange.status = request->status;
    endpoint->options->each(endpoint->options->arg, &exchange);
    contract_finish(&finding);
    return step ? step->delay_ms : 0;
}

static void hold_back(struct endpoint *endpoint, struct request *request,
    struct MHD_Connection *connection, int64_t delay_ms)
{
    request->due_ms = endpoint->now.monotonic_ms + delay_ms;
    request->connection = connection;
    request->next = endpoint->delayed;
    endpoint->delayed = request;
    MHD_suspend_connection(connection);
}

static void resume_due(struct endpoint *endpoint, int64_t now_ms)
{
    struct request **link = &endpoint->delayed;

    while (*link) {
        struct request *request = *link;

        if (request->due_ms > now_ms) {
            link = &request->next;
            continue;
        }
        *link = request->next;
        MHD_resume_connection(request->connection);
    }
}

/* One byte over the limit is kept, so that the contract sees that it was too much. */
static void take_body(struct request *request, struct span piece)
{
    size_t room = LIMIT_REQUEST_BYTES + 1 - request->body.len;

    buffer_append(&request->body, (struct span){piece.at, piece.len < room ? piece.len : room});
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *piece, size_t *piece_bytes, void **state)
{
    struct endpoint *endpoint = arg;
    struct request *request = *state;
    int64_t delay_ms;

    (void)version;
    if (!request) {
        *state = memory_new(sizeof(*request));
        return MHD_YES;
    }
    if (*piece_bytes > 0) {
        take_body(request, (struct span){piece, *piece_bytes});
        *piece_bytes = 0;
        return MHD_YES;
    }
    if (!request->is_judged) {
        struct contract_request received = {
            .method = span_of(method),
            .path = span_of(path),
            .key = header_of(connection, "X-API-KEY"),
            .content_type = header_of(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
            .body = buffer_span(&request->body),
        };

        request->is_judged = true;
        delay_ms = judge(endpoint, request, &received);
        if (delay_ms > 0) {
            hold_back(endpoint, request, connection, delay_ms);
            return MHD_YES;
        }
    }
    if (!request->response)
        return MHD_NO;
    return MHD_queue_response(connection, request->status, request->response);
}

static void on_end(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    struct request *request = *state;

    (void)arg;
    (void)connection;
    (void)code;
    if (!request)
        return;
    if (request->response)
        MHD_destroy_response(request->response);
    buffer_finish(&request->body);
    free(request);
}

static bool load_script(struct endpoint *endpoint, struct error *err)
{
    struct buffer complaint = {0};
    bool is_loaded;

    if (!endpoint->options->script_path)
        return true;
    endpoint->script = script_file_new(endpoint->options->script_path);
    is_loaded = script_file_refresh(endpoint->script, true, &complaint);
    (void)!write(STDERR_FILENO, complaint.bytes, complaint.len);
    buffer_finish(&complaint);
    return is_loaded || error_set(err, ERROR_CONFIG, 0, "the script cannot be used");
}

static bool start_daemon(struct endpoint *endpoint, struct error *err)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(endpoint->options->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    errno = 0;
    endpoint->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
        endpoint->options->port, NULL, NULL, on_request, endpoint, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    return endpoint->daemon ||
           error_system(err, "cannot listen on 127.0.0.1:%u", endpoint->options->port);
}

struct endpoint *endpoint_open(const struct endpoint_options *options, struct error *err)
{
    struct endpoint *endpoint = memory_new(sizeof(*endpoint));

    endpoint->options = options;
    endpoint->ledger = ledger_new();
    if (load_script(endpoint, err) && start_daemon(endpoint, err))
        return endpoint;
    endpoint_close(endpoint);
    return NULL;
}

void endpoint_close(struct endpoint *endpoint)
{
    if (!endpoint)
        return;
    /* libmicrohttpd must not be stopped while a connection is suspended. */
    resume_due(endpoint, INT64_MAX);
    if (endpoint->daemon)
        MHD_stop_daemon(endpoint->daemon);
    script_file_free(endpoint->script);
    ledger_free(endpoint->ledger);
    free(endpoint);
}

uint16_t endpoint_port(const struct endpoint *endpoint)
{
    return MHD_get_daemon_info(endpoint->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

size_t endpoint_events(const struct endpoint *endpoint)
{
    return ledger_count(endpoint->ledger);
}

int endpoint_descriptor(const struct endpoint *endpoint)
{
    return MHD_get_daemon_info(endpoint->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int endpoint_timeout_ms(const struct endpoint *endpoint, const struct now *now)
{
    MHD_UNSIGNED_LONG_LONG its_own;
    int64_t left_ms = INT_MAX;

    if (MHD_get_timeout(endpoint->daemon, &its_own) == MHD_YES && its_own < INT_MAX)
        left_ms = (int64_t)its_own;
    for (const struct request *r = endpoint->delayed; r; r = r->next)
        if (r->due_ms - now->monotonic_ms < left_ms)
            left_ms = r->due_ms - now->monotonic_ms;
    return left_ms == INT_MAX ? -1 : left_ms < 0 ? 0 : (int)left_ms;
}

void endpoint_turn(struct endpoint *endpoint, const struct now *now)
{
    endpoint->now = *now;
    resume_due(endpoint, now->monotonic_ms);
    MHD_run(endpoint->daemon);
}

void endpoint_reload(struct endpoint *endpoint)
{
    refresh_script(endpoint, true);
}
