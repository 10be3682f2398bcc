/* SPDX-License-Identifier: MIT
 *
 * One row for each transaction that settled something, with the ids behind one
 * another, and as its key how many ids there were up to and with it: appending
 * costs a row a transaction, pruning is a range of keys. A set of them is a sorted
 * array.
 */
#include "shipper/spool/spool_delivered.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"

#include <stdlib.h>

enum { ID_BYTES = EVENT_ID_LEN / 2, SHARE_OF_SPOOL = 8 };

struct spool_delivered {
    unsigned char (*ids)[ID_BYTES];
    size_t count, room;
};

static unsigned nibble(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)(digit - 'a' + 10);
}

static void pack(const char *id, unsigned char packed[ID_BYTES])
{
    for (size_t i = 0; i < ID_BYTES; i++)
        packed[i] = (unsigned char)(nibble(id[2 * i]) << 4 | nibble(id[2 * i + 1]));
}

static int64_t kept_most(const struct spool *spool)
{
    uint64_t fit = spool->options.max_bytes / SHARE_OF_SPOOL / ID_BYTES;

    return fit > 0 && fit < LIMIT_DELIVERED_IDS ? (int64_t)fit : LIMIT_DELIVERED_IDS;
}

bool spool_keep_delivered(
    struct spool *spool, const struct spool_verdict *verdicts, size_t count, struct error *err)
{
    sqlite3_stmt *keep = spool->statements[SPOOL_KEEP_DELIVERED];
    unsigned char *ids = memory_new(count * ID_BYTES);
    size_t kept = 0;
    bool is_kept;

    for (size_t i = 0; i < count; i++)
        if (!verdicts[i].is_rejected)
            pack(verdicts[i].id, ids + kept++ * ID_BYTES);
    sqlite3_bind_int64(keep, 1, (int64_t)kept);
    spool_bind_blob(keep, 2, (struct span){(char *)ids, kept * ID_BYTES});
    sqlite3_bind_int64(spool->statements[SPOOL_PRUNE_DELIVERED], 1, kept_most(spool));
    is_kept = kept == 0 || (spool_run(spool, SPOOL_KEEP_DELIVERED, err) &&
                               spool_run(spool, SPOOL_PRUNE_DELIVERED, err));
    free(ids);
    return is_kept;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

static void add(struct spool_delivered *delivered, struct span ids)
{
    size_t count = ids.len / ID_BYTES;

    while (delivered->count + count > delivered->room)
        delivered->ids =
            memory_room(delivered->ids, delivered->room, &delivered->room, sizeof(*delivered->ids));
    memcpy(delivered->ids + delivered->count, ids.at, count * ID_BYTES);
    delivered->count += count;
}

static void add_delivered(struct spool_delivered *delivered, sqlite3_stmt *row)
{
    add(delivered,
        (struct span){sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)});
}

static void add_waiting(struct spool_delivered *delivered, sqlite3_stmt *row)
{
    unsigned char id[ID_BYTES];

    if (sqlite3_column_bytes(row, 0) != EVENT_ID_LEN)
        return; /* damaged: it will not be sent */
    pack((const char *)sqlite3_column_text(row, 0), id);
    add(delivered, (struct span){(char *)id, ID_BYTES});
}

/* All rows of a statement, or so many that there are `most` ids. */
static bool add_all(struct spool_delivered *delivered, struct spool *spool,
    enum spool_statement which, void (*add_row)(struct spool_delivered *, sqlite3_stmt *),
    size_t most, struct error *err)
{
    sqlite3_stmt *get = spool->statements[which];
    int step;
    bool is_read;

    while ((step = sqlite3_step(get)) == SQLITE_ROW && delivered->count < most)
        add_row(delivered, get);
    is_read = step == SQLITE_ROW || step == SQLITE_DONE || spool_fail(spool, err);
    sqlite3_reset(get);
    return is_read;
}

/* Those that wait first: one that is delivered meanwhile is then found among the
 * others. */
struct spool_delivered *spool_delivered_load(struct spool *spool, struct error *err)
{
    struct spool_delivered *delivered = memory_new(sizeof(*delivered));

    if (!add_all(delivered, spool, SPOOL_GET_WAITING_IDS, add_waiting, SIZE_MAX, err) ||
        !add_all(delivered, spool, SPOOL_GET_DELIVERED, add_delivered,
            delivered->count + LIMIT_DELIVERED_IDS, err)) {
        spool_delivered_free(delivered);
        return NULL;
    }
    if (delivered->count > 0)
        qsort(delivered->ids, delivered->count, ID_BYTES, compare);
    return delivered;
}

void spool_delivered_free(struct spool_delivered *delivered)
{
    if (!delivered)
        return;
    free(delivered->ids);
    free(delivered);
}

size_t spool_delivered_count(const struct spool_delivered *delivered)
{
    return delivered->count;
}

bool spool_delivered_has(const struct spool_delivered *delivered, const char *id)
{
    unsigned char packed[ID_BYTES];

    pack(id, packed);
    return delivered->count > 0 &&
           bsearch(packed, delivered->ids, delivered->count, ID_BYTES, compare);
}
