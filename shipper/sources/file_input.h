/* SPDX-License-Identifier: MIT
 *
 * One `file:` input of the configuration, as the file source follows it: its
 * pattern, where reading starts, and whether this state has seen it before.
 *
 * "The end at a first sight" is about the input: files that its first scan finds
 * start at their end, files that appear later are read from their beginning. That
 * the input was seen is kept in the spool (kind "file-input", key from the
 * pattern), with the paths that were there but could not be opened then: they
 * start at their end when they can.
 */
#ifndef SHIPPER_SOURCES_FILE_INPUT_H
#define SHIPPER_SOURCES_FILE_INPUT_H

#include "shipper/clock.h"
#include "shipper/config.h"
#include "shipper/sources/encoding.h"
#include "shipper/spool/spool.h"

#define FILE_INPUT_KIND "file-input"

/* Borrowed for the source's life. */
struct file_input {
    const char *pattern;           /* glob.h */
    const struct strings *exclude; /* patterns of paths or names that are left out; NULL: none */
    const struct strings *archive; /* patterns of folders where rotated files are put, from the
                                      file's own folder; NULL: none */
    int64_t settle_ms;             /* a rotated file that has not grown for so long is complete */
    enum start start;
    struct engine *engine;
    const struct zone *zone;
    enum encoding encoding; /* of files without a byte order mark */
};

struct followed_input {
    struct file_input settings;
    bool is_seen;        /* it was scanned to the end once */
    bool is_moved;       /* not saved yet */
    struct strings late; /* paths still to be started at their end */
    size_t found;        /* files opened for it */
    uint64_t missed;     /* files that were gone before they could be opened, not saved yet */
    uint64_t missed_unsaid;
    int64_t missed_said_ms; /* 0: never */
    uint64_t walk;          /* the number of the latest look for its folders */
    unsigned folders;       /* found then */
    bool is_in_reach;       /* nothing failed then */
    int64_t walked_ms, next_walk_ms;
};

void followed_input_finish(struct followed_input *input);

/* Whether the input leaves that path out. */
bool followed_input_is_excluded(const struct followed_input *input, const char *path);

/* Takes one cursor of FILE_INPUT_KIND if it is this input's. */
void followed_input_restore(struct followed_input *input, uint64_t key, struct span value);

/* True if there was something to save. */
bool followed_input_save(struct followed_input *input, struct spool_batch *batch);

/* Whether a file that was not read before starts at its end. */
bool followed_input_is_from_end(const struct followed_input *input, const char *path);

/* It cannot be read now: if it is to start at its end, that is remembered. */
void followed_input_add_late(struct followed_input *input, const char *path);

/* A file that was made under that path and written to was gone before it could be
 * opened: it is said, at most once a minute, and counted as a line that is possibly
 * lost, since it had one at least. */
void followed_input_miss(struct followed_input *input, const char *path, const struct now *now);

/* It is being read. */
void followed_input_drop_late(struct followed_input *input, const char *path);

#endif
