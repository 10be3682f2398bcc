/* SPDX-License-Identifier: MIT
 *
 * The sources of a configuration, opened and taken together: one for all of its
 * `file:` inputs, one for each other input.
 */
#ifndef SHIPPER_READER_SOURCES_H
#define SHIPPER_READER_SOURCES_H

#include "shipper/child.h"
#include "shipper/sources/source.h"

#include <poll.h>

struct open_source {
    struct source *source;
    bool is_ended; /* it has nothing any more */
};

struct reader_sources {
    struct open_source *items;
    size_t count, room;
    struct engine **engines; /* one an input */
    size_t engine_count;
    struct pollfd *fds; /* one a source, and the caller's */
};

/* Opens a source for every input, and says what it follows. False if the spool cannot
 * be read; what a source cannot have now it says, and tries again later. To be closed
 * in any case; *sources was zero. is_rescued: cursors may be missing, so nothing is new
 * enough to start at its end. */
bool reader_sources_open(struct reader_sources *sources, const struct child *child,
    struct spool *spool, bool is_rescued, struct error *err);
void reader_sources_close(struct reader_sources *sources);

bool reader_sources_are_ended(const struct reader_sources *sources);

/* Adds every cursor that moved to the batch; true if there was one. */
bool reader_sources_save(const struct reader_sources *sources, struct spool_batch *batch);

/* What was added by the last save is durable now. */
void reader_sources_committed(const struct reader_sources *sources);

/* How many unfinished last lines and records are held back now. */
uint64_t reader_sources_held(const struct reader_sources *sources);

/* While there is no room: lets those look around that want to. Returns when to do so
 * again: monotonic ms. */
int64_t reader_sources_look(const struct reader_sources *sources, const struct now *now);

/* When one of them should be read although all descriptors are quiet: monotonic ms. */
int64_t reader_sources_deadline(const struct reader_sources *sources);

/* Waits for at most timeout_ms until a source has something, or `descriptor`. While
 * there is no room only for those that look around. */
void reader_sources_wait(
    const struct reader_sources *sources, int descriptor, bool has_room, int timeout_ms);

/* A message from the supervisor: for the source that asked for it, or for nobody. */
void reader_sources_receive(const struct reader_sources *sources, struct channel_message *message);

#endif
