/* SPDX-License-Identifier: MIT
 *
 * What went wrong, where, and what to do about it.
 *
 * A function that can fail takes `struct error *err` last and returns false
 * exactly when it has filled it. Messages are lower case, quote the user's
 * words and end without a full stop; a hint is a whole sentence or question.
 * A place keeps byte offsets into a named text; line, column and caret are
 * worked out when the error is shown.
 */
#ifndef PARSERS_ERROR_H
#define PARSERS_ERROR_H

#include "buffer.h"

enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,   /* the command line: exit 64 */
    ERROR_CONFIG,  /* a configuration or rule file: exit 78 */
    ERROR_SYSTEM,  /* errno in code: exit 71 */
    ERROR_REMOTE,  /* the endpoint or the way to it; CURLcode or HTTP status in code */
    ERROR_CORRUPT, /* our own data on disk; SQLite's code in code */
};

/* A text that errors can point into: a rule file, a configuration. Both spans
 * must outlive every error that names it. */
struct text {
    const char *name; /* path as the user gave it */
    struct span bytes;
};

struct place {
    const struct text *text; /* NULL: no place */
    size_t offset, len;      /* bytes */
};

struct error {
    enum error_kind kind;
    int code;
    struct place place;
    char message[400];
    char hint[240]; /* empty: none */
};

/* Fills *err and returns false. With a code, the message should not repeat what
 * strerror would say: error_system adds it. */
bool error_set(struct error *err, enum error_kind kind, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ERROR_SYSTEM from errno: "message: strerror(errno)". */
bool error_system(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One-based line and column (in characters) of a place. */
void place_find(const struct place *place, size_t *line, size_t *column);

/* Appends what a person reads, each line ended:
 *
 *     rules/nginx.yaml:14:11: unknown field "hots"
 *        14 |   when: { hots: web1 }
 *           |           ^~~~
 *     hint: did you mean "host"?
 *
 * Without a place only message and hint. Control bytes are shown as dots,
 * wherever they come from; a long line is cut around the caret. */
void error_render(const struct error *err, struct buffer *out);

/* Every problem of one file, in the order found, at most LIMIT_ERRORS; what is
 * over is counted in dropped. {0} is an empty list. */
struct errors {
    struct error *items;
    size_t count, room, dropped;
};

/* Adds an ERROR_CONFIG and returns it, for a hint; never NULL, valid until the
 * next call. */
struct error *errors_add(struct errors *errors, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void errors_finish(struct errors *errors);

/* Sorted by place, rendered, and a closing line when some were dropped. */
void errors_render(struct errors *errors, struct buffer *out);

/* The candidate nearest to word (at most a third of its letters differ), else the first
 * that has it among its words (user: user_id), or NULL: for "did you mean". */
const char *error_nearest(struct span word, const char *const *candidates, size_t count);

#endif
