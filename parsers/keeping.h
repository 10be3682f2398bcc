/* SPDX-License-Identifier: MIT
 *
 * Rules that keep something between lines: `count`, `once`, `pair`, `remember` and
 * `recall`, in notes (notes.h). Keys are those of a log and of the rule file's product;
 * windows are of one rule. Nothing kept points into a rule file, so that another set of
 * rules can go on with it.
 */
#ifndef PARSERS_KEEPING_H
#define PARSERS_KEEPING_H

#include "fill.h"
#include "notes.h"

struct keeping; /* what one engine needs to work on notes, which it borrows */

struct keeping *keeping_new(struct notes *notes);
void keeping_free(struct keeping *keeping); /* accepts NULL */

/* The record that the next calls are about, and where windows go that it ends: its time
 * is its log's. Values that the rule recalls are added to the captures, behind the
 * *count that are there, and live as long as the fill's arena. */
void keeping_begin(struct keeping *keeping, const struct fill *fill,
    const struct engine_output *output, uint64_t *events, struct field *captures, size_t *count);

/* Remembers what the rule says. False if the key cannot be filled. */
bool keeping_remember(struct keeping *keeping, const struct fill *fill);

/* What becomes of the rule's event: true if it goes out, perhaps under the id of its
 * window; false if it is in a count, or was sent before. */
bool keeping_take(struct keeping *keeping, const struct fill *fill, struct event *event);

/* Windows that end without a record. Each count goes to output->event, and *events says
 * how many; of the rest nothing is seen. */
void keeping_rest(
    struct notes *notes, int64_t now_s, const struct engine_output *output, uint64_t *events);

/* Ends every count, as at the end of `run --once`. */
void keeping_end_counts(struct notes *notes, const struct engine_output *output, uint64_t *events);

#endif
