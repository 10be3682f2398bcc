/* SPDX-License-Identifier: MIT
 *
 * The record that kills. On the shared page stands what the reader is matching, so
 * that the supervisor knows what it died of: a chunk at first, which the next reader
 * goes through a record at a time (shipper/reader_feed.h), and then a record, which
 * is skipped from then on.
 *
 * SIGKILL tells nothing about a record: that is a person, or the kernel short of
 * memory.
 */
#ifndef SHIPPER_FATAL_RECORD_H
#define SHIPPER_FATAL_RECORD_H

#include "parsers/engine.h"

#include <stdatomic.h>

enum { FATAL_PLACES = 32, FATAL_SOURCE_ID_BYTES = 32 };

/* Positions first to last - 1 of a source. */
struct fatal_place {
    char source_id[FATAL_SOURCE_ID_BYTES]; /* its first bytes, NUL-padded */
    uint64_t generation, first, last;
    bool is_record; /* else a chunk, and one of its records is to blame */
    bool is_said;   /* the reader has named it */
};

struct fatal_records {
    _Atomic bool is_at; /* the reader is matching `at` */
    struct fatal_place at;
    struct fatal_place places[FATAL_PLACES]; /* where it died; the newest replace the oldest */
    unsigned count;                          /* of all that there ever were */
};

/* Reader: is about to match the chunk, or the one record in it. */
void fatal_record_enter(struct fatal_records *records, const struct engine_source *source,
    const struct engine_chunk *chunk, bool is_record);
void fatal_record_leave(struct fatal_records *records);

/* Reader: whether a part of the chunk was fatal. */
bool fatal_record_is_near(const struct fatal_records *records, const struct engine_source *source,
    const struct engine_chunk *chunk);

/* Reader: the record that begins there, if it was fatal; else NULL. */
struct fatal_place *fatal_record_at(
    struct fatal_records *records, const struct engine_source *source, uint64_t offset);

/* Supervisor, when the reader was killed by that signal: true if a record is to blame,
 * which is skipped from now on. */
bool fatal_record_note_death(struct fatal_records *records, int signal);

#endif
