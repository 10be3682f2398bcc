/* SPDX-License-Identifier: MIT
 *
 * An open file whose bytes are not those that lines are cut from: gzip, another
 * encoding than UTF-8, or both (decoder.h). Read by offsets in the decoded bytes.
 *
 * Reading on is linear; going back further than the latest reads begins again at
 * a place that is known, which for gzip is the beginning. Holds up to about 2 MiB
 * while it is read, and next to nothing after file_stream_rest.
 */
#ifndef SHIPPER_SOURCES_FILE_STREAM_H
#define SHIPPER_SOURCES_FILE_STREAM_H

#include "parsers/limits.h"
#include "shipper/sources/decoder.h"
#include "shipper/sources/file_row.h"

#include <sys/stat.h>
#include <sys/types.h>

struct file_stream;

/* Looks at the first bytes of the file. *stream is NULL if it is read as it
 * stands. The descriptor stays the caller's. */
bool file_stream_open(
    int descriptor, enum encoding configured, struct file_stream **stream, struct error *err);
void file_stream_free(struct file_stream *stream); /* accepts NULL */

/* Like pread: fewer bytes than wanted only at the end of what can be decoded now;
 * -1 with errno. */
ssize_t file_stream_read(struct file_stream *stream, char *to, size_t wanted, uint64_t offset);

enum { FILE_STREAM_HISTORY_BYTES = LIMIT_LINE_BYTES };

/* Where what can be decoded now ends; -1 with errno. The bytes before it, up to
 * FILE_STREAM_HISTORY_BYTES, are then at hand. */
int64_t file_stream_end(struct file_stream *stream);

/* Whether the file's bytes behind what was decoded are the ones that were. */
bool file_stream_is_same(const struct file_stream *stream);

/* How the latest read that came to the end found it. */
enum stream_end {
    STREAM_GROWING, /* more may come, as in any log; gzip: a member is not complete */
    STREAM_FINAL,   /* gzip: the last member is complete */
    STREAM_BROKEN,  /* gzip: the rest cannot be read */
};
enum stream_end file_stream_state(const struct file_stream *stream);
bool file_stream_is_gzip(const struct file_stream *stream);

/* gzip: not all members were complete at the end. */
bool file_stream_is_incomplete(const struct file_stream *stream);

/* What is wrong with it, in words that follow the file's name; NULL: nothing. */
const char *file_stream_trouble(const struct file_stream *stream);

/* Whether the file is as it was when the reader came to rest at that offset:
 * there is nothing to read, and no need to decode anything to know it. */
bool file_stream_is_resting(
    const struct file_stream *stream, uint64_t offset, const struct stat *now);

/* Whether it is at rest there and not even half a line follows. */
bool file_stream_ends_at(const struct file_stream *stream, uint64_t offset, const struct stat *now);

/* Bytes of the file that have not been decoded. */
uint64_t file_stream_unread(const struct file_stream *stream, const struct stat *now);

/* Where decoding may begin to read on by this row; and what to keep in the row for
 * that, once its offset has moved. */
void file_stream_resume(struct file_stream *stream, const struct file_row *row);

/* The row turned out to be another file's: what was decoded by it is void. */
void file_stream_doubt(struct file_stream *stream);

void file_stream_keep(const struct file_stream *stream, struct file_row *row);

/* If the row is at the end of gzip, notes in it how to know this without decoding
 * all again; true if that is new. */
bool file_stream_seal(struct file_stream *stream, struct file_row *row);

/* Whether the row was sealed at the end of these compressed bytes. If so, the stream
 * is at rest. */
bool file_stream_is_sealed(struct file_stream *stream, const struct file_row *row);

/* Gives back all memory before the file is read by the row. */
void file_stream_put_aside(struct file_stream *stream, const struct file_row *row);

/* All there is was read by the row: gives back memory. With is_done all of it, so
 * that the next read begins at a known place again. */
void file_stream_rest(struct file_stream *stream, const struct file_row *row, bool is_done);

#endif
