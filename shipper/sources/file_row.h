/* SPDX-License-Identifier: MIT
 *
 * What is remembered of a file that was read: its cursor in the spool. A file is
 * known by its content, not by name or inode: the hash of its head (the bytes
 * read so far, until that is 1 KiB) and the marker (hash of up to 256 bytes
 * before the offset). Where both match, the content up to the offset is the one
 * that was read, whatever the file is called now.
 *
 * Every hash is the first 16 bytes of SHA-256. A source id is used raw, as 16
 * bytes.
 */
#ifndef SHIPPER_SOURCES_FILE_ROW_H
#define SHIPPER_SOURCES_FILE_ROW_H

#include "shipper/sources/encoding.h"

enum { FILE_HASH_BYTES = 16, FILE_HEAD_BYTES = 1024, FILE_MARKER_BYTES = 256 };

struct file_hash {
    unsigned char bytes[FILE_HASH_BYTES];
};

/* The same place among the bytes that lines are cut from, and in the file. */
struct file_place {
    uint64_t offset, raw;
};

struct file_row {
    struct file_hash source_id; /* of the first line, without terminator, at most
                                   LIMIT_LINE_BYTES */
    uint64_t generation;        /* which life of a file this is */
    uint64_t offset;            /* bytes read for good */
    bool is_skipping;    /* the offset is inside an over-long line: its rest is passed over */
    bool is_late;        /* with is_skipping: inside a line that was taken as complete */
    unsigned head_bytes; /* under `head`: the offset, at most FILE_HEAD_BYTES */
    struct file_hash head;
    struct file_hash marker;
    uint64_t device, inode; /* of the latest sight: break ties between rows, nothing else */
    int64_t seen_s;         /* UNIX seconds of the latest sight */

    /* Of a file that is transcoded: where that may begin for what is before the
     * offset; {0} is the beginning. */
    enum encoding encoding;
    struct file_place resume;

    /* Of gzip that was read to its end: how long the file is, and the hash of its last
     * bytes, in which gzip keeps a sum of the content. 0 bytes: not at such an end. */
    uint64_t sealed_bytes;
    struct file_hash seal;
};

struct file_hash file_hash_of(struct span bytes);
bool file_hash_equal(const struct file_hash *a, const struct file_hash *b);

/* How many bytes before the offset file_row_fits and file_row_move want to see:
 * all of them until the head is complete, FILE_MARKER_BYTES from then on. */
size_t file_row_lead(const struct file_row *row);

/* Whether the bytes that now stand before the offset (file_row_lead of them) are
 * the ones that were read. */
bool file_row_fits(const struct file_row *row, const char *lead);

/* Moves the offset over the n bytes at `from`, which follow file_row_lead bytes
 * in the same buffer. */
void file_row_move(struct file_row *row, const char *from, size_t n);

/* Puts the offset somewhere else: head and marker are the bytes that are to be
 * remembered, the first up to FILE_HEAD_BYTES ones and the last up to
 * FILE_MARKER_BYTES ones before the offset. */
void file_row_place(struct file_row *row, uint64_t offset, struct span head, struct span marker);

/* The bytes that the spool keeps; fixed length, little-endian, with a version. */
void file_row_encode(const struct file_row *row, struct buffer *out);

/* False if this version cannot read them; *row is then untouched. Reads those of
 * version 1 too, which had no encoding. */
bool file_row_decode(struct span value, struct file_row *row);

#endif
