/* SPDX-License-Identifier: MIT
 *
 * What a part of a pattern says about the text that it matches; for
 * literal_find.c, which puts parts together.
 */
#ifndef PARSERS_MEANING_H
#define PARSERS_MEANING_H

#include "literal.h"

enum { RUN_MOST = 8 /* texts of one run */ };

/* The few texts of which one stands right before what is read next. */
struct run {
    struct literal texts[RUN_MOST]; /* of any length up to LITERAL_BYTES_MOST */
    size_t count;
};

struct meaning {
    bool is_exact;        /* it matches the run's texts and nothing else */
    struct run run;       /* if not: what ends the part */
    struct clauses needs; /* if not: what stands somewhere in it */
};

/* Where meanings are made. */
struct meaning_room {
    const struct alphabet *alphabet;
    struct arena *arena;
    bool is_lost; /* something is not understood, or the arena is full: nothing counts */
};

extern const struct meaning meaning_nothing;

/* The empty text, to be extended. */
struct meaning meaning_empty(void);

/* One character, of one or more bytes. */
struct meaning meaning_of_character(
    const struct meaning_room *room, struct span c, bool is_caseless);

/* One of these texts comes next. */
void meaning_extend(struct meaning_room *room, struct meaning *so_far, const struct run *next);

/* Anything may come next: what the run says is kept, and a new one begins. */
void meaning_end_run(struct meaning_room *room, struct meaning *so_far);

/* All of these hold too. */
void meaning_add(struct meaning_room *room, struct meaning *so_far, const struct clauses *more);

/* Either of them. */
struct meaning meaning_either(
    struct meaning_room *room, const struct meaning *one, const struct meaning *other);

#endif
