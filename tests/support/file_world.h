/* SPDX-License-Identifier: MIT
 *
 * A file source over a directory of logs, with a spool for its cursors and a
 * clock that the test sets: what tests of the source share.
 */
#ifndef TESTS_SUPPORT_FILE_WORLD_H
#define TESTS_SUPPORT_FILE_WORLD_H

#include "shipper/sources/file_source.h"

struct file_world {
    char *logs, *state;
    struct file_input input; /* set before file_world_open; its pattern is filled in */
    char pattern[300];
    bool is_once, is_final, is_blind;
    size_t watches_most, awake_most; /* 0: as many as the system gives */
    struct now now;
    struct spool *spool;
    struct spool_batch *batch;
    struct source *source; /* NULL: closed */

    struct source_read read; /* the latest chunk */
    uint64_t chunks;
    struct buffer got; /* every line delivered since it was last cleared */
    void (*each)(struct file_world *w, const struct source_read *read); /* NULL: none */
    void *arg;
    uint64_t left; /* set by `each`: the end of the chunk that is not taken */
};

void file_world_init(struct file_world *w);
void file_world_finish(struct file_world *w);

/* For cmocka: *state is a new world whose input starts at the beginning of files. */
int file_world_set_up(void **state);
int file_world_tear_down(void **state);

/* What was delivered since the last call must be that text. */
void file_world_check_got(struct file_world *w, const char *row, const char *wanted);

/* Opens the source on logs/pattern. */
void file_world_open(struct file_world *w, const char *pattern);

/* Closes it; what was not committed is forgotten, as in a crash. */
void file_world_close(struct file_world *w);

/* Reads one chunk into `got`; false if there is none now. */
bool file_world_turn(struct file_world *w);

/* Lets that much time pass, then reads until nothing is left. */
void file_world_drain(struct file_world *w, int64_t passed_ms);

void file_world_commit(struct file_world *w);

/* A log's path, in a static buffer; four live at once. */
const char *file_world_path(const struct file_world *w, const char *name);

void file_world_append(const struct file_world *w, const char *name, const char *text);
void file_world_rename(const struct file_world *w, const char *from, const char *to);
void file_world_copy(const struct file_world *w, const char *from, const char *to);

#endif
