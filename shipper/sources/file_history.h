/* SPDX-License-Identifier: MIT
 *
 * Every file ever read: the rows of the spool in memory, found by source id. A
 * row that an open file is read by is claimed; the others are of files that are
 * gone, and are kept for 90 days (LIMIT_FILE_ROWS at most) so that a file that
 * comes back under any name is known.
 */
#ifndef SHIPPER_SOURCES_FILE_HISTORY_H
#define SHIPPER_SOURCES_FILE_HISTORY_H

#include "shipper/clock.h"
#include "shipper/sources/file_tail.h"
#include "shipper/spool/spool.h"

#define FILE_KIND "file" /* of the cursors in the spool */

struct followed;

struct past_file {
    struct file_row row;
    uint64_t key;                 /* of its cursor in the spool */
    const struct file_tail *tail; /* the file read by this row; NULL: not claimed */
    struct followed *reader;      /* the same, for its owner */
    bool is_moved;                /* not saved yet; set by file_history_touch */
    char *path;                   /* where it was last seen; NULL: not in this run */
    uint64_t size, held_bytes;    /* as last seen */
    struct past_file *next;       /* of the same bucket */
    struct past_file *next_moved;
};

struct file_history;

/* wake: opens the claimed row's file if it is not; false if that cannot be done. */
struct file_history *file_history_new(bool (*wake)(void *arg, struct followed *reader), void *arg);
void file_history_free(struct file_history *history); /* accepts NULL */

/* Takes one cursor of the spool; false if its value cannot be read. */
bool file_history_restore(struct file_history *history, uint64_t key, struct span value);

enum past_match {
    PAST_NONE,
    PAST_SAME,   /* read on by this row, which nobody has claimed */
    PAST_COPY,   /* the same content as this row's, whose own file is still open */
    PAST_PREFIX, /* a copy of this row's file that is shorter than what was read of it */
};

/* Looks for the row with that file's content: *past is that one, *row what to
 * read the file by. Of several the one read furthest, since it proves most; of
 * equals the one with its inode. A row of which nothing was read proves nothing: two
 * logs that begin alike are no copies. */
enum past_match file_history_match(const struct file_history *history, struct file_tail *tail,
    const struct file_hash *source_id, struct past_file **past, struct file_row *row);

/* The row after that one with the source id, the first after NULL; NULL: none. */
struct past_file *file_history_next(const struct file_history *history,
    const struct file_hash *source_id, const struct past_file *past);

/* Whether there is any row. */
bool file_history_is_empty(const struct file_history *history);

/* Adds a row; with generation 0 it gets a new one. Not saved before it is
 * touched. */
struct past_file *file_history_add(struct file_history *history, const struct file_row *row);

/* To be saved. */
void file_history_touch(struct file_history *history, struct past_file *past);

/* Those bytes of the file were passed over without being delivered; the row, which
 * moved over them, is to be touched. */
void file_history_count(struct file_history *history, const struct past_file *past,
    enum account_class class, uint64_t bytes);

/* Adds what was touched, counted or forgotten since the last call; true if that was
 * any. */
bool file_history_save(struct file_history *history, struct spool_batch *batch);

/* Forgets files that have been gone for too long. A clock that is set meanwhile
 * makes no file older: now says how much time has really passed. */
void file_history_expire(struct file_history *history, const struct now *now);

#endif
