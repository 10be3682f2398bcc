/* SPDX-License-Identifier: MIT
 *
 * Standard input as a source (source.h): one pipe, or one file, read once to its end.
 *
 * The source id is that of a file with the same content, and positions count from its
 * beginning. So a log that comes through a pipe gives the ids that it would give as a
 * file; and since a pipe is read from its beginning each time, events whose ids this
 * state has delivered, or still holds, are left out.
 *
 * Under --once what comes is taken for a log: the same content is the same log. Else it
 * is what a program writes now: each stream is a generation of its own, so that a line
 * without a date that comes again tomorrow counts again.
 *
 * The end of a pipe makes its last line final. That of a file is held back, as in a file
 * that is followed, unless it is compressed.
 */
#ifndef SHIPPER_SOURCES_STDIN_SOURCE_H
#define SHIPPER_SOURCES_STDIN_SOURCE_H

#include "shipper/sources/encoding.h"
#include "shipper/sources/source.h"
#include "shipper/sources/stdin_window.h"

#define STDIN_KIND "stdin" /* of the cursor in the spool; there is one */

struct stdin_options {
    int fd;
    struct stdin_window *window;
    struct engine *engine;
    const struct zone *zone;
    enum encoding encoding; /* without a byte order mark */
    bool is_once;
    bool is_final; /* an unfinished last line of a file is complete */
};

/* Everything in the options is borrowed. Goes on where a reader before this one was,
 * if the window has been used. NULL if the spool cannot be read. */
struct source *stdin_source_open(const struct stdin_options *options, struct spool *spool,
    const struct now *now, struct error *err);

#endif
