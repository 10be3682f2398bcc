/* SPDX-License-Identifier: MIT
 *
 * What the reader has read and is not durable yet: events, counts and moved cursors,
 * which go into the spool in one transaction. Knows when that is due, and keeps it all
 * while the spool refuses it.
 */
#ifndef SHIPPER_READER_BATCH_H
#define SHIPPER_READER_BATCH_H

#include "shipper/child.h"
#include "shipper/holdup.h"
#include "shipper/reader_notes.h"
#include "shipper/reader_sources.h"
#include "shipper/rule_figures.h"

struct reader_batch {
    const struct child *child;      /* borrowed, as are the next two */
    struct spool *spool;            /* NULL until it is open */
    struct reader_sources *sources; /* whose cursors are saved with it */
    struct reader_notes notes;      /* owned; saved with it too */
    struct rule_figures *figures;   /* owned; the same */
    struct spool_batch *batch;      /* owned */
    struct engine_counts counts;    /* of the batch */
    uint64_t known;                 /* events that were delivered before, and are left out */
    struct buffer body;
    bool has_moved;         /* a cursor moved since the last commit */
    bool is_wanted;         /* a source cannot go on before the next one */
    bool is_rescued;        /* cursors may be missing, until that is committed */
    bool is_damaged;        /* the spool is not what was written: nothing goes on */
    int64_t first_event_ms; /* when the batch got its first event */
    int64_t next_save_ms;   /* cursors without events */

    enum spool_result refused; /* SPOOL_DONE: the spool takes what it is given */
    int64_t retry_at_ms, retry_pause_ms;

    bool is_dropping; /* said */
    uint64_t dropped; /* at the last look */
    int64_t dropping_ms;

    struct bulletin holdup;
};

void reader_batch_init(
    struct reader_batch *b, const struct child *child, struct reader_sources *sources);
void reader_batch_finish(struct reader_batch *b);

bool reader_batch_has_events(const struct reader_batch *b);

/* It takes no more before a commit. */
bool reader_batch_is_large(const struct reader_batch *b);

/* delivered: ids of events that are left out; NULL: none. wall_s: UNIX seconds of now. */
void reader_batch_event(struct reader_batch *b, const struct event *event,
    const struct spool_delivered *delivered, int64_t wall_s);

/* What became of lines behind that cursor: to its account, and to the counters. */
void reader_batch_count(
    struct reader_batch *b, const char *kind, uint64_t key, const struct engine_counts *counts);

/* is_idle: there is nothing more to read now. */
bool reader_batch_is_due(const struct reader_batch *b, const struct now *now, bool is_idle);

/* Commits it with the sources' cursors. What the spool refuses is said, and stays:
 * b->refused, b->is_damaged. */
void reader_batch_commit(struct reader_batch *b, const struct now *now);

#endif
