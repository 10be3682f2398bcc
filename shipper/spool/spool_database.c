/* SPDX-License-Identifier: MIT
 *
 * The connection at work: its failures in our words, and transactions under the
 * lock that writers queue on.
 */
#include "shipper/spool/spool_database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

enum { FREE_SPACE_BYTES = 64 << 10 }; /* a disk with so much is not full */

bool spool_fail_damaged(const struct spool *spool, const char *what, struct error *err)
{
    return error_set(err, ERROR_CORRUPT, 0, "the spool %s is damaged: %s", spool->path, what);
}

/* SQLite calls a page number beyond all bounds a full disk. A quota shows only to who
 * writes. */
static bool has_free_space(const struct spool *spool)
{
    static const char some[FREE_SPACE_BYTES];
    char path[4096];
    int file;
    bool has_space;

    snprintf(path, sizeof(path), "%s-probe", spool->path);
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    has_space =
        file >= 0 && pwrite(file, some, sizeof(some), 0) == sizeof(some) && fsync(file) == 0;
    if (file >= 0)
        close(file);
    unlink(path);
    return has_space;
}

/* What our own statements cannot mean (a table or file format that SQLite does not know),
 * a value of more than any of ours, one that they never write, and a page
 * number beyond all bounds are damage as well; a trigger is somebody's own. */
static bool is_damage(const struct spool *spool, int code)
{
    static const int codes[] = {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_TOOBIG,
        SQLITE_CONSTRAINT, SQLITE_MISMATCH};
    int primary = code & 0xff;

    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (primary == codes[i])
            return code != SQLITE_CONSTRAINT_TRIGGER;
    return primary == SQLITE_FULL && has_free_space(spool);
}

/* A quota or a limit on file sizes is a failed write, and errno may be of a later
 * call. */
static bool is_out_of_room(int code, int system_code)
{
    return (code & 0xff) == SQLITE_FULL ||
           ((code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE) && system_code != EIO &&
               system_code != EROFS);
}

bool spool_fail(struct spool *spool, struct error *err)
{
    int code = sqlite3_extended_errcode(spool->db), primary = code & 0xff, system_code = 0;

    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
        system_code = sqlite3_system_errno(spool->db);
    if (is_damage(spool, code))
        return spool_fail_damaged(spool, sqlite3_errmsg(spool->db), err);
    if (is_out_of_room(code, system_code)) {
        error_set(err, ERROR_SYSTEM, ENOSPC, "cannot write the spool %s: %s", spool->path,
            sqlite3_errmsg(spool->db));
        error_hint(err, "Make room on that file system, or move `state_dir` to another.");
        return false;
    }
    return error_set(err, ERROR_SYSTEM, system_code, "spool %s: %s%s%s", spool->path,
        sqlite3_errmsg(spool->db), system_code ? ": " : "",
        system_code ? strerrordesc_np(system_code) : "");
}

static uLong add_to_sum(uLong sum, struct span bytes)
{
    return crc32_z(sum, (const Bytef *)bytes.at, bytes.len);
}

uint32_t spool_checksum(struct span id, struct span body)
{
    return (uint32_t)add_to_sum(add_to_sum(0, id), body);
}

uint32_t spool_cursor_checksum(struct span kind, uint64_t key, struct span value)
{
    struct span number = {(const char *)&key, sizeof(key)};

    return (uint32_t)add_to_sum(add_to_sum(add_to_sum(0, kind), number), value);
}

struct span spool_column(sqlite3_stmt *statement, int column)
{
    const char *bytes = sqlite3_column_blob(statement, column);

    return (struct span){bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, column)};
}

bool spool_is_sound(sqlite3_stmt *row)
{
    struct span id = spool_column(row, 1), body = spool_column(row, 2);

    return sqlite3_column_type(row, 1) == SQLITE_TEXT &&
           sqlite3_column_type(row, 2) == SQLITE_TEXT && id.len == EVENT_ID_LEN &&
           sqlite3_column_int64(row, 3) == spool_checksum(id, body);
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
    static const struct spool_totals none;
    sqlite3_stmt *statement = spool->statements[SPOOL_ADD_TOTALS];

    if (memcmp(totals, &none, sizeof(none)) == 0)
        return true;
    sqlite3_bind_int64(statement, 1, totals->waiting);
    sqlite3_bind_int64(statement, 2, totals->rejected);
    sqlite3_bind_int64(statement, 3, totals->corrupt);
    sqlite3_bind_int64(statement, 4, totals->delivered);
    sqlite3_bind_int64(statement, 5, totals->dropped);
    sqlite3_bind_int64(statement, 6, totals->lost);
    sqlite3_bind_int64(statement, 7, totals->cursors);
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
