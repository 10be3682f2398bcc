/* SPDX-License-Identifier: MIT
 *
 * UDP and local datagrams. A batch is taken from the kernel at once and given out in
 * chunks of one peer each. While there is no room in the spool, the kernel's buffer is
 * the buffer of UDP; who writes to a local socket would hang in its syslog() instead,
 * so there datagrams are dropped and counted.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "parsers/syslog_framing.h"
#include "shipper/sources/syslog_peers.h"
#include "shipper/sources/syslog_row.h"
#include "shipper/sources/syslog_source.h"

#include <stdlib.h>
#include <sys/socket.h>

enum {
    BATCH_BYTES = 4 << 20,
    BATCH_MOST = 256,
    UDP_BYTES_MOST = 65536,
    TURN_BATCHES = 4, /* of which nothing was left to give out */
};

struct datagrams {
    struct source source;
    struct syslog_options options;
    struct syslog_row row;
    struct syslog_peers *peers; /* NULL: no rate */
    unsigned char id[SYSLOG_ID_BYTES];
    uint64_t offset;

    size_t room; /* of one datagram */
    unsigned most, count, next;
    struct mmsghdr *headers;
    struct iovec *parts;
    struct sockaddr_storage *from;
    char *bytes;

    struct buffer lines; /* the chunk under way */
    uint64_t passed;
    char peer[48];
    struct field field;
};

static struct datagrams *of(struct source *source)
{
    return (struct datagrams *)source;
}

/* --- receiving --------------------------------------------------------------- */

static void make_batch(struct datagrams *d)
{
    d->room = (size_t)d->options.syslog->max_message_bytes;
    if (d->options.syslog->transport == SYSLOG_UDP && d->room > UDP_BYTES_MOST)
        d->room = UDP_BYTES_MOST;
    d->most = (unsigned)(BATCH_BYTES / d->room);
    if (d->most > BATCH_MOST)
        d->most = BATCH_MOST;
    d->headers = memory_new(d->most * sizeof(*d->headers));
    d->parts = memory_new(d->most * sizeof(*d->parts));
    d->from = memory_new(d->most * sizeof(*d->from));
    d->bytes = memory_new(d->most * d->room);
    for (unsigned i = 0; i < d->most; i++) {
        d->parts[i] = (struct iovec){d->bytes + i * d->room, d->room};
        d->headers[i].msg_hdr.msg_iov = &d->parts[i];
        d->headers[i].msg_hdr.msg_iovlen = 1;
        d->headers[i].msg_hdr.msg_name = &d->from[i];
    }
}

/* With MSG_TRUNC msg_len is the datagram's own length. */
static bool receive(struct datagrams *d)
{
    int got;

    for (unsigned i = 0; i < d->most; i++) {
        d->headers[i].msg_hdr.msg_namelen = sizeof(d->from[i]);
        d->from[i].ss_family = AF_UNSPEC;
    }
    got = recvmmsg(d->options.descriptor, d->headers, d->most, MSG_DONTWAIT | MSG_TRUNC, NULL);
    d->next = 0;
    d->count = got > 0 ? (unsigned)got : 0;
    syslog_row_take(&d->row, d->count);
    return got > 0;
}

static bool is_same_peer(const struct datagrams *d, unsigned a, unsigned b)
{
    struct network_address first, second;
    char text[48];

    syslog_source_address(&d->from[a], &first, text);
    syslog_source_address(&d->from[b], &second, text);
    return memcmp(&first, &second, sizeof(first)) == 0;
}

static void take(
    struct datagrams *d, unsigned i, const struct network_address *address, const struct now *now)
{
    const struct syslog_config *syslog = d->options.syslog;
    size_t whole = d->headers[i].msg_len, len = whole < d->room ? whole : d->room;

    if (d->peer[0] && !syslog_source_is_allowed(syslog, address)) {
        syslog_row_drop(&d->row, SYSLOG_NOT_ALLOWED, whole);
    } else if (d->peers && !syslog_peers_may(d->peers, address, now->monotonic_ms)) {
        syslog_row_drop(&d->row, SYSLOG_OVER_RATE, whole);
    } else if (syslog_framing_datagram((struct span){d->bytes + i * d->room, len}, &d->lines)) {
        syslog_row_count(&d->row, SYSLOG_MESSAGES, 1);
        syslog_row_count(&d->row, SYSLOG_CUT, whole > len);
        d->passed += whole - len;
    }
}

/* Those of one peer that stand together. */
static void take_chunk(struct datagrams *d, const struct now *now)
{
    unsigned first = d->next;
    struct network_address address;

    buffer_clear(&d->lines);
    d->passed = 0;
    syslog_source_address(&d->from[first], &address, d->peer);
    while (d->next < d->count && is_same_peer(d, first, d->next))
        take(d, d->next++, &address, now);
}

static void fill(struct datagrams *d, const struct now *now, struct source_read *read)
{
    d->field = (struct field){SPAN("peer.ip"), span_of(d->peer)};
    *read = (struct source_read){
        .origin = {.source_id = {(const char *)d->id, sizeof(d->id)},
            .time = {.reference_s = now->wall_s, .zone = d->options.zone},
            .fields = &d->field,
            .field_count = d->peer[0] != '\0',
            .log = span_of(d->options.syslog->name)},
        .chunk = {.bytes = buffer_span(&d->lines), .offset = d->offset, .is_final = true},
        .engine = d->options.engine,
        .key = d->row.key,
        .passed = d->passed,
    };
}

/* --- the verbs --------------------------------------------------------------- */

static int descriptor(const struct source *source)
{
    return ((const struct datagrams *)source)->options.descriptor;
}

static int64_t deadline(const struct source *source)
{
    const struct datagrams *d = (const struct datagrams *)source;

    return d->next < d->count ? 0 : syslog_row_deadline(&d->row);
}

/* Only of local sockets. */
static int64_t look(struct source *source, const struct now *now)
{
    struct datagrams *d = of(source);

    (void)now;
    for (int i = 0; i < TURN_BATCHES && (d->next < d->count || receive(d)); i++)
        for (; d->next < d->count; d->next++)
            syslog_row_drop(&d->row, SYSLOG_NO_ROOM, d->headers[d->next].msg_len);
    return INT64_MAX;
}

static enum source_result read_chunk(
    struct source *source, const struct now *now, struct source_read *read)
{
    struct datagrams *d = of(source);

    d->row.read_ms = now->monotonic_ms;
    for (int i = 0; i < TURN_BATCHES && (d->next < d->count || receive(d)); i++)
        while (d->next < d->count) {
            take_chunk(d, now);
            if (d->lines.len > 0) {
                fill(d, now, read);
                return SOURCE_CHUNK;
            }
        }
    return SOURCE_IDLE;
}

static void advance(struct source *source, uint64_t taken)
{
    struct datagrams *d = of(source);

    d->offset += taken;
    syslog_row_advance(&d->row, taken + d->passed);
}

static bool save(struct source *source, struct spool_batch *batch)
{
    return syslog_row_save(&of(source)->row, batch);
}

static void committed(struct source *source)
{
    syslog_row_committed(&of(source)->row, of(source)->count - of(source)->next);
}

static uint64_t held(const struct source *source)
{
    (void)source;
    return 0;
}

static void close_source(struct source *source)
{
    struct datagrams *d = of(source);

    syslog_peers_free(d->peers);
    buffer_finish(&d->lines);
    free(d->headers);
    free(d->parts);
    free(d->from);
    free(d->bytes);
    free(d);
}

static const struct source_verbs udp_verbs = {
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

static const struct source_verbs local_verbs = {
    .kind = SYSLOG_KIND,
    .is_lost_when_closed = true,
    .descriptor = descriptor,
    .deadline = deadline,
    .look = look,
    .read = read_chunk,
    .advance = advance,
    .save = save,
    .committed = committed,
    .held = held,
    .close = close_source,
};

struct source *syslog_datagrams_open(
    const struct syslog_options *options, struct spool *spool, struct error *err)
{
    struct datagrams *d = memory_new(sizeof(*d));

    d->source.verbs = options->syslog->transport == SYSLOG_UDP ? &udp_verbs : &local_verbs;
    d->options = *options;
    make_batch(d);
    syslog_source_make_id(d->id);
    if (options->syslog->rate > 0)
        d->peers = syslog_peers_new((uint64_t)options->syslog->rate);
    if (!syslog_row_open(
            &d->row, options->syslog, options->descriptor, options->unsaved, spool, err)) {
        close_source(&d->source);
        return NULL;
    }
    return &d->source;
}
