/* SPDX-License-Identifier: MIT
 *
 * Into the spool: a batch is put together in memory, and written in one go while
 * the lock is held. Cursors stand in the same transaction as the events that
 * were read up to them, so that neither is ever ahead of the other.
 */
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"

#include <errno.h>
#include <stdlib.h>

enum {
    RESERVE_BYTES = 1 << 20, /* the reader stops this early: rejected events still find room */
    DROP_EVENTS = 256,       /* at once */
};

struct spool_batch *spool_batch_new(void)
{
    return memory_new(sizeof(struct spool_batch));
}

void spool_batch_free(struct spool_batch *batch)
{
    if (!batch)
        return;
    buffer_finish(&batch->bytes);
    free(batch->events);
    free(batch->cursors);
    free(batch->sources);
    free(batch->counts);
    free(batch);
}

void spool_batch_clear(struct spool_batch *batch)
{
    buffer_clear(&batch->bytes);
    batch->event_count = 0;
    batch->cursor_count = 0;
    batch->source_count = 0;
    batch->count_count = 0;
}

size_t spool_batch_events(const struct spool_batch *batch)
{
    return batch->event_count;
}

static size_t keep(struct spool_batch *batch, struct span bytes)
{
    size_t at = batch->bytes.len;

    buffer_append(&batch->bytes, bytes);
    return at;
}

static struct span kept(const struct spool_batch *batch, size_t at, size_t len)
{
    return (struct span){buffer_span(&batch->bytes).at + at, len};
}

void spool_batch_event(struct spool_batch *batch, const char *id, struct span body)
{
    batch->events =
        memory_room(batch->events, batch->event_count, &batch->event_room, sizeof(*batch->events));
    batch->events[batch->event_count++] = (struct batch_event){
        .id = keep(batch, (struct span){id, EVENT_ID_LEN}),
        .body = keep(batch, body),
        .body_len = body.len,
    };
}

static struct batch_cursor *add_cursor(struct spool_batch *batch, const char *kind, uint64_t key)
{
    struct batch_cursor *cursor;

    batch->cursors = memory_room(
        batch->cursors, batch->cursor_count, &batch->cursor_room, sizeof(*batch->cursors));
    cursor = &batch->cursors[batch->cursor_count++];
    *cursor = (struct batch_cursor){
        .kind = keep(batch, span_of(kind)), .kind_len = strlen(kind), .key = key};
    return cursor;
}

void spool_batch_cursor(
    struct spool_batch *batch, const char *kind, uint64_t key, struct span value)
{
    struct batch_cursor *cursor = add_cursor(batch, kind, key);

    cursor->value = keep(batch, value);
    cursor->value_len = value.len;
}

void spool_batch_forget(struct spool_batch *batch, const char *kind, uint64_t key)
{
    add_cursor(batch, kind, key)->is_forgotten = true;
}

static bool write_events(struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    sqlite3_stmt *add = spool->statements[SPOOL_ADD_EVENT];

    for (size_t i = 0; i < batch->event_count; i++) {
        const struct batch_event *event = &batch->events[i];
        struct span id = kept(batch, event->id, EVENT_ID_LEN);
        struct span body = kept(batch, event->body, event->body_len);

        spool_bind_text(add, 1, id);
        spool_bind_text(add, 2, body);
        sqlite3_bind_int64(add, 3, spool_checksum(id, body));
        if (!spool_run(spool, SPOOL_ADD_EVENT, err))
            return false;
    }
    return true;
}

/* Whether so many events of that size fit. An empty spool takes any batch: waiting
 * would be for room that no delivery can make. */
static bool has_room(
    const struct spool *spool, const struct spool_batch *batch, const struct spool_stats *stats)
{
    return stats->waiting == 0 ||
           stats->bytes + batch->bytes.len + RESERVE_BYTES <= spool->options.max_bytes;
}

static enum spool_result check_room(
    struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    struct spool_stats stats;

    if (batch->event_count == 0 || spool->options.is_dropping)
        return SPOOL_DONE;
    if (!spool_stats(spool, &stats, err))
        return SPOOL_FAILED;
    if (has_room(spool, batch, &stats))
        return SPOOL_DONE;
    error_set(err, ERROR_SYSTEM, ENOSPC, "the spool is full: %llu events wait in %llu MiB",
        (unsigned long long)stats.waiting, (unsigned long long)stats.bytes >> 20);
    error_hint(err, "They leave as the endpoint takes them; `spool: {max_bytes: …}` sets the "
                    "limit.");
    return SPOOL_FULL;
}

/* Oldest first, as many as it takes; in the transaction of the batch. */
static bool make_room(struct spool *spool, const struct spool_batch *batch,
    struct spool_totals *moved, struct error *err)
{
    sqlite3_stmt *drop = spool->statements[SPOOL_DROP_OLDEST];
    struct spool_stats stats;
    int64_t dropped = 1;

    if (batch->event_count == 0 || !spool->options.is_dropping)
        return true;
    while (dropped > 0) {
        if (!spool_stats(spool, &stats, err))
            return false;
        stats.waiting -= (uint64_t)moved->dropped;
        if (has_room(spool, batch, &stats))
            return true;
        sqlite3_bind_int64(drop, 1, DROP_EVENTS);
        if (!spool_run(spool, SPOOL_DROP_OLDEST, err))
            return false;
        dropped = sqlite3_changes64(spool->db);
        moved->dropped += dropped;
        moved->waiting -= dropped;
    }
    return true;
}

/* A full disk, a quota or a limit on file sizes passes, or somebody makes room. */
static bool is_out_of_room(const struct error *err)
{
    return err->kind == ERROR_SYSTEM && err->code == ENOSPC;
}

enum spool_result spool_commit(
    struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    struct spool_totals moved = {.waiting = (int64_t)batch->event_count};
    enum spool_result room = check_room(spool, batch, err);
    bool is_good;

    if (room != SPOOL_DONE)
        return room;
    if (!spool_begin(spool, err))
        return is_out_of_room(err) ? SPOOL_FULL : SPOOL_FAILED;
    is_good = make_room(spool, batch, &moved, err) && write_events(spool, batch, err) &&
              spool_write_ledger(spool, batch, err) &&
              spool_write_cursors(spool, batch, &moved, err);
    if (!spool_end(spool, is_good, &moved, err))
        return is_out_of_room(err) ? SPOOL_FULL : SPOOL_FAILED;
    spool->dropped += (uint64_t)moved.dropped;
    return SPOOL_DONE;
}

uint64_t spool_dropped(const struct spool *spool)
{
    return spool->dropped;
}
