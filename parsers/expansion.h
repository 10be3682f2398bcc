/* SPDX-License-Identifier: MIT
 *
 * A pattern with its named patterns written out, and the way back from each of
 * its bytes to the user's text.
 *
 *     %{NAME}          becomes (?:body)
 *     %{NAME:capture}  becomes (?<capture>body)
 *
 * A body is expanded likewise, at most LIMIT_PATTERN_NESTING deep. Left as they
 * are: `\%{`, `%{` inside a [character class], and `%{` before a digit or a
 * comma, which is PCRE2's quantifier on a percent sign.
 */
#ifndef PARSERS_EXPANSION_H
#define PARSERS_EXPANSION_H

#include "buffer.h"
#include "pattern.h"

struct piece; /* a run of the text and where it comes from */

/* {0} is an empty expansion. */
struct expansion {
    struct buffer text; /* at most LIMIT_PATTERN_BYTES */
    struct piece *pieces;
    size_t count, room;
};

/* Letters, digits and _, no digit first: what names patterns and captures. */
bool expansion_is_name(struct span s);

/* False with *fault filled; expansion_finish is needed in any case. */
bool expansion_write(struct expansion *expansion, struct span source,
    const struct pattern_name *local, size_t local_count, struct pattern_fault *fault);
void expansion_finish(struct expansion *expansion);

/* The place in the source of the byte at `at` of the text: one byte, or the
 * whole of the %{NAME} that it came from, whose name goes to *name (absent
 * otherwise). The end of the text is the end of the source, with length 0. */
void expansion_find(
    const struct expansion *expansion, size_t at, size_t *offset, size_t *len, struct span *name);

/* Fills a fault; name and such are cut to fit. */
void pattern_fault_set(struct pattern_fault *fault, size_t offset, size_t len, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

#endif
