/* SPDX-License-Identifier: MIT
 *
 * TCP and local streams: connections in one epoll descriptor, one read of one
 * connection a turn. epoll puts a connection that has more behind the others, so that
 * turns are fair. What is not read stays with the sender.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "parsers/syslog_framing.h"
#include "shipper/log.h"
#include "shipper/sources/syslog_peers.h"
#include "shipper/sources/syslog_row.h"
#include "shipper/sources/syslog_source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 256 << 10,
    KEPT_BYTES = 4096, /* a connection's own buffer is given back when it is larger and empty */
    EVENTS = 64,
    ACCEPTS = 16, /* a turn */
    ACCEPT_AGAIN_MS = 1000,
    SWEEP_MOST_MS = 60000,
};

struct connection {
    int descriptor;
    struct syslog_framing framing;
    struct buffer pending; /* an unfinished message */
    unsigned char id[SYSLOG_ID_BYTES];
    uint64_t offset, searched; /* lines delivered; bytes without a frame, in a row */
    struct network_address address;
    char peer[48];
    int64_t heard_ms, resume_ms; /* resume_ms: over its rate until then; 0: not */
};

struct streams {
    struct source source;
    struct syslog_options options;
    struct syslog_row row;
    struct syslog_peers *peers; /* NULL: no rate */
    int epoll;
    struct connection **connections;
    size_t count, room;
    struct epoll_event events[EVENTS];
    int event_count, event_next;
    int64_t accept_ms; /* no descriptors left: try again then; 0: accepting */
    int64_t resume_ms, sweep_ms;

    struct buffer window, lines; /* what a read works on, and the chunk under way */
    struct connection current;   /* whose it is: a copy, since it may be closed */
    struct connection *reading;  /* NULL: closed */
    uint64_t passed;
    struct field field;
};

static struct streams *of(struct source *source)
{
    return (struct streams *)source;
}

/* --- connections ------------------------------------------------------------- */

static void watch(struct streams *s, int operation, int descriptor, void *what, bool is_on)
{
    struct epoll_event event = {.events = is_on ? EPOLLIN : 0, .data.ptr = what};

    (void)epoll_ctl(s->epoll, operation, descriptor, &event);
}

static void drop_connection(struct streams *s, struct connection *connection)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->connections[i] == connection) {
            s->connections[i] = s->connections[--s->count];
            break;
        }
    close(connection->descriptor);
    buffer_finish(&connection->pending);
    free(connection);
}

static bool may_come_in(struct streams *s, const struct network_address *address, bool has_address)
{
    const struct syslog_config *syslog = s->options.syslog;

    if (has_address && !syslog_source_is_allowed(syslog, address)) {
        syslog_row_count(&s->row, SYSLOG_NOT_ALLOWED, 1);
        return false;
    }
    if (s->count >= (size_t)syslog->max_connections) {
        syslog_row_count(&s->row, SYSLOG_OVER_CONNECTIONS, 1);
        return false;
    }
    return true;
}

static void take_in(
    struct streams *s, int descriptor, const struct sockaddr_storage *from, const struct now *now)
{
    struct connection *connection = memory_new(sizeof(*connection));
    bool has_address = syslog_source_address(from, &connection->address, connection->peer);

    if (!may_come_in(s, &connection->address, has_address)) {
        close(descriptor);
        free(connection);
        return;
    }
    connection->descriptor = descriptor;
    connection->framing.max_message_bytes = (size_t)s->options.syslog->max_message_bytes;
    connection->heard_ms = now->monotonic_ms;
    syslog_source_make_id(connection->id);
    s->connections = memory_room(s->connections, s->count, &s->room, sizeof(struct connection *));
    s->connections[s->count++] = connection;
    watch(s, EPOLL_CTL_ADD, descriptor, connection, true);
}

static void accept_some(struct streams *s, const struct now *now)
{
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
        socklen_t len = sizeof(from);
        int descriptor = accept4(
            s->options.descriptor, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (descriptor >= 0) {
            take_in(s, descriptor, &from, now);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            struct error err;

            error_system(&err, "%s: cannot accept a connection", s->options.syslog->name);
            log_failure(LOG_WARNING, &err, "trying again in a second");
            s->accept_ms = now->monotonic_ms + ACCEPT_AGAIN_MS;
            watch(s, EPOLL_CTL_MOD, s->options.descriptor, NULL, false);
        }
        return;
    }
}

/* --- reading ----------------------------------------------------------------- */

/* Moves what the framing counted to the row. */
static void count(struct streams *s, struct syslog_framing *framing)
{
    syslog_row_take(&s->row, framing->messages);
    syslog_row_count(&s->row, SYSLOG_MESSAGES, framing->messages);
    syslog_row_count(&s->row, SYSLOG_CUT, framing->cut);
    syslog_row_count(&s->row, SYSLOG_UNFINISHED, framing->unfinished);
    syslog_row_count(&s->row, SYSLOG_OUT_OF_SYNC, framing->out_of_sync);
    syslog_row_skip(&s->row, framing->skipped);
    s->passed = framing->cut_bytes;
    framing->messages = framing->cut = framing->unfinished = 0;
    framing->out_of_sync = framing->skipped = framing->cut_bytes = 0;
}

/* Over its rate a connection is not read: its sender waits. */
static void hold_to_rate(
    struct streams *s, struct connection *connection, uint64_t messages, const struct now *now)
{
    int64_t wait_ms =
        s->peers ? syslog_peers_take(s->peers, &connection->address, messages, now->monotonic_ms)
                 : 0;

    if (wait_ms == 0)
        return;
    syslog_row_count(&s->row, SYSLOG_OVER_RATE, 1);
    connection->resume_ms = now->monotonic_ms + wait_ms;
    if (connection->resume_ms < s->resume_ms)
        s->resume_ms = connection->resume_ms;
    watch(s, EPOLL_CTL_MOD, connection->descriptor, connection, false);
}

/* True if there is something to give out. */
static bool read_connection(struct streams *s, struct connection *connection, const struct now *now)
{
    struct syslog_framing *framing = &connection->framing;
    bool is_end;
    ssize_t got;
    size_t taken;

    buffer_clear(&s->window);
    buffer_append(&s->window, buffer_span(&connection->pending));
    got = recv(connection->descriptor, buffer_reserve(&s->window, READ_BYTES), READ_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    is_end = got <= 0;
    s->window.len += got > 0 ? (size_t)got : 0;
    connection->heard_ms = now->monotonic_ms;

    buffer_clear(&s->lines);
    taken = syslog_framing_take(framing, buffer_span(&s->window), is_end, &s->lines);
    buffer_clear(&connection->pending);
    buffer_append(&connection->pending, span_from(buffer_span(&s->window), taken));
    if (connection->pending.len == 0 && connection->pending.room > KEPT_BYTES)
        buffer_finish(&connection->pending);
    connection->searched = framing->is_searching ? connection->searched + framing->skipped : 0;
    hold_to_rate(s, connection, framing->messages, now);
    count(s, framing);
    s->current = *connection;
    s->reading = connection;
    connection->offset += s->lines.len;
    if (is_end || connection->searched > LIMIT_LINE_BYTES)
        drop_connection(s, connection);
    return s->lines.len > 0 || s->passed > 0;
}

/* A connection that is dead, or forgotten. Only called when nothing is there to read. */
static void sweep(struct streams *s, const struct now *now)
{
    int64_t idle_ms = s->options.syslog->idle_ms;

    if (now->monotonic_ms < s->sweep_ms)
        return;
    for (size_t i = s->count; i-- > 0;) {
        struct connection *connection = s->connections[i];

        if (connection->resume_ms > 0 || now->monotonic_ms - connection->heard_ms < idle_ms)
            continue;
        /* Its end is read like any other: what it left unfinished is taken. */
        syslog_row_count(&s->row, SYSLOG_IDLE, 1);
        shutdown(connection->descriptor, SHUT_RDWR);
        connection->heard_ms = now->monotonic_ms;
    }
    s->sweep_ms = now->monotonic_ms + (idle_ms / 4 < SWEEP_MOST_MS ? idle_ms / 4 : SWEEP_MOST_MS);
}

static void resume(struct streams *s, const struct now *now)
{
    if (s->accept_ms > 0 && now->monotonic_ms >= s->accept_ms) {
        s->accept_ms = 0;
        watch(s, EPOLL_CTL_MOD, s->options.descriptor, NULL, true);
    }
    if (now->monotonic_ms < s->resume_ms)
        return;
    s->resume_ms = INT64_MAX;
    for (size_t i = 0; i < s->count; i++) {
        struct connection *connection = s->connections[i];

        if (connection->resume_ms == 0)
            continue;
        if (now->monotonic_ms >= connection->resume_ms) {
            connection->resume_ms = 0;
            watch(s, EPOLL_CTL_MOD, connection->descriptor, connection, true);
        } else if (connection->resume_ms < s->resume_ms) {
            s->resume_ms = connection->resume_ms;
        }
    }
}

static void fill(struct streams *s, const struct now *now, struct source_read *read)
{
    s->field = (struct field){SPAN("peer.ip"), span_of(s->current.peer)};
    *read = (struct source_read){
        .origin = {.source_id = {(const char *)s->current.id, sizeof(s->current.id)},
            .time = {.reference_s = now->wall_s, .zone = s->options.zone},
            .fields = &s->field,
            .field_count = s->current.peer[0] != '\0',
            .log = span_of(s->options.syslog->name)},
        .chunk = {.bytes = buffer_span(&s->lines), .offset = s->current.offset, .is_final = true},
        .engine = s->options.engine,
        .key = s->row.key,
        .passed = s->passed,
    };
}

/* --- the verbs --------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    return ((const struct streams *)source)->epoll;
}

static int64_t deadline(const struct source *source)
{
    const struct streams *s = (const struct streams *)source;
    int64_t deadline_ms = syslog_row_deadline(&s->row);

    if (s->resume_ms < deadline_ms)
        deadline_ms = s->resume_ms;
    if (s->accept_ms > 0 && s->accept_ms < deadline_ms)
        deadline_ms = s->accept_ms;
    return s->count > 0 && s->sweep_ms < deadline_ms ? s->sweep_ms : deadline_ms;
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct streams *s = of(source);

    s->row.read_ms = now->monotonic_ms;
    resume(s, now);
    for (int i = 0; i < EVENTS; i++) {
        struct epoll_event *event;

        if (s->event_next >= s->event_count) {
            s->event_next = 0;
            s->event_count = epoll_wait(s->epoll, s->events, EVENTS, 0);
        }
        if (s->event_count <= 0) {
            sweep(s, now);
            return SOURCE_IDLE;
        }
        event = &s->events[s->event_next++];
        if (!event->data.ptr) {
            accept_some(s, now);
        } else if (read_connection(s, event->data.ptr, now)) {
            fill(s, now, read);
            return SOURCE_CHUNK;
        }
    }
    return SOURCE_IDLE;
}

static void advance(struct source *source, uint64_t taken)
{
    struct streams *s = of(source);

    syslog_row_advance(&s->row, taken + s->passed);
}

static bool save(struct source *source, struct spool_batch *batch)
{
    return syslog_row_save(&of(source)->row, batch);
}

static void committed(struct source *source)
{
    syslog_row_committed(&of(source)->row, 0);
}

static uint64_t held(const struct source *source)
{
    const struct streams *s = (const struct streams *)source;
    uint64_t unfinished = 0;

    for (size_t i = 0; i < s->count; i++)
        unfinished += s->connections[i]->pending.len > 0;
    return unfinished;
}

static void close_source(struct source *source)
{
    struct streams *s = of(source);

    while (s->count > 0)
        drop_connection(s, s->connections[0]);
    close(s->epoll);
    syslog_peers_free(s->peers);
    buffer_finish(&s->window);
    buffer_finish(&s->lines);
    free(s->connections);
    free(s);
}

static const struct source_verbs verbs = {
    .kind = SYSLOG_KIND,
    .is_lost_when_closed = true,
    .descriptor = descriptor,
    .deadline = deadline,
    .read = read_chunk,
    .advance = advance,
    .save = save,
    .committed = committed,
    .held = held,
    .close = close_source,
};

struct source *syslog_streams_open(
    const struct syslog_options *options, struct spool *spool, struct error *err)
{
    struct streams *s = memory_new(sizeof(*s));

    s->source.verbs = &verbs;
    s->options = *options;
    s->resume_ms = INT64_MAX;
    if (options->syslog->rate > 0)
        s->peers = syslog_peers_new((uint64_t)options->syslog->rate);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(s, EPOLL_CTL_ADD, options->descriptor, NULL, true);
    if (s->epoll < 0)
        error_system(err, "cannot watch connections");
    if (s->epoll < 0 || !syslog_row_open(&s->row, options->syslog, options->descriptor,
                            options->unsaved, spool, err)) {
        close_source(&s->source);
        return NULL;
    }
    return &s->source;
}
