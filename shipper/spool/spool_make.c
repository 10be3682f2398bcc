/* SPDX-License-Identifier: MIT
 *
 * Making a spool, and the look at one that is there before anybody works with it.
 * Both happen in the supervisor, while no other process has it open. Repairs
 * nothing: spool_rescue.c.
 */
#include "parsers/memory.h"
#include "shipper/spool/spool_database.h"
#include "shipper/spool/spool_files.h"

#include <stdlib.h>
#include <unistd.h>

/* A larger spool is not looked through: a start is to take no longer for it. */
enum { CHECK_MOST_BYTES = 64 << 20 };

/* What must stand before the first table, and before WAL. */
static const char before_tables[] = "PRAGMA page_size = 8192;"
                                    "PRAGMA auto_vacuum = INCREMENTAL;"
                                    "PRAGMA journal_mode = WAL;";

/* `totals` has one row and moves with each transaction: events that are here
 * (waiting, rejected, corrupt) or were (delivered, dropped to make room, lost with a
 * damaged spool), and the number of cursors. For each cursor, `source` has what its
 * source says of it (name: bytes, not text), `ledger` what became of its bytes.
 * `behind_at` is when a source was first seen with something left to read (0: it was read to
 * its end), `rate` how many lines a second were read until seen_at, of which a second takes
 * away a sixtieth. A
 * body is the JSON to post; `sum` is CRC-32 over id and body, or over a cursor's
 * parts. Row numbers are never used twice. `delivered` is
 * spool_delivered.c's. */
static const char tables[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE event (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
    "                    body TEXT NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE cursor (kind TEXT, key INTEGER, value BLOB NOT NULL, sum INTEGER NOT NULL,"
    "                     PRIMARY KEY (kind, key)) WITHOUT ROWID;"
    "CREATE TABLE source (kind TEXT, key INTEGER, name BLOB NOT NULL, position INTEGER NOT NULL,"
    "                     size INTEGER NOT NULL, held INTEGER NOT NULL,"
    "                     is_open INTEGER NOT NULL, seen_at INTEGER NOT NULL,"
    "                     behind_at INTEGER NOT NULL, rate REAL NOT NULL,"
    "                     PRIMARY KEY (kind, key)) WITHOUT ROWID;"
    "CREATE TABLE ledger (kind TEXT, key INTEGER, class TEXT, bytes INTEGER NOT NULL,"
    "                     lines INTEGER NOT NULL, PRIMARY KEY (kind, key, class)) WITHOUT ROWID;"
    "CREATE TABLE rejected (number INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL,"
    "                       id TEXT NOT NULL, request TEXT NOT NULL, sum INTEGER NOT NULL,"
    "                       answer BLOB, status INTEGER NOT NULL, at INTEGER NOT NULL);"
    "CREATE TABLE corrupt (row INTEGER PRIMARY KEY, id, body, sum);"
    "CREATE TABLE totals (waiting INTEGER NOT NULL, rejected INTEGER NOT NULL,"
    "                     corrupt INTEGER NOT NULL, delivered INTEGER NOT NULL,"
    "                     dropped INTEGER NOT NULL, lost INTEGER NOT NULL,"
    "                     cursors INTEGER NOT NULL);"
    "CREATE TABLE delivered (upto INTEGER PRIMARY KEY, ids BLOB NOT NULL);"
    "INSERT INTO totals VALUES (0, 0, 0, 0, 0, 0, 0);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

static bool make_tables(struct spool *spool, struct error *err)
{
    int64_t is_wal;

    if (!spool_run_text(spool, before_tables, err) ||
        !spool_read_number(
            spool, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, err))
        return false;
    if (!is_wal) {
        error_set(err, ERROR_CONFIG, 0, "the file system of %s has no shared memory", spool->path);
        error_hint(err, "Name a `state_dir` on a local file system.");
        return false;
    }
    return spool_run_text(spool, tables, err);
}

char *spool_make(const char *dir, struct error *err)
{
    char *place = spool_files_begin(dir, err);
    struct spool *spool;
    bool is_made;
    int file = -1;

    if (!place)
        return NULL;
    spool = spool_new(place);
    is_made = spool_make_file(spool->path, &file, err);
    if (file >= 0)
        close(file); /* before SQLite opens it: closing would drop SQLite's locks */
    is_made = is_made && spool_attach(spool, place, err) && make_tables(spool, err);
    spool_close(spool);
    if (is_made)
        return place;
    free(place);
    return NULL;
}

static bool make_first(const char *dir, struct error *err)
{
    char *place = spool_make(dir, err);
    bool is_made = place && spool_files_publish(dir, err);

    free(place);
    return is_made;
}

/* A log that is left over after a crash belongs to this database, unless somebody
 * has put an older copy in its place: together they are neither. */
static bool look_through(struct spool *spool, const char *dir, struct error *err)
{
    int64_t log_bytes = spool_file_size(dir, "spool.db-wal"), is_sound;

    if (log_bytes <= 0 || log_bytes + spool_file_size(dir, "spool.db") > CHECK_MOST_BYTES)
        return true;
    if (!spool_read_number(
            spool, "SELECT quick_check = 'ok' FROM pragma_quick_check(1)", &is_sound, err))
        return false;
    return is_sound || spool_fail_damaged(spool, "its parts contradict each other", err);
}

static bool look_inside(const char *dir, struct error *err)
{
    struct spool *spool = spool_new(dir);
    int64_t version = 0, size = spool_file_size(dir, "spool.db");
    bool is_sound;

    if (size < 0)
        is_sound = spool_fail_damaged(spool, "it is gone, and its log is not", err);
    else if (size == 0) /* SQLite would throw its log away */
        is_sound = spool_fail_damaged(spool, "it is empty", err);
    else
        is_sound =
            spool_attach(spool, dir, err) && spool_check_version(spool, &version, err) &&
            (version > 0 || spool_fail_damaged(spool, "there is nothing of ours in it", err)) &&
            look_through(spool, dir, err);
    spool_close(spool);
    return is_sound;
}

bool spool_prepare(const char *dir, struct error *err)
{
    if (!spool_files_finish(dir, err))
        return false;
    if (spool_file_size(dir, "spool.db") < 0 && spool_file_size(dir, "spool.db-wal") <= 0)
        return make_first(dir, err);
    return look_inside(dir, err);
}
