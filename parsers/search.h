/* SPDX-License-Identifier: MIT
 *
 * Many literals looked for at once in a chunk of bytes, in one pass that skips most
 * of them (Wu and Manber, A Fast Algorithm for Multi-Pattern Searching, 1994). How
 * much is skipped depends on the shortest literal.
 */
#ifndef PARSERS_SEARCH_H
#define PARSERS_SEARCH_H

#include "blocks.h"
#include "literal.h"

struct search;

/* Literals are copied; no two are alike. The blocks are those of the log: on them
 * depends what it costs. */
struct search *search_new(
    const struct literal *literals, size_t count, const struct blocks *blocks);
void search_free(struct search *search); /* accepts NULL */

/* One literal found, once for each place: all of its text is there. */
struct search_hit {
    const char *at; /* a byte of it */
    size_t literal; /* its number in what search_new was given */
};

/* Starts on other bytes, which must stay until the last search_next. */
void search_begin(struct search *search, struct span bytes);

/* The next hit before `until`, in the order of `at`; false if there is none. Until
 * hits are taken they wait, so calls with growing bounds give all of them. */
bool search_next(struct search *search, const char *until, struct search_hit *hit);

/* The place of the next hit, NULL if there is none. */
const char *search_peek(struct search *search);

#endif
