/* SPDX-License-Identifier: MIT
 *
 * The spool: durable events not yet delivered, and the cursors of the sources
 * they came from, in one SQLite database (WAL) in the state directory.
 *
 * Two processes have it open. The reader commits batches (events and cursors in
 * one transaction); the sender leases, acks and rejects. Writers queue on a
 * blocking flock of spool.lock, held for the writes and the commit only. No
 * connection is carried over fork: each process opens its own.
 *
 * A row number is never used twice. A lease is in memory only: after a restart
 * the sender starts at the oldest row again, with the same ids and bodies.
 */
#ifndef SHIPPER_SPOOL_SPOOL_H
#define SHIPPER_SPOOL_SPOOL_H

#include "parsers/error.h"
#include "parsers/event.h"
#include "shipper/account.h"

struct spool;

struct spool_options {
    uint64_t max_bytes;   /* of the database; binds spool_commit, and how many ids of delivered
                             events are kept */
    bool is_sync_full;    /* fsync at each commit; else only at checkpoints */
    bool is_dropping;     /* at max_bytes the oldest events make room; else nothing is taken */
    bool is_only_looking; /* for spool_stats and the spool_each_*: changes nothing, keeps nobody
                             waiting. The database must be there. */
    const char *file;     /* the database in dir, if it is not spool.db: a copy to look into */
};

/* Makes or migrates the database (mode 0600) in dir, which must exist; called by
 * the supervisor while no other process has it open. A spool of a newer version is
 * left alone: ERROR_CONFIG with what to do. One that cannot be read is
 * ERROR_CORRUPT, also later from any call: spool_rescue.h. */
bool spool_prepare(const char *dir, struct error *err);

/* NULL on failure. */
struct spool *spool_open(const char *dir, const struct spool_options *options, struct error *err);
void spool_close(struct spool *spool); /* accepts NULL */

/* --- in: the reader -------------------------------------------------------- */

/* Events, cursors and what became of their bytes, on the way into one transaction,
 * in memory. */
struct spool_batch;

struct spool_batch *spool_batch_new(void);
void spool_batch_free(struct spool_batch *batch);
void spool_batch_clear(struct spool_batch *batch);
size_t spool_batch_events(const struct spool_batch *batch);

/* Copies id and body (event_write's bytes). */
void spool_batch_event(struct spool_batch *batch, const char *id, struct span body);

/* Sets the cursor `key` of the sources of that kind ("file") to value, which only
 * that kind can read. Copied; the last of a key wins. What else must move with the
 * events is a cursor of a kind of its own, such as what rules keep between lines. */
void spool_batch_cursor(
    struct spool_batch *batch, const char *kind, uint64_t key, struct span value);

/* Forgets that cursor and its account. */
void spool_batch_forget(struct spool_batch *batch, const char *kind, uint64_t key);

/* What a source says of one of its cursors, for people who look at the spool. */
struct spool_source {
    struct span name;  /* a file's path, as last seen; copied */
    uint64_t position; /* bytes read for good: the account adds up to it */
    uint64_t size;     /* what it has in all, as last seen; not less than position */
    uint64_t held;     /* of those behind the position: an unfinished last line or record */
    bool is_open;      /* followed; false: it ended, or gave way to another */
    int64_t seen_s;    /* UNIX seconds of the latest sight */
};

/* kind must live as long as the batch. The last of a key wins. */
void spool_batch_source(
    struct spool_batch *batch, const char *kind, uint64_t key, const struct spool_source *source);

/* Adds to that cursor's account. kind must live as long as the batch. */
void spool_batch_count(struct spool_batch *batch, const char *kind, uint64_t key,
    enum account_class class, uint64_t bytes, uint64_t lines);

enum spool_result {
    SPOOL_DONE,
    SPOOL_FULL,   /* max_bytes (unless is_dropping) or the disk: nothing was written, try again
                     later; *err says which. A batch without events is never too much for
                     max_bytes, and an empty spool takes any batch. */
    SPOOL_FAILED, /* nothing was written; *err is filled */
};

/* All of the batch (events, cursors, accounts) or nothing, durable on return (is_sync_full). The
 * batch is not changed: clear it after SPOOL_DONE, commit it again otherwise. */
enum spool_result spool_commit(
    struct spool *spool, const struct spool_batch *batch, struct error *err);

/* How many events this connection has dropped to make room. */
uint64_t spool_dropped(const struct spool *spool);

/* Every cursor of a kind, in the order of keys. value lives during the call. One
 * whose checksum is wrong is never handed out: ERROR_CORRUPT. */
bool spool_each_cursor(struct spool *spool, const char *kind,
    void (*each)(void *arg, uint64_t key, struct span value), void *arg, struct error *err);

/* --- out: the sender ------------------------------------------------------- */

struct spool_event {
    int64_t row;
    char id[EVENT_ID_LEN + 1];
    struct span body; /* NUL-terminated; lives until the event is acked, rejected or the spool
                         closed */
};

/* The next rows, oldest first, that were not leased before in this process; at
 * most `most`. *count is 0 when there is nothing new. A row whose checksum is
 * wrong is never leased: it is set aside as corrupt, and counted. When there is
 * nothing, but should be: ERROR_CORRUPT. */
bool spool_lease(
    struct spool *spool, struct spool_event *events, size_t most, size_t *count, struct error *err);

/* A leased event's fate. `answer` and `status` are kept with a rejected event;
 * request and answer are shown by `usage-shipper spool`. */
struct spool_verdict {
    int64_t row;
    char id[EVENT_ID_LEN + 1];
    bool is_rejected;
    int64_t at_s;       /* rejected: when */
    long status;        /* rejected: the HTTP status */
    struct span answer; /* rejected: the first bytes of the body */
};

/* All of them in one transaction. A row that is not there with that id is left
 * alone and not an error; one that was dropped meanwhile does not count as
 * dropped then. */
bool spool_settle(
    struct spool *spool, const struct spool_verdict *verdicts, size_t count, struct error *err);

/* --- looking and housekeeping ------------------------------------------ */

struct spool_stats {
    uint64_t waiting, rejected, corrupt; /* events that are in it */
    uint64_t delivered;                  /* since the spool was made */
    uint64_t dropped, lost;              /* to make room, or with a damaged spool */
    uint64_t bytes;                      /* of the database in use; beside it a WAL of 16 MiB */
};

bool spool_stats(struct spool *spool, struct spool_stats *stats, struct error *err);

/* How many of the rejected events were never sent, being too old. Looks at each. */
bool spool_count_expired(struct spool *spool, uint64_t *count, struct error *err);

/* A cursor that has a spool_source, with its account. */
struct spool_ledger_row {
    struct span kind;
    uint64_t key;
    struct span cursor; /* its value */
    struct spool_source source;
    struct account account;
    int64_t behind_s;   /* UNIX seconds: since when it was not read to its end; 0: it was */
    double lines_per_s; /* read in the minute before source.seen_s, later ones count more */
};

enum { SPOOL_RATE_S = 60 }; /* of lines_per_s */

/* All of them at one moment, in the order of kinds and keys. The row lives during
 * the call. */
bool spool_each_source(struct spool *spool,
    void (*each)(void *arg, const struct spool_ledger_row *row), void *arg, struct error *err);

/* Moves what the WAL holds into the database once the WAL is long, which takes its time:
 * to be called after spool_commit, once those who wait for the events have been told. */
void spool_checkpoint(struct spool *spool);

/* What the reader does while it has nothing to read or no room, about once a
 * second: shortens a long WAL, forgets events that were rejected more than 30 days
 * before wall_s, and gives a slice of free pages back to the file system.
 * *has_more: call again at once, if there is still nothing to do. */
bool spool_tidy(struct spool *spool, int64_t wall_s, bool *has_more, struct error *err);

#endif
