/* SPDX-License-Identifier: MIT
 *
 * A log that is read once through an engine, from the start to its end, for people who
 * look at what rules make of it: no spool, no cursor, nothing is sent.
 */
#ifndef SHIPPER_LOG_FILE_H
#define SHIPPER_LOG_FILE_H

#include "parsers/engine.h"
#include "parsers/limits.h"
#include "shipper/sources/container_path.h"
#include "shipper/sources/encoding.h"

struct log_file {
    const char *path;           /* "-": standard input */
    const char *as_path;        /* what it tells of a container is known to the rules; NULL: path */
    const struct zone *zone;    /* of times that name none */
    enum encoding encoding;     /* of a text without a byte order mark */
    const struct field *fields; /* what its source knows beside, at most LIMIT_JOURNAL_FIELDS */
    size_t field_count;
    int64_t reference_s; /* of a text (log_file_feed_text): when it was written; 0: now */
};

enum { LOG_FILE_FIELDS_MOST = LIMIT_JOURNAL_FIELDS + CONTAINER_FIELDS_MOST };

/* What each of its records has before the line's own: how many. */
size_t log_file_fields(const struct log_file *log, struct field fields[LOG_FILE_FIELDS_MOST]);

/* Where the engine is, during its callbacks. */
struct log_place {
    struct engine_chunk chunk;
    uint64_t lines_before;
    bool is_unfinished; /* the chunk's line has no newline yet, or its record no next one, so
                           that `run` would wait */
};

/* The number, from 1, of the line of the chunk that begins at the offset. */
uint64_t log_place_line(const struct log_place *place, uint64_t offset);

/* Feeds all of it, an unfinished last line or record included. Adds to *counts. Events are as `run`
 * would send them but for their ids, which depend on an instance and on a generation that only a
 * spool gives. */
bool log_file_feed(struct engine *engine, const struct log_file *log,
    const struct engine_output *output, struct engine_counts *counts, struct log_place *place,
    struct error *err);

/* The same of a text, as if it stood at the end of the log at `path`, which need not be
 * there: read now, and complete. */
void log_file_feed_text(struct engine *engine, const struct log_file *log, struct span text,
    const struct engine_output *output, struct engine_counts *counts);

/* Whether what a log begins with is text; false with *err filled. */
bool log_file_is_log(struct span beginning, struct error *err);

#endif
