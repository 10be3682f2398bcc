/* SPDX-License-Identifier: MIT
 *
 * JSON objects spread over several lines, as a draft finds them: each begins with a line
 * that is `{`.
 */
#ifndef PARSERS_DRAFT_RECORDS_H
#define PARSERS_DRAFT_RECORDS_H

#include "arena.h"

/* The pattern for `multiline: {start: …}`, on which such records begin. */
#define DRAFT_RECORDS_START "^\\{"

bool draft_records_are_spread(const struct span *lines, size_t count);

/* Puts each into one line, which is the same to JSON; returns how many lines there are
 * then. At LIMIT_RECORD_LINES, LIMIT_LINE_BYTES or the arena's end the rest is left out. */
size_t draft_records_join(struct span *lines, size_t count, struct arena *arena);

#endif
