/* SPDX-License-Identifier: MIT
 *
 * Filters of templates: what may be done to a value on its way into an event. One that finds nothing
 * to do leaves the value as it is; a value is never repaired into another one.
 */
#ifndef PARSERS_FILTER_H
#define PARSERS_FILTER_H

#include "arena.h"

/* What filters work with beside the value. */
struct filter_context {
    struct arena *arena;
    struct span secret; /* of `hash`; absent: nothing can be hashed */
    bool is_raw;        /* filters that hide leave the value alone: what it is before, for
                           whoever must judge it; never to be sent */
};

enum filter_argument { ARGUMENT_NONE, ARGUMENT_OPTIONAL, ARGUMENT_REQUIRED };

/* value is not empty. False if the result is none; else *value may live in the arena. */
typedef bool filter_run(
    const struct filter_context *context, struct span argument, struct span *value);

struct filter {
    const char *name;
    filter_run *run;
    enum filter_argument argument;
    const char *only;    /* the one argument that it takes; NULL: any */
    const char *example; /* as it is written in a template: "before('@')" */
    const char *help;    /* one line */
    bool hides;          /* what comes out does not tell what went in */
};

/* All filters, ended by one without a name. */
extern const struct filter filters[];

extern const struct filter *const filter_hash, *const filter_truncate;

/* NULL if there is none of that name. */
const struct filter *filter_find(struct span name);

enum { FILTER_HASH_LEN = 64 };

/* HMAC-SHA-256 (RFC 2104) of the value in lower-case hex; false without a secret. */
bool filter_hash_value(const struct filter_context *context, struct span *value);

#endif
