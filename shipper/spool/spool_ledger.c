/* SPDX-License-Identifier: MIT
 *
 * The ledger: what became of the bytes behind each cursor, and what its source
 * says of it. Written with the cursor in one transaction, as differences, so
 * that nobody has to know what stood there before. Never looks into a cursor.
 */
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"

/* --- in -------------------------------------------------------------------- */

void spool_batch_source(
    struct spool_batch *batch, const char *kind, uint64_t key, const struct spool_source *source)
{
    struct batch_source *added;

    batch->sources = memory_room(
        batch->sources, batch->source_count, &batch->source_room, sizeof(*batch->sources));
    added = &batch->sources[batch->source_count++];
    *added = (struct batch_source){
        .kind = kind, .key = key, .name = batch->bytes.len, .source = *source};
    buffer_append(&batch->bytes, source->name);
}

/* A chunk has several classes, and often the next chunk is of the same source:
 * what was added last is looked through for the same row. */
static struct batch_count *find_count(
    const struct spool_batch *batch, const char *kind, uint64_t key, enum account_class class)
{
    for (size_t i = 0; i < ACCOUNT_CLASSES && i < batch->count_count; i++) {
        struct batch_count *count = &batch->counts[batch->count_count - 1 - i];

        if (count->class == class && count->key == key && strcmp(count->kind, kind) == 0)
            return count;
    }
    return NULL;
}

void spool_batch_count(struct spool_batch *batch, const char *kind, uint64_t key,
    enum account_class class, uint64_t bytes, uint64_t lines)
{
    struct batch_count *count = find_count(batch, kind, key, class);

    if (!count) {
        batch->counts = memory_room(
            batch->counts, batch->count_count, &batch->count_room, sizeof(*batch->counts));
        count = &batch->counts[batch->count_count++];
        *count = (struct batch_count){.kind = kind, .key = key, .class = class};
    }
    count->bytes += bytes;
    count->lines += lines;
}

static bool write_source(struct spool *spool, const struct spool_batch *batch,
    const struct batch_source *added, struct error *err)
{
    sqlite3_stmt *set = spool->statements[SPOOL_SET_SOURCE];
    const struct spool_source *source = &added->source;

    spool_bind_text(set, 1, span_of(added->kind));
    sqlite3_bind_int64(set, 2, (int64_t)added->key);
    /* As bytes: a path need not be text. */
    spool_bind_blob(
        set, 3, (struct span){buffer_span(&batch->bytes).at + added->name, source->name.len});
    sqlite3_bind_int64(set, 4, (int64_t)source->position);
    sqlite3_bind_int64(set, 5, (int64_t)source->size);
    sqlite3_bind_int64(set, 6, (int64_t)source->held);
    sqlite3_bind_int64(set, 7, source->is_open);
    sqlite3_bind_int64(set, 8, source->seen_s);
    return spool_run(spool, SPOOL_SET_SOURCE, err);
}

static bool write_count(struct spool *spool, const struct batch_count *count, struct error *err)
{
    sqlite3_stmt *add = spool->statements[SPOOL_ADD_LEDGER];

    spool_bind_text(add, 1, span_of(count->kind));
    sqlite3_bind_int64(add, 2, (int64_t)count->key);
    spool_bind_text(add, 3, span_of(account_class_name(count->class)));
    sqlite3_bind_int64(add, 4, (int64_t)count->bytes);
    sqlite3_bind_int64(add, 5, (int64_t)count->lines);
    if (!spool_run(spool, SPOOL_ADD_LEDGER, err))
        return false;
    if (count->lines == 0 || (unsigned)count->class >= LINE_CLASSES)
        return true;
    add = spool->statements[SPOOL_ADD_RATE];
    spool_bind_text(add, 1, span_of(count->kind));
    sqlite3_bind_int64(add, 2, (int64_t)count->key);
    sqlite3_bind_int64(add, 3, (int64_t)count->lines);
    return spool_run(spool, SPOOL_ADD_RATE, err);
}

bool spool_write_ledger(struct spool *spool, const struct spool_batch *batch, struct error *err)
{
    for (size_t i = 0; i < batch->source_count; i++)
        if (!write_source(spool, batch, &batch->sources[i], err))
            return false;
    for (size_t i = 0; i < batch->count_count; i++)
        if (!write_count(spool, &batch->counts[i], err))
            return false;
    return true;
}

/* --- out ------------------------------------------------------------------- */

static bool read_account(struct spool *spool, const struct spool_ledger_row *row,
    struct account *account, struct error *err)
{
    sqlite3_stmt *get = spool->statements[SPOOL_GET_LEDGER];
    bool is_read;
    int step;

    *account = (struct account){{0}, {0}};
    spool_bind_text(get, 1, row->kind);
    sqlite3_bind_int64(get, 2, (int64_t)row->key);
    while ((step = sqlite3_step(get)) == SQLITE_ROW) {
        enum account_class class = account_class_named(spool_column(get, 0));

        if (class == ACCOUNT_CLASSES)
            continue; /* of another version: the sum will show it */
        account->bytes[class] = (uint64_t)sqlite3_column_int64(get, 1);
        account->lines[class] = (uint64_t)sqlite3_column_int64(get, 2);
    }
    is_read = step == SQLITE_DONE || spool_fail(spool, err);
    sqlite3_reset(get);
    return is_read;
}

static bool read_ledger(struct spool *spool,
    void (*each)(void *arg, const struct spool_ledger_row *row), void *arg, struct error *err)
{
    sqlite3_stmt *get = spool->statements[SPOOL_GET_SOURCES];
    bool is_read = true;
    int step = SQLITE_DONE;

    while (is_read && (step = sqlite3_step(get)) == SQLITE_ROW) {
        struct spool_ledger_row row = {
            .kind = spool_column(get, 0),
            .key = (uint64_t)sqlite3_column_int64(get, 1),
            .source =
                {
                    .name = spool_column(get, 2),
                    .position = (uint64_t)sqlite3_column_int64(get, 3),
                    .size = (uint64_t)sqlite3_column_int64(get, 4),
                    .held = (uint64_t)sqlite3_column_int64(get, 5),
                    .is_open = sqlite3_column_int64(get, 6) != 0,
                    .seen_s = sqlite3_column_int64(get, 7),
                },
            .behind_s = sqlite3_column_int64(get, 8),
            .lines_per_s = sqlite3_column_double(get, 9),
            .cursor = spool_column(get, 10),
        };

        is_read = read_account(spool, &row, &row.account, err);
        if (is_read)
            each(arg, &row);
    }
    is_read = is_read && (step == SQLITE_DONE || spool_fail(spool, err));
    sqlite3_reset(get);
    return is_read;
}

bool spool_each_source(struct spool *spool,
    void (*each)(void *arg, const struct spool_ledger_row *row), void *arg, struct error *err)
{
    struct error ignored;
    bool is_read;

    /* One moment of the database for all of it. Takes no lock that a writer waits for. */
    if (!spool_run_text(spool, "BEGIN", err))
        return false;
    is_read = read_ledger(spool, each, arg, err);
    spool_run_text(spool, "COMMIT", &ignored);
    return is_read;
}
