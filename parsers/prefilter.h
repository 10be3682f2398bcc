/* SPDX-License-Identifier: MIT
 *
 * Which lines of a chunk can be of interest to a roster's rules, and to which of them,
 * without looking at the other lines: one search over the chunk (search.h) for what
 * the rules need (needs.h). It never misses one that a rule would take; it may name
 * lines and rules of which nothing comes.
 */
#ifndef PARSERS_PREFILTER_H
#define PARSERS_PREFILTER_H

#include "picks.h"
#include "roster.h"

struct prefilter;

/* The roster is borrowed. */
struct prefilter *prefilter_new(const struct roster *roster);
void prefilter_free(struct prefilter *prefilter); /* accepts NULL */

/* Starts on a chunk of whole lines, which must stay until the last prefilter_pick. */
void prefilter_begin(struct prefilter *prefilter, struct span chunk);

/* A byte of the first line from `from` on that is of interest; NULL: none is. `from`
 * begins a line and never goes back. */
const char *prefilter_next(struct prefilter *prefilter, const char *from);

/* The rules that may take a record of these bytes, which are whole lines of the chunk;
 * records come in their order. */
void prefilter_pick(struct prefilter *prefilter, struct span record, struct picks *picks);

#endif
