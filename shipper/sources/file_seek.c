/* SPDX-License-Identifier: MIT
 *
 * The same two proofs everywhere, the first bytes and the last before an offset:
 * nothing is taken for known by its name or length.
 */
#include "shipper/sources/file_seek.h"

#include <errno.h>

enum { STEP_BYTES = 4096 };

void file_seek_keep(const struct file_stream *stream, struct file_row *row)
{
    row->encoding = ENCODING_UTF_8;
    row->resume = (struct file_place){0, 0};
    if (stream)
        file_stream_keep(stream, row);
}

/* Up to `most` bytes before the offset; absent if they are not there. */
static struct span bytes_before(
    const struct file_tail *tail, uint64_t offset, char *to, size_t most)
{
    size_t len = offset < most ? (size_t)offset : most;

    if (!file_tail_read_all_at(tail, to, len, offset - len))
        return (struct span){NULL, 0};
    return (struct span){to, len};
}

/* The first bytes, up to FILE_HEAD_BYTES of them, of what is before the offset. */
static struct span bytes_of_head(
    const struct file_tail *tail, uint64_t offset, char to[FILE_HEAD_BYTES])
{
    return bytes_before(
        tail, offset < FILE_HEAD_BYTES ? offset : FILE_HEAD_BYTES, to, FILE_HEAD_BYTES);
}

static bool has_marks(const struct file_tail *tail, const struct file_row *row)
{
    char bytes[FILE_HEAD_BYTES];
    struct span head = bytes_of_head(tail, row->offset, bytes), marker;
    struct file_hash hash;

    if (!head.at)
        return false;
    hash = file_hash_of(head);
    if (!file_hash_equal(&hash, &row->head))
        return false;
    if (tail->stream && file_stream_is_sealed(tail->stream, row))
        return true;
    marker = bytes_before(tail, row->offset, bytes, FILE_MARKER_BYTES);
    if (!marker.at)
        return false;
    hash = file_hash_of(marker);
    return file_hash_equal(&hash, &row->marker);
}

bool file_seek_fits(const struct file_tail *tail, const struct file_row *row)
{
    bool fits;

    if (tail->stream)
        file_stream_resume(tail->stream, row);
    fits = has_marks(tail, row);
    if (!fits && tail->stream)
        file_stream_doubt(tail->stream);
    return fits;
}

/* Where the last whole line ends; 0 if there is none. A stream whose last line is
 * not finished for longer than its history ends where it ends. False: cannot be
 * read. */
static bool find_end(const struct file_tail *tail, uint64_t *end)
{
    char bytes[STEP_BYTES];
    uint64_t most = UINT64_MAX;
    struct stat now;
    int64_t size;

    if (fstat(tail->descriptor, &now) < 0)
        return false;
    size = now.st_size;
    if (tail->stream) {
        size = file_stream_end(tail->stream);
        most = FILE_STREAM_HISTORY_BYTES - sizeof(bytes);
    }
    if (size < 0)
        return false;
    *end = (uint64_t)size;
    while (*end > 0 && !file_tail_is_final(tail)) {
        struct span s = bytes_before(tail, *end, bytes, sizeof(bytes));
        const char *newline = s.at ? memrchr(s.at, '\n', s.len) : NULL;

        if (!s.at)
            return false;
        if (newline) {
            *end -= (uint64_t)(span_end(s) - newline - 1);
            break;
        }
        *end -= s.len;
        if ((uint64_t)size - *end > most) {
            *end = (uint64_t)size;
            break;
        }
    }
    return true;
}

static bool place_at(const struct file_tail *tail, struct file_row *row, uint64_t offset)
{
    char head_bytes[FILE_HEAD_BYTES], marker_bytes[FILE_MARKER_BYTES];
    struct span head = bytes_of_head(tail, offset, head_bytes);
    struct span marker = bytes_before(tail, offset, marker_bytes, sizeof(marker_bytes));

    if (!head.at || !marker.at)
        return false;
    file_row_place(row, offset, head, marker);
    row->is_skipping = false;
    file_seek_keep(tail->stream, row);
    return true;
}

bool file_seek_end(struct file_tail *tail, struct file_row *row, struct error *err)
{
    uint64_t end;

    errno = 0;
    if (fstat(tail->descriptor, &tail->stat) == 0 && find_end(tail, &end) &&
        place_at(tail, row, end))
        return true;
    if (errno != 0)
        return error_system(err, "cannot find the end");
    return error_set(err, ERROR_SYSTEM, 0, "it is being truncated");
}

bool file_seek_copied(struct file_tail *tail, const struct file_tail *other,
    const struct file_row *other_row, struct file_row *row)
{
    struct file_row placed = *row;
    uint64_t end;

    if (fstat(tail->descriptor, &tail->stat) < 0 || !find_end(tail, &end))
        return false;
    /* Behind an unfinished line that was taken as complete. */
    if (end < row->offset && file_tail_reaches(tail, row->offset))
        return file_seek_fits(tail, row) && file_seek_fits(other, other_row);
    if (end < FILE_HEAD_BYTES || end > other_row->offset || !place_at(tail, &placed, end) ||
        !file_seek_fits(other, &placed) || !file_seek_fits(other, other_row))
        return false;
    tail->open_end = 0;
    *row = placed;
    return true;
}

bool file_seek_is_within(const struct file_tail *tail, const struct file_tail *other)
{
    struct file_row row = {0};
    uint64_t end;

    return find_end(tail, &end) && end >= FILE_HEAD_BYTES && place_at(tail, &row, end) &&
           file_seek_fits(other, &row);
}
