/* SPDX-License-Identifier: MIT
 *
 * A note (notes.h) as bytes to be made durable, and back.
 */
#ifndef PARSERS_NOTE_ROW_H
#define PARSERS_NOTE_ROW_H

#include "notes.h"

/* log: the number of its log's row, 0 for a log. Spans point into the bytes. */
struct note_row {
    struct note_start start;
    uint64_t log, count, cursor, position;
    int64_t touched_s;
};

/* Overwrites what is in the row. */
void note_row_write(const struct note *note, struct buffer *row);

/* False if this version cannot read it. */
bool note_row_read(struct span bytes, struct note_row *row);

#endif
