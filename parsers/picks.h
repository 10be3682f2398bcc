/* SPDX-License-Identifier: MIT
 *
 * A set of rules, by their numbers in a roster: those that are to be run on a record.
 * Cheap to empty when little is in it.
 */
#ifndef PARSERS_PICKS_H
#define PARSERS_PICKS_H

#include "span.h"

struct picks {
    uint64_t *words;
    size_t count;    /* numbers are below */
    size_t low, top; /* words before and from here on are zero */
};

void picks_init(struct picks *picks, size_t count);
void picks_finish(struct picks *picks);

void picks_clear(struct picks *picks);
void picks_add_all(struct picks *picks);
void picks_merge(struct picks *picks, const struct picks *more); /* both of one count */

static inline void picks_add(struct picks *picks, size_t i)
{
    picks->words[i / 64] |= (uint64_t)1 << i % 64;
    if (i / 64 < picks->low)
        picks->low = i / 64;
    if (i / 64 >= picks->top)
        picks->top = i / 64 + 1;
}

static inline bool picks_has(const struct picks *picks, size_t i)
{
    return picks->words[i / 64] >> i % 64 & 1;
}

/* The first number in [from, until) that is in the set, else until. */
size_t picks_next(const struct picks *picks, size_t from, size_t until);

#endif
