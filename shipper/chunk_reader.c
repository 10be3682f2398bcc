/* SPDX-License-Identifier: MIT
 *
 * One buffer that holds what was read and not given out. It grows to
 * LIMIT_LINE_BYTES for one long line and not beyond.
 */
#include "shipper/chunk_reader.h"

#include "parsers/limits.h"
#include "shipper/sources/hole.h"

#include <errno.h>
#include <unistd.h>

enum { MARK_BYTES = 3 /* of the longest byte order mark, and of gzip's beginning */ };

static ssize_t read_descriptor(void *arg, char *to, size_t most)
{
    const struct chunk_reader *reader = arg;

    return read(reader->fd, to, most);
}

void chunk_reader_init(struct chunk_reader *reader, int fd, enum encoding encoding)
{
    *reader = (struct chunk_reader){
        .read = read_descriptor, .arg = reader, .fd = fd, .decoding.encoding = encoding};
}

void chunk_reader_resume(struct chunk_reader *reader, uint64_t offset, bool is_skipping)
{
    reader->offset = offset;
    reader->is_skipping = is_skipping;
    reader->is_begun = true;
}

void chunk_reader_drop(struct chunk_reader *reader, uint64_t offset, bool is_skipping)
{
    reader->unwanted = offset;
    reader->is_skipping = is_skipping;
}

void chunk_reader_finish(struct chunk_reader *reader)
{
    decoder_free(reader->decoder);
    buffer_finish(&reader->raw);
    buffer_finish(&reader->held);
}

static void drop_given(struct chunk_reader *reader)
{
    struct buffer *held = &reader->held;

    if (reader->given == 0)
        return;
    reader->offset += reader->given;
    held->len -= reader->given;
    memmove(held->bytes, held->bytes + reader->given, held->len);
    reader->given = 0;
}

static bool read_raw(struct chunk_reader *reader, struct error *err)
{
    char *to = buffer_reserve(&reader->raw, DECODER_INPUT_BYTES);
    ssize_t n;

    do
        n = reader->read(reader->arg, to, DECODER_INPUT_BYTES);
    while (n < 0 && errno == EINTR);
    reader->is_dry = n < 0 && errno == EAGAIN;
    if (reader->is_dry)
        return true;
    if (n < 0)
        return error_system(err, "can't read");
    reader->raw.len += (size_t)n;
    reader->is_raw_end = n == 0;
    return true;
}

static bool begin(struct chunk_reader *reader, struct error *err)
{
    while (reader->raw.len < MARK_BYTES && !reader->is_raw_end && !reader->is_dry)
        if (!read_raw(reader, err))
            return false;
    if (reader->is_dry)
        return true;
    if (reader->is_begun)
        reader->decoding = (struct decoding){0};
    else
        reader->decoding = decoding_of(buffer_span(&reader->raw), reader->decoding.encoding);
    reader->decoder = decoder_new(reader->decoding, err);
    return reader->decoder != NULL;
}

static void drop_unwanted(struct chunk_reader *reader)
{
    reader->given =
        reader->unwanted < reader->held.len ? (size_t)reader->unwanted : reader->held.len;
    reader->unwanted -= reader->given;
    drop_given(reader);
}

/* Nothing comes of what is there. */
static bool end(struct chunk_reader *reader, enum decoder_result result, struct error *err)
{
    if (result == DECODER_BROKEN)
        return error_set(err, ERROR_CORRUPT, 0, "it %s", decoder_trouble(reader->decoder));
    if (reader->decoding.is_gzip && result != DECODER_END)
        return error_set(err, ERROR_CORRUPT, 0, "it ends in the middle of its compressed data");
    reader->is_at_end = true;
    return true;
}

static bool read_more(struct chunk_reader *reader, struct error *err)
{
    size_t before = reader->held.len;
    enum decoder_result result;
    struct span in;

    if (!reader->decoder && !begin(reader, err))
        return false;
    if (!reader->decoder)
        return true;
    in = buffer_span(&reader->raw);
    result = decoder_feed(reader->decoder, &in, &reader->held);
    if (in.len == reader->raw.len && reader->held.len == before)
        return reader->is_raw_end || result == DECODER_BROKEN ? end(reader, result, err)
                                                              : read_raw(reader, err);
    memmove(reader->raw.bytes, in.at, in.len);
    reader->raw.len = in.len;
    drop_unwanted(reader);
    return true;
}

/* Where lines end that can be given out: at a hole, or with the last newline; NULL
 * if there is none. */
static const char *find_end(const struct chunk_reader *reader, bool *is_hole)
{
    struct span held = buffer_span(&reader->held);
    const char *newline, *hole = hole_find(held);

    *is_hole = hole != NULL;
    if (hole)
        return hole;
    newline = held.len > 0 ? memrchr(held.at, '\n', held.len) : NULL;
    return newline ? newline + 1 : NULL;
}

/* Gives out the first len bytes. */
static void give(struct chunk_reader *reader, size_t len, struct engine_chunk *chunk)
{
    *chunk = (struct engine_chunk){.bytes = {reader->held.bytes, len}, .offset = reader->offset};
    reader->given = len;
    reader->kept = 0;
}

void chunk_reader_take(struct chunk_reader *reader, size_t taken)
{
    reader->kept = reader->given - taken;
    reader->given = taken;
}

/* As much as there may be of a line or record. */
static void give_cut(struct chunk_reader *reader, struct engine_chunk *chunk)
{
    reader->is_skipping = reader->kept == 0;
    give(reader, reader->kept > 0 ? reader->kept : LIMIT_LINE_BYTES, chunk);
    chunk->is_cut = true;
}

enum chunk_result chunk_reader_next(
    struct chunk_reader *reader, struct engine_chunk *chunk, struct error *err)
{
    for (;;) {
        const struct buffer *held = &reader->held;
        const char *lines_end;
        bool is_hole;

        drop_given(reader);
        if (!reader->is_skipping) {
            reader->given = hole_bytes(buffer_span(held));
            reader->hole += reader->given;
            drop_given(reader);
        }
        lines_end = find_end(reader, &is_hole);
        if (reader->is_skipping) {
            const char *newline = span_find(buffer_span(held), '\n');

            reader->given = newline ? (size_t)(newline + 1 - held->bytes) : held->len;
            reader->passed += reader->given;
            reader->is_skipping = !newline;
            if (newline)
                continue;
            drop_given(reader);
        } else if (lines_end && (is_hole || lines_end > held->bytes + reader->kept)) {
            give(reader, (size_t)(lines_end - held->bytes), chunk);
            chunk->is_final = is_hole;
            return CHUNK_WHOLE;
        } else if (held->len >= LIMIT_LINE_BYTES) {
            give_cut(reader, chunk);
            return CHUNK_WHOLE;
        }
        if (reader->is_at_end) {
            if (held->len == 0)
                return CHUNK_END;
            give(reader, held->len, chunk);
            chunk->is_final = true;
            return CHUNK_UNFINISHED;
        }
        reader->is_dry = false;
        if (!read_more(reader, err))
            return CHUNK_ERROR;
        if (reader->is_dry)
            return CHUNK_WAIT;
    }
}
