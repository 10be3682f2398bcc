/* SPDX-License-Identifier: MIT
 *
 * Head, marker and their bytes in the spool. Does no I/O: whoever has the file
 * open brings the bytes.
 */
#include "shipper/sources/file_row.h"

#include <openssl/sha.h>

enum {
    SKIPPING_LATE = 2,
    ROW_VERSION = 2,
    ROW_BYTES_1 = 2 + 2 + 5 * 8 + 3 * FILE_HASH_BYTES,
    ROW_BYTES = ROW_BYTES_1 + 1 + 3 * 8 + FILE_HASH_BYTES,
};

struct file_hash file_hash_of(struct span bytes)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct file_hash hash;

    SHA256((const unsigned char *)bytes.at, bytes.len, digest);
    memcpy(hash.bytes, digest, sizeof(hash.bytes));
    return hash;
}

bool file_hash_equal(const struct file_hash *a, const struct file_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static size_t at_most(uint64_t n, size_t most)
{
    return n < most ? (size_t)n : most;
}

size_t file_row_lead(const struct file_row *row)
{
    return row->offset <= FILE_HEAD_BYTES ? (size_t)row->offset : FILE_MARKER_BYTES;
}

/* Until the head is complete it covers every byte read, the marker's included. */
bool file_row_fits(const struct file_row *row, const char *lead)
{
    struct file_hash now = file_hash_of((struct span){lead, file_row_lead(row)});

    if (row->offset == 0)
        return true;
    return file_hash_equal(&now, row->offset <= FILE_HEAD_BYTES ? &row->head : &row->marker);
}

void file_row_place(struct file_row *row, uint64_t offset, struct span head, struct span marker)
{
    row->offset = offset;
    row->sealed_bytes = 0;
    row->head_bytes = (unsigned)head.len;
    row->head = file_hash_of(head);
    row->marker = file_hash_of(marker);
}

void file_row_move(struct file_row *row, const char *from, size_t n)
{
    uint64_t offset = row->offset + n;
    size_t marker_bytes = at_most(offset, FILE_MARKER_BYTES);

    if (row->head_bytes < FILE_HEAD_BYTES) {
        row->head_bytes = (unsigned)at_most(offset, FILE_HEAD_BYTES);
        row->head = file_hash_of((struct span){from - row->offset, row->head_bytes});
    }
    row->marker = file_hash_of((struct span){from + n - marker_bytes, marker_bytes});
    row->offset = offset;
    row->sealed_bytes = 0;
}

static char *put(char *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *to++ = (char)(value >> (8 * i));
    return to;
}

static char *put_hash(char *to, const struct file_hash *hash)
{
    memcpy(to, hash->bytes, sizeof(hash->bytes));
    return to + sizeof(hash->bytes);
}

void file_row_encode(const struct file_row *row, struct buffer *out)
{
    char *to = buffer_reserve(out, ROW_BYTES);

    to = put(to, ROW_VERSION, 1);
    to = put(to, row->is_late ? SKIPPING_LATE : row->is_skipping, 1);
    to = put(to, row->head_bytes, 2);
    to = put(to, row->generation, 8);
    to = put(to, row->offset, 8);
    to = put(to, row->device, 8);
    to = put(to, row->inode, 8);
    to = put(to, (uint64_t)row->seen_s, 8);
    to = put_hash(to, &row->source_id);
    to = put_hash(to, &row->head);
    to = put_hash(to, &row->marker);
    to = put(to, row->encoding, 1);
    to = put(to, row->resume.offset, 8);
    to = put(to, row->resume.raw, 8);
    to = put(to, row->sealed_bytes, 8);
    put_hash(to, &row->seal);
    out->len += ROW_BYTES;
}

static uint64_t take(struct span *rest, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)rest->at[i] << (8 * i);
    *rest = span_from(*rest, bytes);
    return value;
}

static struct file_hash take_hash(struct span *rest)
{
    struct file_hash hash;

    memcpy(hash.bytes, rest->at, sizeof(hash.bytes));
    *rest = span_from(*rest, sizeof(hash.bytes));
    return hash;
}

bool file_row_decode(struct span value, struct file_row *row)
{
    struct file_row read = {0};
    uint64_t version = value.len > 0 ? take(&value, 1) : 0;
    uint64_t skipping;

    if (version < 1 || version > ROW_VERSION ||
        value.len + 1 != (version == 1 ? ROW_BYTES_1 : ROW_BYTES))
        return false;
    skipping = take(&value, 1);
    read.is_skipping = skipping != 0;
    read.is_late = skipping == SKIPPING_LATE;
    read.head_bytes = (unsigned)take(&value, 2);
    read.generation = take(&value, 8);
    read.offset = take(&value, 8);
    read.device = take(&value, 8);
    read.inode = take(&value, 8);
    read.seen_s = (int64_t)take(&value, 8);
    read.source_id = take_hash(&value);
    read.head = take_hash(&value);
    read.marker = take_hash(&value);
    if (version > 1) {
        uint64_t encoding = take(&value, 1);

        if (encoding >= ENCODINGS)
            return false;
        read.encoding = (enum encoding)encoding;
        read.resume.offset = take(&value, 8);
        read.resume.raw = take(&value, 8);
        read.sealed_bytes = take(&value, 8);
        read.seal = take_hash(&value);
    }
    if (read.head_bytes != at_most(read.offset, FILE_HEAD_BYTES) || read.offset > INT64_MAX ||
        read.resume.offset > read.offset || read.resume.raw > INT64_MAX)
        return false;
    *row = read;
    return true;
}
