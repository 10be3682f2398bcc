/* SPDX-License-Identifier: MIT
 *
 * The database itself: opening it, keeping it small, and looking. Transactions are
 * in spool_database.c, what goes in and out in spool_in.c and spool_out.c.
 *
 * Not done here: making (spool_make.c) and repair (spool_rescue.c). A database that
 * cannot be read, or is of a newer version, is left as it is and said so.
 */
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"
#include "shipper/spool/spool_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION_KNOWN = 1,
    VERSION_MOST = 255, /* beyond that it is no version, but damage */
    BUSY_MS = 10000,    /* a last resort: writers queue on the lock */
    WAL_MOST_BYTES = 16 << 20,
    FREE_PAGES_KEPT = 1024, /* 8 MiB that are not worth giving back */
    REJECTED_KEPT_S = 30 * 24 * 3600,
};

static const char *const statement_texts[SPOOL_STATEMENTS] = {
    [SPOOL_BEGIN] = "BEGIN IMMEDIATE",
    [SPOOL_COMMIT] = "COMMIT",
    [SPOOL_ROLLBACK] = "ROLLBACK",
    [SPOOL_ADD_EVENT] = "INSERT INTO event (id, body, sum) VALUES (?1, ?2, ?3)",
    [SPOOL_NEXT_EVENTS] =
        "SELECT row, id, body, sum FROM event WHERE row > ?1 ORDER BY row LIMIT ?2",
    [SPOOL_DROP_OLDEST] =
        "DELETE FROM event WHERE row IN (SELECT row FROM event ORDER BY row LIMIT ?1)",
    [SPOOL_IS_ROW] = "SELECT count(*) FROM event WHERE row = ?1",
    [SPOOL_IS_SHORT] = "SELECT waiting > 0 AND NOT EXISTS (SELECT 1 FROM event WHERE row > ?1)"
                       " FROM totals",
    [SPOOL_DELETE_EVENT] = "DELETE FROM event WHERE row = ?1 AND id = ?2",
    [SPOOL_MOVE_CURSOR] = "UPDATE cursor SET value = ?3, sum = ?4 WHERE kind = ?1 AND key = ?2",
    [SPOOL_ADD_CURSOR] = "INSERT INTO cursor VALUES (?1, ?2, ?3, ?4)",
    [SPOOL_FORGET_CURSOR] = "DELETE FROM cursor WHERE kind = ?1 AND key = ?2",
    /* A key is 64 bits unsigned, kept in SQLite's signed ones. */
    [SPOOL_GET_CURSORS] = "SELECT kind, key, value, sum FROM cursor"
                          " ORDER BY kind, key < 0, key",
    [SPOOL_SET_SOURCE] =
        "INSERT INTO source VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?4 + ?6 < ?5, ?8, 0), 0)"
        " ON CONFLICT DO UPDATE SET name = ?3, position = ?4, size = ?5, held = ?6, is_open = ?7,"
        " seen_at = ?8, behind_at = CASE WHEN ?4 + ?6 >= ?5 THEN 0"
        " WHEN behind_at > 0 THEN behind_at ELSE ?8 END,"
        " rate = rate * max(0, 1 - max(0, ?8 - seen_at) / 60.0)",
    [SPOOL_ADD_RATE] = "UPDATE source SET rate = rate + ?3 / 60.0 WHERE kind = ?1 AND key = ?2",
    [SPOOL_GET_SOURCES] =
        "SELECT kind, key, name, position, size, held, is_open, seen_at,"
        " behind_at, rate, value FROM source JOIN cursor USING (kind, key) ORDER BY kind, key",
    [SPOOL_FORGET_SOURCE] = "DELETE FROM source WHERE kind = ?1 AND key = ?2",
    [SPOOL_ADD_LEDGER] = "INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE"
                         " SET bytes = bytes + excluded.bytes, lines = lines + excluded.lines",
    [SPOOL_GET_LEDGER] = "SELECT class, bytes, lines FROM ledger WHERE kind = ?1 AND key = ?2",
    [SPOOL_FORGET_LEDGER] = "DELETE FROM ledger WHERE kind = ?1 AND key = ?2",
    [SPOOL_KEEP_REJECTED] = "INSERT INTO rejected (row, id, request, sum, answer, status, at)"
                            " SELECT row, id, body, sum, ?3, ?4, ?5 FROM event"
                            " WHERE row = ?1 AND id = ?2",
    [SPOOL_PRUNE_REJECTED] = "DELETE FROM rejected"
                             " WHERE number <= (SELECT max(number) FROM rejected) - 10000",
    /* Oldest first, and none behind one that is kept: without an index that is cheap. */
    [SPOOL_EXPIRE_REJECTED] = "DELETE FROM rejected WHERE at < ?1 AND number IN"
                              " (SELECT number FROM rejected ORDER BY number LIMIT 256)",
    [SPOOL_KEEP_CORRUPT] = "INSERT OR REPLACE INTO corrupt"
                           " SELECT row, id, body, sum FROM event WHERE row = ?1",
    [SPOOL_DELETE_ROW] = "DELETE FROM event WHERE row = ?1",
    [SPOOL_ADD_TOTALS] = "UPDATE totals SET waiting = waiting + ?1, rejected = rejected + ?2,"
                         " corrupt = corrupt + ?3, delivered = delivered + ?4,"
                         " dropped = dropped + ?5, lost = lost + ?6, cursors = cursors + ?7",
    [SPOOL_KEEP_DELIVERED] = "INSERT INTO delivered"
                             " SELECT coalesce(max(upto), 0) + ?1, ?2 FROM delivered",
    [SPOOL_PRUNE_DELIVERED] =
        "DELETE FROM delivered WHERE upto <= (SELECT max(upto) FROM delivered) - ?1",
    /* The newest first: the oldest row may be one too many. */
    [SPOOL_GET_DELIVERED] = "SELECT ids FROM delivered ORDER BY upto DESC",
    [SPOOL_GET_WAITING_IDS] = "SELECT id FROM event",
    [SPOOL_GET_TOTALS] = "SELECT waiting, rejected, corrupt, delivered, dropped, lost, cursors"
                         " FROM totals",
    [SPOOL_GET_OLDEST_REJECTED] = "SELECT at FROM rejected ORDER BY number LIMIT 1",
    [SPOOL_COUNT_EXPIRED] = "SELECT count(*) FROM rejected WHERE status = 0",
    [SPOOL_GET_SPACE] = "SELECT (page_count - freelist_count) * page_size, freelist_count"
                        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
};

/* --- making and opening ------------------------------------------------------ */

/* With a mode of our own, which SQLite gives its -wal and -shm too. */
bool spool_make_file(const char *path, int *descriptor, struct error *err)
{
    *descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return *descriptor >= 0 || error_system(err, "cannot open %s", path);
}

static bool is_copy(const struct spool *spool)
{
    return spool->options.file && strcmp(spool->options.file, "spool.db") != 0;
}

/* Beside a copy no file is to be left. */
static bool open_lock(struct spool *spool, const char *dir, struct error *err)
{
    char *path;
    bool is_open;

    if (is_copy(spool)) {
        spool->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return spool->lock >= 0 || error_system(err, "cannot open %s", dir);
    }
    path = spool_file(dir, "spool.lock");
    is_open = spool_make_file(path, &spool->lock, err);
    free(path);
    return is_open;
}

/* As a URI, by which SQLite makes no files beside it. */
static void write_uri(const char *path, struct buffer *out)
{
    buffer_append(out, SPAN("file:"));
    for (const char *c = path; *c; c++)
        if (*c == '%' || *c == '?' || *c == '#')
            buffer_printf(out, "%%%02X", (unsigned)*c);
        else
            buffer_append_byte(out, *c);
    buffer_append(out, SPAN("?immutable=1"));
    buffer_append_byte(out, '\0');
}

static int open_database(struct spool *spool)
{
    bool is_looking = spool->options.is_only_looking;
    int mode = (is_looking ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    struct buffer uri = {0};
    int code;

    /* A log beside a copy belongs to it. */
    if (!is_looking || !is_copy(spool) || access(spool->wal_path, F_OK) == 0)
        return sqlite3_open_v2(spool->path, &spool->db, mode, NULL);
    write_uri(spool->path, &uri);
    code = sqlite3_open_v2(uri.bytes, &spool->db, mode | SQLITE_OPEN_URI, NULL);
    buffer_finish(&uri);
    return code;
}

/* The lock file and the connection, without a look inside. */
bool spool_attach(struct spool *spool, const char *dir, struct error *err)
{
    if (!spool->options.is_only_looking && !open_lock(spool, dir, err))
        return false;
    if (open_database(spool) != SQLITE_OK)
        return spool_fail(spool, err);
    sqlite3_extended_result_codes(spool->db, 1);
    sqlite3_busy_timeout(spool->db, BUSY_MS);
    sqlite3_limit(spool->db, SQLITE_LIMIT_LENGTH, SPOOL_VALUE_MOST_BYTES);
    return true;
}

static struct spool *new_spool(const char *dir, const char *file)
{
    struct spool *spool = memory_new(sizeof(*spool));

    spool->lock = -1;
    spool->path = spool_file(dir, file);
    spool->wal_path = memory_resize(spool_file(dir, file), strlen(spool->path) + sizeof("-wal"));
    strcat(spool->wal_path, "-wal");
    return spool;
}

struct spool *spool_new(const char *dir)
{
    return new_spool(dir, "spool.db");
}

bool spool_read_number(struct spool *spool, const char *sql, int64_t *number, struct error *err)
{
    sqlite3_stmt *statement;
    bool is_read;

    if (sqlite3_prepare_v2(spool->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return spool_fail(spool, err);
    is_read = sqlite3_step(statement) == SQLITE_ROW || spool_fail(spool, err);
    if (is_read)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return is_read;
}

bool spool_check_version(struct spool *spool, int64_t *version, struct error *err)
{
    if (!spool_read_number(spool, "PRAGMA user_version", version, err))
        return false;
    if (*version <= VERSION_KNOWN)
        return true;
    if (*version > VERSION_MOST)
        return spool_fail_damaged(spool, "it has no version", err);
    error_set(err, ERROR_CONFIG, 0, "the spool %s is of a newer usage-shipper (format %lld)",
        spool->path, (long long)*version);
    error_hint(err, "Install that version again, or let it deliver what waits there and name "
                    "another `state_dir`.");
    return false;
}

/* The statements are right for our tables: one that is not understood means that a
 * table is not there. */
static bool prepare(struct spool *spool, size_t which, struct error *err)
{
    int code = sqlite3_prepare_v3(spool->db, statement_texts[which], -1, SQLITE_PREPARE_PERSISTENT,
        &spool->statements[which], NULL);

    if (code == SQLITE_ERROR)
        return spool_fail_damaged(spool, sqlite3_errmsg(spool->db), err);
    return code == SQLITE_OK || spool_fail(spool, err);
}

static bool set_up(struct spool *spool, struct error *err)
{
    char pragmas[240];
    int64_t version;
    bool is_set;

    if (!spool_check_version(spool, &version, err))
        return false;
    snprintf(pragmas, sizeof(pragmas),
        "PRAGMA synchronous = %s; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %d;"
        "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
        spool->options.is_sync_full ? "FULL" : "NORMAL", WAL_MOST_BYTES);
    is_set = spool_run_text(spool, pragmas, err);
    for (size_t i = 0; is_set && i < SPOOL_STATEMENTS; i++)
        is_set = prepare(spool, i, err);
    return is_set;
}

struct spool *spool_open(const char *dir, const struct spool_options *options, struct error *err)
{
    const char *file = options->file ? options->file : "spool.db";
    struct spool *spool = new_spool(dir, file);

    spool->options = *options;
    /* SQLite would throw the log of an empty one away. */
    if (spool_file_size(dir, file) == 0)
        spool_fail_damaged(spool, "it is empty", err);
    else if (spool_attach(spool, dir, err) && set_up(spool, err))
        return spool;
    spool_close(spool);
    return NULL;
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    for (size_t i = 0; i < SPOOL_STATEMENTS; i++)
        sqlite3_finalize(spool->statements[i]);
    sqlite3_close(spool->db);
    if (spool->lock >= 0)
        close(spool->lock);
    spool_drop_leases(spool);
    free(spool->path);
    free(spool->wal_path);
    free(spool);
}

/* --- housekeeping and looking ------------------------------------------------ */

void spool_checkpoint(struct spool *spool)
{
    struct stat wal;

    /* A long WAL starts over and is cut at the next write after a complete
     * checkpoint. One that meets a read is not complete: the next call goes on. */
    if (stat(spool->wal_path, &wal) == 0 && wal.st_size > WAL_MOST_BYTES)
        sqlite3_wal_checkpoint_v2(spool->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static bool read_row(
    struct spool *spool, enum spool_statement which, int64_t *values, int count, struct error *err)
{
    sqlite3_stmt *statement = spool->statements[which];
    int step = sqlite3_step(statement);
    bool is_read = step == SQLITE_ROW ||
                   (step == SQLITE_DONE ? spool_fail_damaged(spool, "a row is missing", err)
                                        : spool_fail(spool, err));

    for (int i = 0; is_read && i < count; i++)
        values[i] = sqlite3_column_int64(statement, i);
    sqlite3_reset(statement);
    return is_read;
}

static bool vacuum_slice(struct spool *spool, struct error *err)
{
    bool is_done;

    if (!spool_take_lock(spool, err))
        return false;
    is_done = spool_run_text(spool, "PRAGMA incremental_vacuum(256)", err);
    spool_give_lock(spool);
    return is_done;
}

/* They are in the order of time, so that the oldest tells. */
static bool expire_rejected(struct spool *spool, int64_t before_s, struct error *err)
{
    struct spool_totals moved = {0};
    sqlite3_stmt *oldest = spool->statements[SPOOL_GET_OLDEST_REJECTED];
    bool is_due = sqlite3_step(oldest) == SQLITE_ROW && sqlite3_column_int64(oldest, 0) < before_s;
    bool is_good;

    sqlite3_reset(oldest);
    if (!is_due)
        return true;
    if (!spool_begin(spool, err))
        return false;
    sqlite3_bind_int64(spool->statements[SPOOL_EXPIRE_REJECTED], 1, before_s);
    is_good = spool_run(spool, SPOOL_EXPIRE_REJECTED, err);
    moved.rejected = is_good ? -sqlite3_changes64(spool->db) : 0;
    return spool_end(spool, is_good, &moved, err);
}

bool spool_tidy(struct spool *spool, int64_t wall_s, bool *has_more, struct error *err)
{
    int64_t space[2]; /* bytes in use, free pages */

    *has_more = false;
    spool_checkpoint(spool);
    if (!expire_rejected(spool, wall_s - REJECTED_KEPT_S, err) ||
        !read_row(spool, SPOOL_GET_SPACE, space, 2, err))
        return false;
    if (space[1] <= FREE_PAGES_KEPT)
        return true;
    *has_more = vacuum_slice(spool, err);
    return *has_more;
}

/* A count that damage made negative is none. */
static uint64_t count_of(int64_t total)
{
    return total > 0 ? (uint64_t)total : 0;
}

bool spool_cursor_count(struct spool *spool, int64_t *count, struct error *err)
{
    int64_t totals[7];

    if (!read_row(spool, SPOOL_GET_TOTALS, totals, 7, err))
        return false;
    *count = totals[6];
    return true;
}

bool spool_stats(struct spool *spool, struct spool_stats *stats, struct error *err)
{
    int64_t totals[6], space[2];

    if (!read_row(spool, SPOOL_GET_TOTALS, totals, 6, err) ||
        !read_row(spool, SPOOL_GET_SPACE, space, 2, err))
        return false;
    *stats = (struct spool_stats){
        .waiting = count_of(totals[0]),
        .rejected = count_of(totals[1]),
        .corrupt = count_of(totals[2]),
        .delivered = count_of(totals[3]),
        .dropped = count_of(totals[4]),
        .lost = count_of(totals[5]),
        .bytes = count_of(space[0]),
    };
    return true;
}

bool spool_count_expired(struct spool *spool, uint64_t *count, struct error *err)
{
    int64_t expired;

    if (!read_row(spool, SPOOL_COUNT_EXPIRED, &expired, 1, err))
        return false;
    *count = count_of(expired);
    return true;
}
