/* SPDX-License-Identifier: MIT
 *
 * What of the bytes just read is whole lines, what is passed over, and where a record
 * ends for certain. Only to tell a hole from room is the file looked at again.
 */
#include "shipper/sources/file_piece.h"

#include "parsers/limits.h"
#include "shipper/sources/hole.h"

/* NUL bytes at the end of a log may be room that its writer is about to fill: they
 * are a hole once something stands behind them, or if it is too far to look for. */
static bool is_hole(
    const struct file_tail *tail, uint64_t offset, size_t nuls, const struct file_piece *piece)
{
    if (nuls < piece->bytes.len || piece->is_last)
        return true;
    if (tail->stream)
        return piece->is_longest && nuls > LIMIT_LINE_BYTES;
    return file_tail_pass_hole(tail, &offset, LIMIT_LINE_BYTES) &&
           file_tail_reaches(tail, offset + 1);
}

/* Takes the rest of an over-long line and a hole off the piece, into the chunk. False
 * if the NUL bytes that are left may be room. */
static bool pass_over(const struct file_tail *tail, const struct file_row *row,
    struct file_piece *piece, struct tail_chunk *chunk)
{
    size_t nuls;

    if (row->is_skipping) {
        const char *newline = span_find(piece->bytes, '\n');

        chunk->is_late = row->is_late;
        chunk->passed = newline ? (size_t)(newline + 1 - piece->bytes.at) : piece->bytes.len;
        chunk->offset += chunk->passed;
        piece->bytes = span_from(piece->bytes, chunk->passed);
    }
    nuls = hole_bytes(piece->bytes);
    if (nuls > 0 && !is_hole(tail, chunk->offset, nuls, piece))
        return false;
    chunk->hole = nuls;
    chunk->offset += nuls;
    piece->bytes = span_from(piece->bytes, nuls);
    return true;
}

/* Ends the piece before the next hole. A record ends there too, if it is one. */
static void end_at_hole(struct file_piece *piece, struct tail_chunk *chunk)
{
    const char *hole = hole_find(piece->bytes);
    struct span rest;

    if (!hole)
        return;
    rest = span_between(hole, span_end(piece->bytes));
    chunk->has_more = true;
    chunk->is_final = hole_bytes(rest) < rest.len || piece->is_longest || piece->is_last;
    piece->bytes = span_between(piece->bytes.at, hole);
    piece->is_last = false;
}

bool file_piece_take(const struct file_tail *tail, const struct file_row *row,
    struct file_piece piece, struct tail_chunk *chunk)
{
    const char *last = NULL;

    *chunk = (struct tail_chunk){.offset = row->offset, .stream = tail->stream};
    if (pass_over(tail, row, &piece, chunk)) {
        end_at_hole(&piece, chunk);
        last = piece.bytes.len > 0 ? memrchr(piece.bytes.at, '\n', piece.bytes.len) : NULL;
    } else
        piece.bytes.len = 0;
    chunk->lines = (struct span){piece.bytes.at, last ? (size_t)(last + 1 - piece.bytes.at) : 0};
    if (!last && piece.is_longest && piece.bytes.len > LIMIT_LINE_BYTES) {
        chunk->lines.len = LIMIT_LINE_BYTES;
        chunk->is_cut = chunk->has_more = true;
    } else if (piece.is_last) {
        chunk->unfinished = piece.bytes.len - chunk->lines.len;
        chunk->lines = piece.bytes;
    }
    return chunk->passed + chunk->hole + chunk->lines.len > 0;
}
