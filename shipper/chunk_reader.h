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

#include <sys/types.h>

struct chunk_reader {
    ssize_t (*read)(void *arg, char *to, size_t most); /* as read(2); EAGAIN: not now */
    void *arg;
    int fd;
    struct decoding decoding; /* how it is read, once something was */
    struct decoder *decoder;
    struct buffer raw; /* read, and not yet decoded */
    bool is_begun;     /* its beginning was read by another */
    bool is_raw_end;
    bool is_dry;        /* there is nothing to read now */
    uint64_t unwanted;  /* decoded bytes still to be dropped, from the beginning */
    struct buffer held; /* read, and not yet given out from `given` on */
    size_t given;
    size_t kept;     /* of what follows `given`: was in the chunk before and not taken */
    uint64_t offset; /* of held's first byte in the stream */
    bool is_at_end;
    bool is_skipping; /* inside the rest of a line that was cut */

    /* Bytes before the chunk just given out, or before the end, that were in none: the
     * rest of over-long lines, and holes. Added to; the caller sets them to 0. */
    uint64_t passed, hole;
};

enum chunk_result {
    CHUNK_WHOLE,      /* whole lines, or the start of an over-long one (is_cut) */
    CHUNK_UNFINISHED, /* the last line, without its newline, and what was not taken (is_final) */
    CHUNK_WAIT,       /* nothing now: read says EAGAIN */
    CHUNK_END,
    CHUNK_ERROR,
};

/* The descriptor stays the caller's; encoding is of a text without a byte order mark. A
 * caller may put a `read` of its own in place before the first chunk. */
void chunk_reader_init(struct chunk_reader *reader, int fd, enum encoding encoding);

/* Before the first chunk, to go on where another reader was: either what is read begins
 * there, and is plain; or it begins at 0, and its first `offset` decoded bytes are
 * dropped. is_skipping: that is inside the rest of a line that was cut. */
void chunk_reader_resume(struct chunk_reader *reader, uint64_t offset, bool is_skipping);
void chunk_reader_drop(struct chunk_reader *reader, uint64_t offset, bool is_skipping);

void chunk_reader_finish(struct chunk_reader *reader);

/* The next chunk, valid until the next call. What was not taken of the one before
 * is at its front: with more behind it, with is_cut when no more fits in, or with
 * is_final. */
enum chunk_result chunk_reader_next(
    struct chunk_reader *reader, struct engine_chunk *chunk, struct error *err);

/* Of the chunk just given out, only so many bytes were taken. */
void chunk_reader_take(struct chunk_reader *reader, size_t taken);

#endif
