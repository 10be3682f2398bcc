/* SPDX-License-Identifier: MIT
 *
 * The file source (source.h): every file of every `file:` input, in fair turns of
 * one chunk each.
 *
 * A file is followed by its content (file_row.h) through renames, copies and
 * restarts; truncated or rewritten, it is a new generation from its beginning. A
 * file that two inputs name belongs to the first. Under --once every file is
 * read to the end it has, and then the source ends.
 */
#ifndef SHIPPER_SOURCES_FILE_SOURCE_H
#define SHIPPER_SOURCES_FILE_SOURCE_H

#include "shipper/sources/file_input.h"
#include "shipper/sources/source.h"

struct file_source_options {
    const struct file_input *inputs; /* copied */
    size_t count;
    bool is_once;
    bool is_final;   /* with is_once: unfinished last lines are complete */
    bool is_rescued; /* cursors may be missing: nothing is new enough to start at its end */

    /* For tests. */
    bool is_blind;       /* no directory is watched, as on a network file system */
    size_t watches_most; /* directories watched; 0: as many as the system gives */
    size_t awake_most;   /* files open at a time; 0: as many as the system allows */
};

/* Restores the cursors and looks for files once. NULL if the spool cannot be
 * read; files that cannot are logged and retried. */
struct source *file_source_open(const struct file_source_options *options, struct spool *spool,
    const struct now *now, struct error *err);

/* How many files that input has been given so far. */
size_t file_source_found(const struct source *source, size_t input);

#endif
