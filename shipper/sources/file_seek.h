/* SPDX-License-Identifier: MIT
 *
 * Where in an open file a row stands, proven by the file's bytes.
 */
#ifndef SHIPPER_SOURCES_FILE_SEEK_H
#define SHIPPER_SOURCES_FILE_SEEK_H

#include "shipper/sources/file_tail.h"

/* Whether head and marker of the row are this file's bytes. */
bool file_seek_fits(const struct file_tail *tail, const struct file_row *row);

/* Puts the row at the end of the last whole line as if all before had been read. */
bool file_seek_end(struct file_tail *tail, struct file_row *row, struct error *err);

/* Whether all of this file's whole lines are also, at the same place, in what
 * `other` has read by its row: a copy under way, or one that the original has
 * outgrown. If so, *row is put behind them. Asks for FILE_HEAD_BYTES at least:
 * less is no proof. */
bool file_seek_copied(struct file_tail *tail, const struct file_tail *other,
    const struct file_row *other_row, struct file_row *row);

/* Whether all whole lines of the file stand at the same place in the other: at least
 * FILE_HEAD_BYTES of them. */
bool file_seek_is_within(const struct file_tail *tail, const struct file_tail *other);

/* Notes in the row, which has just moved, where decoding may begin; NULL: the file
 * stands as it is read. */
void file_seek_keep(const struct file_stream *stream, struct file_row *row);

#endif
