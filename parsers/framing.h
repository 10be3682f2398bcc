/* SPDX-License-Identifier: MIT
 *
 * Framing: which lines of a source make one record. Without a `multiline` (NULL
 * here) every line is one. With it a pattern, run on each line as it is after
 * cleaning (clean.h), says where records begin:
 *
 *     {start: PATTERN}      a line that matches begins a record
 *     {continues: PATTERN}  a line that matches belongs to the record before it
 *
 * or, of a format whose values may have newlines in quotes (columns.h), a record goes on
 * while a quote is open. Such a record is complete with the line that closes it.
 *
 * A record also ends before the line that would take it over LIMIT_RECORD_LINES
 * or LIMIT_LINE_BYTES. The first line that is looked at begins a record whatever
 * it says, so what is behind such a cut is a record of its own, and where records
 * end depends only on the bytes from the start of one.
 */
#ifndef PARSERS_FRAMING_H
#define PARSERS_FRAMING_H

#include "keys.h"
#include "rule_text.h"

struct columns;
struct framing; /* compiled, immutable */

extern const struct key_shape framing_shape; /* of that map */

/* The map behind a `multiline` key; NULL with what is wrong added to errors. */
struct framing *framing_parse(
    const struct node *node, struct file_patterns *patterns, struct errors *errors);
/* By the quotes of the columns, which must outlive it. */
struct framing *framing_of_columns(const struct columns *columns);
void framing_free(struct framing *framing); /* accepts NULL */

/* Whether two of them, NULL included, say the same. */
bool framing_is_same(const struct framing *one, const struct framing *other);

struct frame {
    struct span bytes; /* all of its lines, terminators included */
    struct span first; /* its first line, without terminator */
    size_t lines;
    bool is_cut;   /* ended by a limit */
    bool is_error; /* the pattern hit its limits on a line, which was taken as no match */
};

/* Takes the next record off *rest, which begins where a record does. False when
 * there is none, or when more lines could belong to it: *rest is then untouched.
 * is_final: no more will come. The arena is reset for each line. */
bool framing_next(const struct framing *framing, struct matcher *matcher, struct arena *arena,
    bool is_final, struct span *rest, struct frame *frame);

/* Passes records of which nobody wants to know: *rest, which begins where a record
 * does, goes on to the beginning of one that is not behind the line with the byte
 * `until`, and no record in between is one that a limit cuts. It need not be the
 * last one before `until`. The pattern's limits are not told of. */
void framing_skip(const struct framing *framing, struct matcher *matcher, struct arena *arena,
    const char *until, struct span *rest);

/* The record's text: its lines cleaned, with "\n" between them. A part of the
 * frame where nothing had to go, else in the arena. False when that is full. */
bool framing_text(const struct frame *frame, struct arena *arena, struct span *text);

#endif
