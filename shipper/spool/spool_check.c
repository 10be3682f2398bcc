/* SPDX-License-Identifier: MIT
 *
 * One read transaction: SQLite's own check of every page, then each checksum, then the
 * counts. Compacting is here, too: both are for people who ask for it, and take long.
 */
#include "shipper/spool/spool_check.h"

#include "shipper/spool/spool_database.h"

#include <stdio.h>

static bool check_structure(struct spool *spool, struct spool_check *check, struct error *err)
{
    sqlite3_stmt *statement;
    bool is_read = sqlite3_prepare_v2(
                       spool->db, "PRAGMA integrity_check(1)", -1, &statement, NULL) == SQLITE_OK &&
                   sqlite3_step(statement) == SQLITE_ROW;

    if (is_read && !span_is(spool_column(statement, 0), "ok"))
        snprintf(check->structure, sizeof(check->structure), "%.200s",
            (const char *)sqlite3_column_text(statement, 0));
    is_read = is_read || spool_fail(spool, err);
    sqlite3_finalize(statement);
    return is_read;
}

static bool is_sound_cursor(sqlite3_stmt *row)
{
    return sqlite3_column_int64(row, 4) == spool_cursor_checksum(spool_column(row, 1),
                                               (uint64_t)sqlite3_column_int64(row, 2),
                                               spool_column(row, 3));
}

/* Counts the rows, and those that are not as they were written. */
static bool check_rows(struct spool *spool, const char *select, bool (*is_sound)(sqlite3_stmt *row),
    uint64_t *rows, uint64_t *bad, struct error *err)
{
    sqlite3_stmt *statement;
    int step = SQLITE_ERROR;

    if (sqlite3_prepare_v2(spool->db, select, -1, &statement, NULL) == SQLITE_OK)
        while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
            ++*rows;
            *bad += is_sound && !is_sound(statement);
        }
    if (step != SQLITE_DONE)
        spool_fail(spool, err);
    sqlite3_finalize(statement);
    return step == SQLITE_DONE;
}

static bool check_counts(struct spool *spool, struct spool_check *check, struct error *err)
{
    struct spool_stats stats;
    int64_t cursors;

    if (!spool_stats(spool, &stats, err) || !spool_cursor_count(spool, &cursors, err))
        return false;
    check->off_waiting = (int64_t)(stats.waiting - check->waiting);
    check->off_rejected = (int64_t)(stats.rejected - check->rejected);
    check->off_corrupt = (int64_t)(stats.corrupt - check->corrupt);
    check->off_cursors = cursors - (int64_t)check->cursors;
    return true;
}

static bool check_all(struct spool *spool, struct spool_check *check, struct error *err)
{
    uint64_t none = 0;

    return check_structure(spool, check, err) &&
           check_rows(spool, "SELECT row, id, body, sum FROM event ORDER BY row", spool_is_sound,
               &check->waiting, &check->bad_waiting, err) &&
           check_rows(spool, "SELECT number, id, request, sum FROM rejected", spool_is_sound,
               &check->rejected, &check->bad_rejected, err) &&
           check_rows(spool, "SELECT row FROM corrupt", NULL, &check->corrupt, &none, err) &&
           check_rows(spool, "SELECT 0, kind, key, value, sum FROM cursor", is_sound_cursor,
               &check->cursors, &check->bad_cursors, err) &&
           check_counts(spool, check, err);
}

bool spool_check(struct spool *spool, struct spool_check *check, struct error *err)
{
    struct error ignored;
    bool is_read;

    *check = (struct spool_check){.structure = ""};
    if (!spool_run_text(spool, "BEGIN", err))
        return false;
    is_read = check_all(spool, check, err);
    spool_run_text(spool, "COMMIT", &ignored);
    return is_read;
}

bool spool_check_is_bad(const struct spool_check *check)
{
    return check->structure[0] || check->bad_waiting || check->bad_rejected || check->bad_cursors ||
           check->off_waiting || check->off_rejected || check->off_corrupt || check->off_cursors;
}

static bool has_free_pages(struct spool *spool, bool *has_any, struct error *err)
{
    int64_t pages;

    if (!spool_read_number(spool, "PRAGMA freelist_count", &pages, err))
        return false;
    *has_any = pages > 0;
    return true;
}

bool spool_compact(struct spool *spool, struct error *err)
{
    bool has_any, is_done;

    do {
        if (!has_free_pages(spool, &has_any, err) || (has_any && !spool_take_lock(spool, err)))
            return false;
        is_done = !has_any || spool_run_text(spool, "PRAGMA incremental_vacuum(256)", err);
        if (has_any)
            spool_give_lock(spool);
    } while (is_done && has_any);
    /* Somebody who reads keeps the log; the next checkpoint takes what is left. */
    if (is_done)
        sqlite3_wal_checkpoint_v2(spool->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return is_done;
}
