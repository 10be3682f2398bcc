/* SPDX-License-Identifier: MIT
 *
 * A log that is read once through an engine, from the start to its end, for people who
 * look at what rules make of it: no spool, no cursor, nothing is sent.
 */
#ifndef SHIPPER_LOG_FILE_H
#define SHIPPER_LOG_FILE_H

#include "parsers/engine.h"
#include "shipper/sources/encoding.h"

struct log_file {
    const char *path;        /* "-": standard input. What it tells of a container is known to
                                the rules */
    const struct zone *zone; /* of times that name none */
    enum encoding encoding;  /* of a text without a byte order mark */
};

/* Feeds all of it, an unfinished last line or record included. While that is fed,
 * *is_unfinished is true: its line has no newline yet, or its record no next one, so
 * that `run` would wait. Adds to *counts. Events are as `run` would send them but for
 * their ids, which depend on an instance and on a generation that only a spool gives. */
bool log_file_feed(struct engine *engine, const struct log_file *log,
    const struct engine_output *output, struct engine_counts *counts, bool *is_unfinished,
    struct error *err);

#endif
