/* SPDX-License-Identifier: MIT
 *
 * The database itself: making and opening it, keeping it small, and looking.
 * Transactions are in spool_database.c, what goes in and out in spool_in.c and
 * spool_out.c.
 *
 * Not done here: repair. A database that cannot be read, or is of a newer
 * version, is left as it is and said so.
 */
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION_KNOWN = 1,
    BUSY_MS = 10000, /* a last resort: writers queue on the lock */
    WAL_MOST_BYTES = 16 << 20,
    FREE_PAGES_KEPT = 1024, /* 8 MiB that are not worth giving back */
};

/* What must stand before the first table, and before WAL. */
static const char before_tables[] = "PRAGMA page_size = 8192;"
                                    "PRAGMA auto_vacuum = INCREMENTAL;"
                                    "PRAGMA journal_mode = WAL;";

/* `totals` has one row and moves with each transaction. For each cursor, `source`
 * has what its source says of it (name: bytes, not text), `ledger` what became of
 * its bytes. Rows of `event` are
 * JSON bodies; `sum` is CRC-32 over id and body. Row numbers are never used
 * twice. `delivered` is spool_delivered.c's. */
static const char tables[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE event (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
    "                    body TEXT NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE cursor (kind TEXT, key INTEGER, value BLOB NOT NULL,"
    "                     PRIMARY KEY (kind, key)) WITHOUT ROWID;"
    "CREATE TABLE source (kind TEXT, key INTEGER, name BLOB NOT NULL, position INTEGER NOT NULL,"
    "                     size INTEGER NOT NULL, held INTEGER NOT NULL,"
    "                     is_open INTEGER NOT NULL, seen_at INTEGER NOT NULL,"
    "                     PRIMARY KEY (kind, key)) WITHOUT ROWID;"
    "CREATE TABLE ledger (kind TEXT, key INTEGER, class TEXT, bytes INTEGER NOT NULL,"
    "                     lines INTEGER NOT NULL, PRIMARY KEY (kind, key, class)) WITHOUT ROWID;"
    "CREATE TABLE rejected (number INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL,"
    "                       id TEXT NOT NULL, request TEXT NOT NULL, answer BLOB,"
    "                       status INTEGER NOT NULL, at INTEGER NOT NULL);"
    "CREATE TABLE corrupt (row INTEGER PRIMARY KEY, id, body, sum);"
    "CREATE TABLE totals (waiting INTEGER NOT NULL, rejected INTEGER NOT NULL,"
    "                     corrupt INTEGER NOT NULL, delivered INTEGER NOT NULL);"
    "CREATE TABLE delivered (upto INTEGER PRIMARY KEY, ids BLOB NOT NULL);"
    "INSERT INTO totals VALUES (0, 0, 0, 0);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

static const char *const statement_texts[SPOOL_STATEMENTS] = {
    [SPOOL_BEGIN] = "BEGIN IMMEDIATE",
    [SPOOL_COMMIT] = "COMMIT",
    [SPOOL_ROLLBACK] = "ROLLBACK",
    [SPOOL_ADD_EVENT] = "INSERT INTO event (id, body, sum) VALUES (?1, ?2, ?3)",
    [SPOOL_NEXT_EVENTS] =
        "SELECT row, id, body, sum FROM event WHERE row > ?1 ORDER BY row LIMIT ?2",
    [SPOOL_DELETE_EVENT] = "DELETE FROM event WHERE row = ?1 AND id = ?2",
    [SPOOL_SET_CURSOR] = "INSERT OR REPLACE INTO cursor VALUES (?1, ?2, ?3)",
    [SPOOL_FORGET_CURSOR] = "DELETE FROM cursor WHERE kind = ?1 AND key = ?2",
    /* A key is 64 bits unsigned, kept in SQLite's signed ones. */
    [SPOOL_GET_CURSORS] = "SELECT key, value FROM cursor WHERE kind = ?1 ORDER BY key < 0, key",
    [SPOOL_SET_SOURCE] = "INSERT OR REPLACE INTO source VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SPOOL_GET_SOURCES] = "SELECT kind, key, name, position, size, held, is_open, seen_at, value"
                          " FROM source JOIN cursor USING (kind, key) ORDER BY kind, key",
    [SPOOL_FORGET_SOURCE] = "DELETE FROM source WHERE kind = ?1 AND key = ?2",
    [SPOOL_ADD_LEDGER] = "INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE"
                         " SET bytes = bytes + excluded.bytes, lines = lines + excluded.lines",
    [SPOOL_GET_LEDGER] = "SELECT class, bytes, lines FROM ledger WHERE kind = ?1 AND key = ?2",
    [SPOOL_FORGET_LEDGER] = "DELETE FROM ledger WHERE kind = ?1 AND key = ?2",
    [SPOOL_KEEP_REJECTED] = "INSERT INTO rejected (row, id, request, answer, status, at)"
                            " SELECT row, id, body, ?3, ?4, ?5 FROM event"
                            " WHERE row = ?1 AND id = ?2",
    [SPOOL_PRUNE_REJECTED] = "DELETE FROM rejected"
                             " WHERE number <= (SELECT max(number) FROM rejected) - 10000",
    [SPOOL_KEEP_CORRUPT] = "INSERT OR REPLACE INTO corrupt"
                           " SELECT row, id, body, sum FROM event WHERE row = ?1",
    [SPOOL_DELETE_ROW] = "DELETE FROM event WHERE row = ?1",
    [SPOOL_ADD_TOTALS] = "UPDATE totals SET waiting = waiting + ?1, rejected = rejected + ?2,"
                         " corrupt = corrupt + ?3, delivered = delivered + ?4",
    [SPOOL_KEEP_DELIVERED] = "INSERT INTO delivered"
                             " SELECT coalesce(max(upto), 0) + ?1, ?2 FROM delivered",
    [SPOOL_PRUNE_DELIVERED] =
        "DELETE FROM delivered WHERE upto <= (SELECT max(upto) FROM delivered) - ?1",
    /* The newest first: the oldest row may be one too many. */
    [SPOOL_GET_DELIVERED] = "SELECT ids FROM delivered ORDER BY upto DESC",
    [SPOOL_GET_TOTALS] = "SELECT waiting, rejected, corrupt, delivered FROM totals",
    [SPOOL_GET_SPACE] = "SELECT (page_count - freelist_count) * page_size, freelist_count"
                        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
};

/* --- making and opening ------------------------------------------------------ */

static char *path_in(const char *dir, const char *name)
{
    struct buffer path = {0};

    buffer_printf(&path, "%s/%s", dir, name);
    buffer_append_byte(&path, '\0');
    return path.bytes;
}

/* With a mode of our own, which SQLite gives its -wal and -shm too. */
static bool make_file(const char *path, int *descriptor, struct error *err)
{
    *descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return *descriptor >= 0 || error_system(err, "cannot open %s", path);
}

static bool open_lock(struct spool *spool, const char *dir, struct error *err)
{
    char *path = path_in(dir, "spool.lock");
    bool is_open = make_file(path, &spool->lock, err);

    free(path);
    return is_open;
}

/* The lock file and the connection, without a look inside. */
static bool attach(struct spool *spool, const char *dir, struct error *err)
{
    bool is_looking = spool->options.is_only_looking;
    int mode = is_looking ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

    if (!is_looking && !open_lock(spool, dir, err))
        return false;
    if (sqlite3_open_v2(spool->path, &spool->db, mode | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return spool_fail(spool, err);
    sqlite3_extended_result_codes(spool->db, 1);
    sqlite3_busy_timeout(spool->db, BUSY_MS);
    return true;
}

static struct spool *new_spool(const char *dir)
{
    struct spool *spool = memory_new(sizeof(*spool));

    spool->lock = -1;
    spool->path = path_in(dir, "spool.db");
    spool->wal_path = path_in(dir, "spool.db-wal");
    return spool;
}

static bool read_number(struct spool *spool, const char *sql, int64_t *number, struct error *err)
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

static bool check_version(struct spool *spool, int64_t *version, struct error *err)
{
    if (!read_number(spool, "PRAGMA user_version", version, err))
        return false;
    if (*version <= VERSION_KNOWN)
        return true;
    error_set(err, ERROR_CONFIG, 0, "the spool %s is of a newer usage-shipper (format %lld)",
        spool->path, (long long)*version);
    error_hint(err, "Install that version again, or let it deliver what waits there and name "
                    "another `state_dir`.");
    return false;
}

static bool make_tables(struct spool *spool, struct error *err)
{
    int64_t is_wal;

    if (!spool_run_text(spool, before_tables, err) ||
        !read_number(spool, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, err))
        return false;
    if (!is_wal) {
        error_set(err, ERROR_CONFIG, 0, "the file system of %s has no shared memory", spool->path);
        error_hint(err, "Name a `state_dir` on a local file system.");
        return false;
    }
    return spool_run_text(spool, tables, err);
}

bool spool_prepare(const char *dir, struct error *err)
{
    struct spool *spool = new_spool(dir);
    int64_t version;
    int file;
    bool is_ready = false;

    if (make_file(spool->path, &file, err)) {
        close(file); /* before SQLite opens it: closing would drop SQLite's locks */
        if (attach(spool, dir, err) && spool_take_lock(spool, err)) {
            is_ready =
                check_version(spool, &version, err) && (version > 0 || make_tables(spool, err));
            spool_give_lock(spool);
        }
    }
    spool_close(spool);
    return is_ready;
}

static bool set_up(struct spool *spool, struct error *err)
{
    char pragmas[240];
    int64_t version;
    bool is_set;

    if (!check_version(spool, &version, err))
        return false;
    snprintf(pragmas, sizeof(pragmas),
        "PRAGMA synchronous = %s; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %d;"
        "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
        spool->options.is_sync_full ? "FULL" : "NORMAL", WAL_MOST_BYTES);
    is_set = spool_run_text(spool, pragmas, err);
    for (size_t i = 0; is_set && i < SPOOL_STATEMENTS; i++)
        is_set = sqlite3_prepare_v3(spool->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                     &spool->statements[i], NULL) == SQLITE_OK ||
                 spool_fail(spool, err);
    return is_set;
}

struct spool *spool_open(const char *dir, const struct spool_options *options, struct error *err)
{
    struct spool *spool = new_spool(dir);

    spool->options = *options;
    if (attach(spool, dir, err) && set_up(spool, err))
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
    bool is_read = sqlite3_step(statement) == SQLITE_ROW || spool_fail(spool, err);

    for (int i = 0; is_read && i < count; i++)
        values[i] = sqlite3_column_int64(statement, i);
    sqlite3_reset(statement);
    return is_read;
}

bool spool_tidy(struct spool *spool, bool *has_more, struct error *err)
{
    int64_t space[2]; /* bytes in use, free pages */

    spool_checkpoint(spool);
    if (!read_row(spool, SPOOL_GET_SPACE, space, 2, err))
        return false;
    *has_more = space[1] > FREE_PAGES_KEPT;
    if (!*has_more)
        return true;
    if (!spool_take_lock(spool, err))
        return false;
    *has_more = spool_run_text(spool, "PRAGMA incremental_vacuum(256)", err);
    spool_give_lock(spool);
    return *has_more;
}

bool spool_stats(struct spool *spool, struct spool_stats *stats, struct error *err)
{
    int64_t totals[4], space[2];

    if (!read_row(spool, SPOOL_GET_TOTALS, totals, 4, err) ||
        !read_row(spool, SPOOL_GET_SPACE, space, 2, err))
        return false;
    *stats = (struct spool_stats){
        .waiting = (uint64_t)totals[0],
        .rejected = (uint64_t)totals[1],
        .corrupt = (uint64_t)totals[2],
        .delivered = (uint64_t)totals[3],
        .bytes = (uint64_t)space[0],
    };
    return true;
}
