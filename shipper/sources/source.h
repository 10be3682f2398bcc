/* SPDX-License-Identifier: MIT
 *
 * A source: where bytes come from. The reader's loop knows sources only by these
 * verbs; files, the journal, sockets and standard input differ behind them.
 *
 * A source delivers chunks of whole lines with the position of their first byte,
 * and keeps a cursor that only it can read: how far it has been read for good.
 * The loop matches a chunk, then calls `advance`; what the source has advanced
 * over is saved with the events of those chunks, in one transaction, or not at
 * all.
 */
#ifndef SHIPPER_SOURCES_SOURCE_H
#define SHIPPER_SOURCES_SOURCE_H

#include "parsers/engine.h"
#include "shipper/channel.h"
#include "shipper/clock.h"
#include "shipper/spool/spool_delivered.h"

enum source_result {
    SOURCE_CHUNK,  /* *read is filled; call advance when it has been matched */
    SOURCE_IDLE,   /* nothing now: wait for the descriptor or the deadline */
    SOURCE_FULL,   /* nothing before what it gave has been committed: do so now */
    SOURCE_END,    /* nothing any more (--once: everything was read) */
    SOURCE_BROKEN, /* nor that, and not all of it could be read, which was said */
};

/* One chunk, valid until the next call on this source. */
struct source_read {
    struct engine_source origin;
    struct engine_chunk chunk;
    struct engine *engine; /* the engine of the input that the chunk belongs to */
    const char *name;      /* for messages: the path of a file; NULL: it has none */
    uint64_t key;          /* of the cursor that advancing moves: the bytes go to its account */
    uint64_t passed;       /* bytes before the chunk that are not delivered: the rest of an
                              over-long line, counted as too long. The chunk may be empty then. */

    /* The next chunk is in memory already, and belongs to the same turn: chunks of a source
     * that has many small ones. */
    bool has_more;

    /* Events whose ids are in it are left out; NULL: none. */
    const struct spool_delivered *delivered;
};

struct source {
    const struct source_verbs *verbs; /* first member of each kind's own struct */
};

struct source_verbs {
    const char *kind; /* names its cursors in the spool: "file" */

    /* What it has not given out is lost when it is closed: before an orderly end it is
     * read for as long as there is something, within a bound. */
    bool is_lost_when_closed;

    /* A descriptor to poll for reading, or -1. A source with several gives an epoll
     * descriptor of its own. May change from call to call. */
    int (*descriptor)(const struct source *source);

    /* When read should be called although the descriptor is quiet: monotonic ms,
     * INT64_MAX for never. */
    int64_t (*deadline)(const struct source *source);

    /* Called instead of read while there is no room for what would be read, whenever the
     * descriptor is readable or the deadline that it returned last has come (monotonic
     * ms). Takes no bytes for the cursor; does what cannot wait: holds files that
     * appear, so that no rotation takes them away, or drops and counts datagrams. What
     * it leaves must not keep the descriptor readable. NULL: nothing is lost by waiting
     * (a pipe, a connection), and the descriptor is not polled meanwhile. */
    int64_t (*look)(struct source *source, const struct now *now);

    /* The next chunk. Does bounded work: at most one chunk's worth of reading and
     * a share of looking around, so that one noisy log cannot starve the others
     * (a source that has several files takes them in turns). Trouble with one of
     * them is logged once and retried; it never ends the source. */
    enum source_result (*read)(
        struct source *source, const struct now *now, struct source_read *read);

    /* The chunk just read is matched: moves the cursor over what was passed and over
     * the first `taken` bytes of the chunk, in memory. What is left of it may belong
     * to a record that goes on: it is read again, with more behind it, or with
     * is_cut or is_final when there will not be more. */
    void (*advance)(struct source *source, uint64_t taken);

    /* Adds every cursor that moved since the last save to the batch, with what there
     * is to say of it (spool_batch_source) and those bytes that were passed without
     * being delivered in a chunk (spool_batch_count); true if there was one. */
    bool (*save)(struct source *source, struct spool_batch *batch);

    /* What was added by the last save is durable now. NULL: it makes no difference. */
    void (*committed)(struct source *source);

    /* How many unfinished last lines and records are held back now. */
    uint64_t (*held)(const struct source *source);

    /* An answer of the supervisor to what the source asked for over child->channel: true
     * if it was this source's, which then owns the descriptor. NULL: it asks for
     * nothing. */
    bool (*receive)(struct source *source, struct channel_message *message);

    void (*close)(struct source *source);
};

#endif
