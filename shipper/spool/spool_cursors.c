/* SPDX-License-Identifier: MIT
 *
 * The cursors: written in the transaction of the events that were read up to them,
 * and handed out only as they were written. A damaged one would lose lines
 * silently, so each has a checksum, and all of them are counted.
 */
#include "shipper/spool/spool_database.h"

static struct span kept(const struct spool_batch *batch, size_t at, size_t len)
{
    return (struct span){buffer_span(&batch->bytes).at + at, len};
}

/* How many cursors there are is counted, so that one which damage has taken away is
 * missed: hence never a replacement without a look. */
static bool set_cursor(struct spool *spool, struct span kind, uint64_t key, struct span value,
    struct spool_totals *moved, struct error *err)
{
    static const enum spool_statement in_turn[] = {SPOOL_MOVE_CURSOR, SPOOL_ADD_CURSOR};

    for (size_t i = 0; i < 2; i++) {
        sqlite3_stmt *statement = spool->statements[in_turn[i]];

        spool_bind_text(statement, 1, kind);
        sqlite3_bind_int64(statement, 2, (int64_t)key);
        spool_bind_blob(statement, 3, value);
        sqlite3_bind_int64(statement, 4, spool_cursor_checksum(kind, key, value));
        if (!spool_run(spool, in_turn[i], err))
            return false;
        if (sqlite3_changes64(spool->db) > 0) {
            moved->cursors += in_turn[i] == SPOOL_ADD_CURSOR;
            return true;
        }
    }
    return true;
}

/* With its account. */
static bool forget_cursor(struct spool *spool, struct span kind, uint64_t key,
    struct spool_totals *moved, struct error *err)
{
    static const enum spool_statement all[] = {
        SPOOL_FORGET_SOURCE, SPOOL_FORGET_LEDGER, SPOOL_FORGET_CURSOR};

    for (size_t i = 0; i < 3; i++) {
        spool_bind_text(spool->statements[all[i]], 1, kind);
        sqlite3_bind_int64(spool->statements[all[i]], 2, (int64_t)key);
        if (!spool_run(spool, all[i], err))
            return false;
    }
    moved->cursors -= sqlite3_changes64(spool->db);
    return true;
}

/* In order: the last of a key wins. */
bool spool_write_cursors(struct spool *spool, const struct spool_batch *batch,
    struct spool_totals *moved, struct error *err)
{
    for (size_t i = 0; i < batch->cursor_count; i++) {
        const struct batch_cursor *cursor = &batch->cursors[i];
        struct span kind = kept(batch, cursor->kind, cursor->kind_len);
        struct span value = kept(batch, cursor->value, cursor->value_len);
        bool is_written = cursor->is_forgotten
                              ? forget_cursor(spool, kind, cursor->key, moved, err)
                              : set_cursor(spool, kind, cursor->key, value, moved, err);

        if (!is_written)
            return false;
    }
    return true;
}

/* All kinds are looked at: one that damage has renamed would not be found else. */
static bool read_cursors(struct spool *spool, const char *kind,
    void (*each)(void *arg, uint64_t key, struct span value), void *arg, struct error *err)
{
    sqlite3_stmt *get = spool->statements[SPOOL_GET_CURSORS];
    int64_t count = 0, wanted;
    bool is_sound = true;
    int step;

    while (is_sound && (step = sqlite3_step(get)) == SQLITE_ROW) {
        struct span its_kind = spool_column(get, 0), value = spool_column(get, 2);
        uint64_t key = (uint64_t)sqlite3_column_int64(get, 1);

        is_sound = sqlite3_column_int64(get, 3) == spool_cursor_checksum(its_kind, key, value);
        if (is_sound && span_is(its_kind, kind))
            each(arg, key, value);
        count++;
    }
    if (!is_sound)
        spool_fail_damaged(spool, "a cursor is not what was written", err);
    else if (step != SQLITE_DONE)
        is_sound = spool_fail(spool, err);
    sqlite3_reset(get);
    if (!is_sound || !spool_cursor_count(spool, &wanted, err))
        return false;
    return count == wanted || spool_fail_damaged(spool, "cursors are missing", err);
}

bool spool_each_cursor(struct spool *spool, const char *kind,
    void (*each)(void *arg, uint64_t key, struct span value), void *arg, struct error *err)
{
    struct error ignored;
    bool is_read;

    /* One moment of the database, as for spool_each_source. */
    if (!spool_run_text(spool, "BEGIN", err))
        return false;
    is_read = read_cursors(spool, kind, each, arg, err);
    spool_run_text(spool, "COMMIT", &ignored);
    return is_read;
}
