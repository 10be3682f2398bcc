/* SPDX-License-Identifier: MIT
 *
 * A piece of a file, just read, and the chunk that is made of it.
 */
#ifndef SHIPPER_SOURCES_FILE_PIECE_H
#define SHIPPER_SOURCES_FILE_PIECE_H

#include "shipper/sources/file_tail.h"

/* What was read after the row's offset. */
struct file_piece {
    struct span bytes;
    bool is_longest; /* there may be more, but no more is read for one line */
    bool is_last;    /* there is and will be no more */
};

/* Fills *chunk with what is to be delivered; false if a line has begun that does not
 * end there. */
bool file_piece_take(const struct file_tail *tail, const struct file_row *row,
    struct file_piece piece, struct tail_chunk *chunk);

#endif
