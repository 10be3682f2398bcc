/* SPDX-License-Identifier: MIT
 *
 * The connection at work: its failures in our words, and transactions under the
 * lock that writers queue on.
 */
#include "shipper/spool/spool_database.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <zlib.h>

static bool fail_damaged(const struct spool *spool, int code, struct error *err)
{
    error_set(err, ERROR_CORRUPT, code, "the spool %s is damaged: %s", spool->path,
        sqlite3_errmsg(spool->db));
    error_hint(err, "Move spool.db and spool.db-* away and start again, once with `start: "
                    "beginning` at the inputs: the logs are read anew, and events that were "
                    "delivered keep their ids.");
    return false;
}

bool spool_fail(struct spool *spool, struct error *err)
{
    int code = sqlite3_extended_errcode(spool->db), primary = code & 0xff, system_code = 0;

    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        return fail_damaged(spool, code, err);
    /* SQLite knows a full disk; a quota or a limit on file sizes it calls IOERR. */
    if (primary == SQLITE_FULL || code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE) {
        error_set(err, ERROR_SYSTEM, ENOSPC, "cannot write the spool %s: %s", spool->path,
            sqlite3_errmsg(spool->db));
        error_hint(err, "Make room on that file system, or move `state_dir` to another.");
        return false;
    }
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
        system_code = sqlite3_system_errno(spool->db);
    return error_set(err, ERROR_SYSTEM, system_code, "spool %s: %s%s%s", spool->path,
        sqlite3_errmsg(spool->db), system_code ? ": " : "",
        system_code ? strerrordesc_np(system_code) : "");
}

uint32_t spool_checksum(struct span id, struct span body)
{
    uLong sum = crc32_z(0, (const Bytef *)id.at, id.len);

    return (uint32_t)crc32_z(sum, (const Bytef *)body.at, body.len);
}

void spool_bind_text(sqlite3_stmt *statement, int position, struct span value)
{
    sqlite3_bind_text64(statement, position, value.at, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

void spool_bind_blob(sqlite3_stmt *statement, int position, struct span value)
{
    sqlite3_bind_blob64(statement, position, value.at, value.len, SQLITE_STATIC);
}

bool spool_run(struct spool *spool, enum spool_statement which, struct error *err)
{
    sqlite3_stmt *statement = spool->statements[which];
    bool is_done = sqlite3_step(statement) == SQLITE_DONE || spool_fail(spool, err);

    sqlite3_reset(statement);
    return is_done;
}

bool spool_run_text(struct spool *spool, const char *sql, struct error *err)
{
    return sqlite3_exec(spool->db, sql, NULL, NULL, NULL) == SQLITE_OK || spool_fail(spool, err);
}

/* SQLite's own busy handler is no queue: it sleeps, and starves. */
bool spool_take_lock(struct spool *spool, struct error *err)
{
    while (flock(spool->lock, LOCK_EX) < 0)
        if (errno != EINTR)
            return error_system(err, "cannot lock the spool %s", spool->path);
    return true;
}

void spool_give_lock(struct spool *spool)
{
    flock(spool->lock, LOCK_UN);
}

bool spool_begin(struct spool *spool, struct error *err)
{
    if (!spool_take_lock(spool, err))
        return false;
    if (spool_run(spool, SPOOL_BEGIN, err))
        return true;
    spool_give_lock(spool);
    return false;
}

static bool add_totals(struct spool *spool, const struct spool_totals *totals, struct error *err)
{
    sqlite3_stmt *statement = spool->statements[SPOOL_ADD_TOTALS];

    if (totals->waiting == 0 && totals->rejected == 0 && totals->corrupt == 0 &&
        totals->delivered == 0)
        return true;
    sqlite3_bind_int64(statement, 1, totals->waiting);
    sqlite3_bind_int64(statement, 2, totals->rejected);
    sqlite3_bind_int64(statement, 3, totals->corrupt);
    sqlite3_bind_int64(statement, 4, totals->delivered);
    return spool_run(spool, SPOOL_ADD_TOTALS, err);
}

bool spool_end(
    struct spool *spool, bool is_good, const struct spool_totals *totals, struct error *err)
{
    bool is_committed =
        is_good && add_totals(spool, totals, err) && spool_run(spool, SPOOL_COMMIT, err);

    /* SQLite has rolled back by itself after some failures. */
    if (!is_committed && !sqlite3_get_autocommit(spool->db)) {
        struct error ignored;
        spool_run(spool, SPOOL_ROLLBACK, &ignored);
    }
    spool_give_lock(spool);
    return is_committed;
}
