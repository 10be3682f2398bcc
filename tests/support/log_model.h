/* SPDX-License-Identifier: MIT
 *
 * A directory with one log in rotation, and exactly what stands in each of its
 * files: numbered lines, each unlike any other. The writer keeps the file open
 * that it opened last, whatever becomes of its name.
 */
#ifndef TESTS_SUPPORT_LOG_MODEL_H
#define TESTS_SUPPORT_LOG_MODEL_H

#include "parsers/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_LINES = 400, MODEL_FILES = 200, MODEL_HALF_BYTES = 20 };

#define MODEL_LIVE   "app.log"
#define MODEL_BANNER "banner" /* what files may begin with, alike */

struct model_file {
    char name[40];                      /* empty: it has none */
    bool is_open;                       /* the reader has it open: the test says so */
    unsigned lines[MODEL_LINES], count; /* finished, in their order */
    bool is_half;                       /* behind them stands the first half of one, */
    unsigned half;                      /* this one */
    bool is_compressed;
};

struct log_model {
    const char *dir;     /* borrowed */
    bool is_told;        /* print what is done */
    unsigned line_bytes; /* without terminator, at least 40 */
    struct model_file files[MODEL_FILES];
    unsigned file_count;
    struct model_file *written; /* the file that the writer has open; NULL: none */
    int descriptor;
    unsigned names; /* given so far, to be unlike */

    unsigned line_count;              /* begun so far; all but one are finished */
    unsigned life_of[MODEL_LINES];    /* in which life of a file a line was written */
    bool is_left_half[MODEL_LINES];   /* its first half also stands where it was not finished */
    bool is_copied_half[MODEL_LINES]; /* and in a copy */
    unsigned lives;
};

void log_model_init(struct log_model *m, const char *dir, unsigned line_bytes);
void log_model_finish(struct log_model *m);

/* The file of that name, NULL if there is none. */
struct model_file *log_model_named(struct log_model *m, const char *name);

/* The writer opens MODEL_LIVE anew, making it if need be. A half line that it
 * had written elsewhere stays one. */
void log_model_reopen(struct log_model *m, bool has_banner);

/* One more line, or its first half; finishes the half that stands there. */
void log_model_append(struct log_model *m, bool is_half);

/* `to` must be free. */
void log_model_rename(struct log_model *m, struct model_file *file, const char *to);
void log_model_copy(struct log_model *m, struct model_file *file, const char *to);
/* As gzip does it: name.gz grows, then the original goes. `pause` is called while
 * only a part of it is there. */
void log_model_compress(
    struct log_model *m, struct model_file *file, void (*pause)(void *arg), void *arg);
void log_model_unlink(struct log_model *m, struct model_file *file);
void log_model_truncate(struct log_model *m, struct model_file *file);

/* Whether that line, finished, is in the file. */
bool log_model_has(const struct model_file *file, unsigned line);

/* Which line that is; false: none that was ever written so. *is_half: the first
 * half of one that was left unfinished. */
bool log_model_parse(const struct log_model *m, struct span text, unsigned *line, bool *is_half);

#endif
