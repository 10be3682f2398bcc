/* SPDX-License-Identifier: MIT
 *
 * Inside the spool: the connection that spool.c and the spool_*.c share.
 * Nobody else includes this.
 */
#ifndef SHIPPER_SPOOL_SPOOL_DATABASE_H
#define SHIPPER_SPOOL_SPOOL_DATABASE_H

#include "shipper/spool/spool.h"

#include <sqlite3.h>

/* No value of ours is longer: damage must not take the memory. */
enum { SPOOL_VALUE_MOST_BYTES = 64 << 20 };

/* Every statement that a connection keeps prepared; spool.c has their text. */
enum spool_statement {
    SPOOL_BEGIN,
    SPOOL_COMMIT,
    SPOOL_ROLLBACK,
    SPOOL_ADD_EVENT,    /* id, body, sum */
    SPOOL_NEXT_EVENTS,  /* after this row, at most so many */
    SPOOL_DROP_OLDEST,  /* so many */
    SPOOL_IS_ROW,       /* row */
    SPOOL_IS_SHORT,     /* after this row: whether events should be there, and are not */
    SPOOL_DELETE_EVENT, /* row, id */
    SPOOL_MOVE_CURSOR,  /* kind, key, value, sum */
    SPOOL_ADD_CURSOR,   /* the same */
    SPOOL_FORGET_CURSOR,
    SPOOL_GET_CURSORS,
    SPOOL_SET_SOURCE, /* kind, key, what struct spool_source has */
    SPOOL_ADD_RATE,   /* kind, key, lines */
    SPOOL_GET_SOURCES,
    SPOOL_FORGET_SOURCE,
    SPOOL_ADD_LEDGER, /* kind, key, class, bytes, lines: what to add */
    SPOOL_GET_LEDGER,
    SPOOL_FORGET_LEDGER,
    SPOOL_KEEP_REJECTED, /* row, id, answer, status, at */
    SPOOL_PRUNE_REJECTED,
    SPOOL_EXPIRE_REJECTED, /* rejected before that second */
    SPOOL_KEEP_CORRUPT,    /* row */
    SPOOL_DELETE_ROW,
    SPOOL_ADD_TOTALS, /* what to add to each of struct spool_totals */
    SPOOL_GET_TOTALS,
    SPOOL_KEEP_DELIVERED,  /* how many, their ids */
    SPOOL_PRUNE_DELIVERED, /* all but the newest so many */
    SPOOL_GET_DELIVERED,
    SPOOL_GET_WAITING_IDS,
    SPOOL_GET_OLDEST_REJECTED,
    SPOOL_COUNT_EXPIRED,
    SPOOL_GET_SPACE, /* bytes in use, free pages */
    SPOOL_STATEMENTS
};

struct spool {
    struct spool_options options;
    char *path, *wal_path;
    int lock; /* spool.lock: our own open file, since flock belongs to it */
    sqlite3 *db;
    sqlite3_stmt *statements[SPOOL_STATEMENTS];

    uint64_t dropped; /* by this connection, to make room */

    int64_t last_leased;
    struct lease *leases; /* by row; see spool_out.c */
    size_t first_lease, lease_count, lease_room;
};

/* Changes to the counts, so that looking never scans a deep spool. */
struct spool_totals {
    int64_t waiting, rejected, corrupt, delivered, dropped, lost, cursors;
};

/* A batch. Bytes are named by their offset, since the buffer moves while it
 * grows. */
struct batch_event {
    size_t id, body, body_len;
};

struct batch_cursor {
    size_t kind, kind_len, value, value_len;
    uint64_t key;
    bool is_forgotten;
};

struct batch_source {
    const char *kind;
    uint64_t key;
    size_t name;
    struct spool_source source; /* its name is in the buffer */
};

struct batch_count {
    const char *kind;
    uint64_t key;
    enum account_class class;
    uint64_t bytes, lines;
};

struct spool_batch {
    struct buffer bytes;
    struct batch_event *events;
    size_t event_count, event_room;
    struct batch_cursor *cursors;
    size_t cursor_count, cursor_room;
    struct batch_source *sources;
    size_t source_count, source_room;
    struct batch_count *counts;
    size_t count_count, count_room;
};

/* --- opening: spool.c, for spool_make.c too ----------------------------------- */

struct spool *spool_new(const char *dir);

/* Opens a file or makes it, with a mode of our own that SQLite gives its -wal and
 * -shm too. */
bool spool_make_file(const char *path, int *descriptor, struct error *err);

/* The lock file and the connection, without a look inside. */
bool spool_attach(struct spool *spool, const char *dir, struct error *err);

/* The first column of the first row. */
bool spool_read_number(struct spool *spool, const char *sql, int64_t *number, struct error *err);

/* 0: made by nobody yet. */
bool spool_check_version(struct spool *spool, int64_t *version, struct error *err);

/* A new, empty spool in spool.new/, the caller's to publish (spool_files.h): what
 * stands in the spool's place without tables is damaged, not new. NULL on failure. */
char *spool_make(const char *dir, struct error *err);

/* --- at work: spool_database.c ------------------------------------------------- */

/* The write lock: waits for its turn. Not recursive. */
bool spool_take_lock(struct spool *spool, struct error *err);
void spool_give_lock(struct spool *spool);

/* Takes the write lock and begins a transaction. After true spool_end must
 * follow; after false nothing is held. */
bool spool_begin(struct spool *spool, struct error *err);

/* Adds the totals and commits if is_good, else rolls back; gives the lock back.
 * True if all is committed; false leaves nothing written and *err filled (by the
 * caller, if not is_good). */
bool spool_end(
    struct spool *spool, bool is_good, const struct spool_totals *totals, struct error *err);

/* Runs a statement whose values are bound and that returns no rows. */
bool spool_run(struct spool *spool, enum spool_statement which, struct error *err);

/* The same for text that is used once and may hold several statements. */
bool spool_run_text(struct spool *spool, const char *sql, struct error *err);

/* Binds bytes that stay where they are until the statement has run. */
void spool_bind_text(sqlite3_stmt *statement, int position, struct span value);
void spool_bind_blob(sqlite3_stmt *statement, int position, struct span value);

/* Fills *err from the connection's last failure and returns false. Damage is
 * ERROR_CORRUPT; the rest is ERROR_SYSTEM, with ENOSPC for a full disk. */
bool spool_fail(struct spool *spool, struct error *err);

/* ERROR_CORRUPT in other words than SQLite's; returns false. */
bool spool_fail_damaged(const struct spool *spool, const char *what, struct error *err);

uint32_t spool_checksum(struct span id, struct span body);
uint32_t spool_cursor_checksum(struct span kind, uint64_t key, struct span value);

/* Whether columns 1 to 3 of the row are an event's id, body and checksum as they
 * were written. Bytes that damage has made a blob are equal to no text. */
bool spool_is_sound(sqlite3_stmt *row);

/* The bytes of a column, valid until the statement is stepped or reset; never
 * NULL. */
struct span spool_column(sqlite3_stmt *statement, int column);

/* How many cursors there should be. */
bool spool_cursor_count(struct spool *spool, int64_t *count, struct error *err);

/* Writes the batch's cursors, inside its transaction. */
bool spool_write_cursors(struct spool *spool, const struct spool_batch *batch,
    struct spool_totals *moved, struct error *err);

/* Writes what the batch has for the ledger, inside its transaction. */
bool spool_write_ledger(struct spool *spool, const struct spool_batch *batch, struct error *err);

/* Appends the ids of those that are delivered, inside the transaction that settles
 * them. */
bool spool_keep_delivered(
    struct spool *spool, const struct spool_verdict *verdicts, size_t count, struct error *err);

/* Frees the bodies of all leased events. */
void spool_drop_leases(struct spool *spool);

#endif
