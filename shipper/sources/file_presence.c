/* SPDX-License-Identifier: MIT
 *
 * By content, as everywhere: a name proves nothing. A file that has to be decoded
 * is taken by its first line and its inode, rather than decoded up to the offset.
 * Changes nothing in the file or the spool, and never waits.
 */
#include "shipper/sources/file_presence.h"

#include "shipper/sources/file_seek.h"
#include "shipper/sources/file_tail.h"

/* What is read through a decoder. */
static bool is_same_stream(
    const struct file_tail *tail, const struct file_row *row, struct span line)
{
    struct file_hash hash = file_hash_of(line);

    return file_hash_equal(&hash, &row->source_id) && row->inode == tail->stat.st_ino &&
           row->device == tail->stat.st_dev;
}

static bool is_same(struct file_tail *tail, const struct file_row *row)
{
    struct buffer buffer = {0};
    struct span line;
    struct error err;
    bool is_told;

    tail->encoding = row->encoding;
    is_told = file_tail_first_line(tail, &buffer, &line, &err) == TAIL_CHUNK &&
              (tail->stream ? is_same_stream(tail, row, line) : file_seek_fits(tail, row));
    buffer_finish(&buffer);
    return is_told;
}

bool file_presence_look(struct span cursor, const char *path, struct stat *now, uint64_t *size)
{
    struct file_tail tail;
    struct file_row row;
    struct error err;
    bool is_here;

    if (!file_row_decode(cursor, &row) || !file_tail_open(&tail, path, &err))
        return false;
    is_here = is_same(&tail, &row);
    if (is_here)
        *now = tail.stat;
    if (is_here && !tail.stream)
        *size = (uint64_t)tail.stat.st_size;
    file_tail_close(&tail);
    return is_here;
}
