/* SPDX-License-Identifier: MIT
 *
 * Reads a descriptor from where it stands to its end, in chunks of whole lines:
 * for files and pipes that are read once, not followed. Compressed and transcoded
 * ones are decoded (decoder.h), and holes passed over (hole.h), as in a followed file.
 */
#ifndef SHIPPER_CHUNK_READER_H
#define SHIPPER_CHUNK_READER_H

#include "parsers/engine.h"
#include "shipper/sources/decoder.h"

struct chunk_reader {
    int fd;
    struct decoding decoding; /* how it is read, once something was */
    struct decoder *decoder;
    struct buffer raw; /* read, and not yet decoded */
    bool is_raw_end;
    struct buffer held; /* read, and not yet given out from `given` on */
    size_t given;
    size_t kept;     /* of what follows `given`: was in the chunk before and not taken */
    uint64_t offset; /* of held's first byte in the stream */
    bool is_at_end;
    bool is_skipping; /* inside the rest of a line that was cut */
};

enum chunk_result {
    CHUNK_WHOLE,      /* whole lines, or the start of an over-long one (is_cut) */
    CHUNK_UNFINISHED, /* the last line, without its newline, and what was not taken (is_final) */
    CHUNK_END,
    CHUNK_ERROR,
};

/* The descriptor stays the caller's; encoding is of a text without a byte order mark. */
void chunk_reader_init(struct chunk_reader *reader, int fd, enum encoding encoding);
void chunk_reader_finish(struct chunk_reader *reader);

/* The next chunk, valid until the next call. What was not taken of the one before
 * is at its front: with more behind it, with is_cut when no more fits in, or with
 * is_final. */
enum chunk_result chunk_reader_next(
    struct chunk_reader *reader, struct engine_chunk *chunk, struct error *err);

/* Of the chunk just given out, only so many bytes were taken. */
void chunk_reader_take(struct chunk_reader *reader, size_t taken);

#endif
