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

/* The reader stops this early, so that rejected events still find room. */
enum { RESERVE_BYTES = 1 << 20 };

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

static bool run_on_cursor(struct spool *spool, enum spool_statement which,
    const struct spool_batch *batch, const struct batch_cursor *cursor, struct error *err)
{
    sqlite3_stmt *statement = spool->statements[which];

    spool_bind_text(statement, 1, kept(batch, cursor->kind, cursor->kind_len));
    sqlite3_bind_int64(statement, 2, (int64_t)cursor->key);
    if (which == SPOOL_SET_CURSOR)
        spool_bind_blob(statement, 3, kept(batch, cursor->value, cursor->value_len));
    return spool_run(spool, which, err);
}

/* In order: the last of a key wins. */
static bool write_cursors(struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    for (size_t i = 0; i < batch->cursor_count; i++) {
        const struct batch_cursor *cursor = &batch->cursors[i];

        if (cursor->is_forgotten
                ? !run_on_cursor(spool, SPOOL_FORGET_CURSOR, batch, cursor, err) ||
                      !run_on_cursor(spool, SPOOL_FORGET_SOURCE, batch, cursor, err) ||
                      !run_on_cursor(spool, SPOOL_FORGET_LEDGER, batch, cursor, err)
                : !run_on_cursor(spool, SPOOL_SET_CURSOR, batch, cursor, err))
            return false;
    }
    return true;
}

/* An empty spool takes any batch: waiting would be for room that no delivery
 * can make. */
static enum spool_result check_room(
    struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    struct spool_stats stats;

    if (batch->event_count == 0)
        return SPOOL_DONE;
    if (!spool_stats(spool, &stats, err))
        return SPOOL_FAILED;
    if (stats.waiting == 0 ||
        stats.bytes + batch->bytes.len + RESERVE_BYTES <= spool->options.max_bytes)
        return SPOOL_DONE;
    error_set(err, ERROR_SYSTEM, ENOSPC, "the spool is full: %llu events wait in %llu MiB",
        (unsigned long long)stats.waiting, (unsigned long long)stats.bytes >> 20);
    error_hint(err, "They leave as the endpoint takes them; `spool: {max_bytes: …}` sets the "
                    "limit.");
    return SPOOL_FULL;
}

/* A full disk, a quota or a limit on file sizes passes, or somebody makes room. */
static bool is_out_of_room(const struct error *err)
{
    return err->kind == ERROR_SYSTEM && err->code == ENOSPC;
}

enum spool_result spool_commit(
    struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    struct spool_totals added = {.waiting = (int64_t)batch->event_count};
    enum spool_result room = check_room(spool, batch, err);
    bool is_good;

    if (room != SPOOL_DONE)
        return room;
    if (!spool_begin(spool, err))
        return is_out_of_room(err) ? SPOOL_FULL : SPOOL_FAILED;
    is_good = write_events(spool, batch, err) && spool_write_ledger(spool, batch, err) &&
              write_cursors(spool, batch, err);
    if (!spool_end(spool, is_good, &added, err))
        return is_out_of_room(err) ? SPOOL_FULL : SPOOL_FAILED;
    spool_checkpoint(spool);
    return SPOOL_DONE;
}

bool spool_each_cursor(struct spool *spool, const char *kind,
    void (*each)(void *arg, uint64_t key, struct span value), void *arg, struct error *err)
{
    sqlite3_stmt *get = spool->statements[SPOOL_GET_CURSORS];
    int step;
    bool is_read;

    spool_bind_text(get, 1, span_of(kind));
    while ((step = sqlite3_step(get)) == SQLITE_ROW) {
        struct span value = {sqlite3_column_blob(get, 1), (size_t)sqlite3_column_bytes(get, 1)};

        if (!value.at)
            value.at = "";
        each(arg, (uint64_t)sqlite3_column_int64(get, 0), value);
    }
    is_read = step == SQLITE_DONE || spool_fail(spool, err);
    sqlite3_reset(get);
    return is_read;
}
