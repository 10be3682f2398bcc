/* SPDX-License-Identifier: MIT
 *
 * Reading one file that others write, truncate and rewrite meanwhile. Each read
 * starts before the offset, so that lines are only taken from behind bytes that
 * are known; size and first bytes are looked at once more after it, since a read
 * is not atomic against a truncation. Never mmap: a truncated log is a SIGBUS.
 */
#include "shipper/sources/file_tail.h"

#include "parsers/limits.h"
#include "shipper/sources/binary.h"
#include "shipper/sources/file_piece.h"
#include "shipper/sources/file_seek.h"
#include "shipper/sources/hole.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FIRST_LOOK_BYTES = 4096, LONG_BYTES = 16 << 10 };

const char *file_kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a regular file";
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    }
    return "a special file";
}

/* /proc and its like: they say that they are empty files. */
static bool is_of_kernel(int descriptor, const struct stat *st)
{
    static const uint32_t kinds[] = {
        PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, CGROUP2_SUPER_MAGIC};
    struct statfs fs;

    if (st->st_blocks > 0 || fstatfs(descriptor, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if ((uint32_t)fs.f_type == kinds[i])
            return true;
    return false;
}

bool file_tail_open(struct file_tail *tail, const char *path, struct error *err)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat now;

    if (descriptor < 0) {
        error_system(err, "cannot open %s", path);
        if (err->code == EACCES)
            error_hint(err, "`usage-shipper doctor` says what the user that usage-shipper runs as "
                            "needs for it.");
        return false;
    }
    if (fstat(descriptor, &now) < 0) {
        error_system(err, "cannot look at %s", path);
        close(descriptor);
        return false;
    }
    if (!S_ISREG(now.st_mode)) {
        close(descriptor);
        return error_set(
            err, ERROR_SYSTEM, 0, "%s is %s, not a file", path, file_kind(now.st_mode));
    }
    if (is_of_kernel(descriptor, &now)) {
        close(descriptor);
        return error_set(
            err, ERROR_SYSTEM, 0, "%s is made up by the kernel as it is read, not a file", path);
    }
    *tail = (struct file_tail){.descriptor = descriptor, .stat = now};
    return true;
}

void file_tail_close(struct file_tail *tail)
{
    file_stream_free(tail->stream);
    tail->stream = NULL;
    if (tail->descriptor >= 0)
        close(tail->descriptor);
    tail->descriptor = -1;
}

ssize_t file_tail_read_at(const struct file_tail *tail, char *to, size_t wanted, uint64_t offset)
{
    size_t got = 0;

    if (tail->stream)
        return file_stream_read(tail->stream, to, wanted, offset);
    while (got < wanted) {
        ssize_t n = pread(tail->descriptor, to + got, wanted - got, (off_t)(offset + got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

bool file_tail_read_all_at(const struct file_tail *tail, char *to, size_t wanted, uint64_t offset)
{
    return file_tail_read_at(tail, to, wanted, offset) == (ssize_t)wanted;
}

static enum tail_result fail(struct error *err)
{
    error_system(err, "cannot read");
    return TAIL_FAILED;
}

bool file_tail_is_final(const struct file_tail *tail)
{
    return tail->is_final || (tail->stream && file_stream_state(tail->stream) == STREAM_FINAL);
}

bool file_tail_pass_hole(const struct file_tail *tail, uint64_t *offset, uint64_t most)
{
    char bytes[FIRST_LOOK_BYTES];

    for (uint64_t looked = 0; looked < most; looked += sizeof(bytes)) {
        ssize_t n = file_tail_read_at(tail, bytes, sizeof(bytes), *offset);
        size_t nuls = n > 0 ? hole_bytes((struct span){bytes, (size_t)n}) : 0;
        off_t data;

        if (n < 0)
            return false;
        *offset += nuls;
        if (nuls < sizeof(bytes))
            return true;
        if (tail->stream)
            continue;
        data = lseek(tail->descriptor, (off_t)*offset, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            data = lseek(tail->descriptor, 0, SEEK_END);
        if (data >= 0)
            *offset = (uint64_t)data;
    }
    return true;
}

/* The file's own bytes, or a stream of them. */
static bool look(struct file_tail *tail, struct error *err)
{
    char bytes[BINARY_LOOK_BYTES];
    const char *kind;
    ssize_t n;

    file_stream_free(tail->stream);
    tail->stream = NULL;
    if (!file_stream_open(tail->descriptor, tail->encoding, &tail->stream, err))
        return false;
    n = file_tail_read_at(tail, bytes, sizeof(bytes), 0);
    if (n < 0)
        return error_system(err, "cannot read");
    kind = binary_kind((struct span){bytes, (size_t)n});
    return !kind || error_set(err, ERROR_SYSTEM, 0, "this is %s, not a log", kind);
}

bool file_tail_reopen(struct file_tail *tail, const struct file_tail *opened, struct error *err)
{
    tail->descriptor = opened->descriptor;
    tail->stat = opened->stat;
    return look(tail, err);
}

/* Nothing of what was delivered is held any more: it is gone. */
static enum tail_result changed(struct file_tail *tail)
{
    tail->open_end = 0;
    return TAIL_CHANGED;
}

enum tail_result file_tail_first_line(
    struct file_tail *tail, struct buffer *buffer, struct span *line, struct error *err)
{
    static const size_t sizes[] = {FIRST_LOOK_BYTES, LIMIT_LINE_BYTES + 1};
    uint64_t offset = 0;

    if (!look(tail, err))
        return TAIL_FAILED;
    if (!file_tail_pass_hole(tail, &offset, UINT64_MAX))
        return fail(err);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        const char *newline;
        ssize_t n;

        buffer_clear(buffer);
        n = file_tail_read_at(tail, buffer_reserve(buffer, sizes[i]), sizes[i], offset);
        if (n < 0 || fstat(tail->descriptor, &tail->stat) < 0)
            return fail(err);
        *line = (struct span){buffer->bytes, (size_t)n};
        newline = span_find(*line, '\n');
        tail->held_bytes = newline ? 0 : (uint64_t)n;
        if (newline) {
            line->len = (size_t)(newline - line->at);
            return TAIL_CHUNK;
        }
        if (line->len > LIMIT_LINE_BYTES) {
            line->len = LIMIT_LINE_BYTES;
            return TAIL_CHUNK;
        }
        if ((size_t)n < sizes[i])
            break;
    }
    if (line->len == 0 || !file_tail_is_final(tail))
        return TAIL_QUIET;
    tail->held_bytes = 0;
    return TAIL_CHUNK;
}

/* Lines that were delivered and not taken are so again when there are more, or when
 * there will not be. */
static bool is_worth_delivering(
    bool is_line_limit, uint64_t delivered_end, struct tail_chunk *chunk)
{
    if (chunk->offset + chunk->lines.len > delivered_end)
        return true;
    chunk->is_cut = is_line_limit;
    return chunk->is_final || is_line_limit;
}

/* Whether the file has become shorter than what was read of it, now or before. */
static bool is_shorter(const struct file_tail *tail, uint64_t end, bool is_whole)
{
    uint64_t size = (uint64_t)tail->stat.st_size;

    if (tail->stream)
        return is_whole && end < tail->open_end;
    return size < end || size < tail->open_end;
}

/* The first bytes of what was read, once more: if they changed, a truncation
 * came in between and what was read may be of two files. */
static bool is_still_there(const struct file_tail *tail, struct span was, uint64_t offset)
{
    char now[FILE_HEAD_BYTES];
    size_t len = was.len < sizeof(now) ? was.len : sizeof(now);

    if (tail->stream)
        return file_stream_is_same(tail->stream);
    return file_tail_read_all_at(tail, now, len, offset) && memcmp(now, was.at, len) == 0;
}

/* Before anything was read there is no head to prove that the file is still the
 * one that was identified; its first line does. */
static bool is_known_beginning(const struct file_row *row, const struct tail_chunk *chunk)
{
    struct span line = chunk->lines;
    const char *newline;
    struct file_hash hash;

    if (row->offset > 0 || (line.len == 0 && chunk->hole > 0))
        return true;
    newline = span_find(line, '\n');
    hash = file_hash_of(newline ? span_between(line.at, newline) : line);
    return file_hash_equal(&hash, &row->source_id);
}

/* Only more of a long unfinished line was added: all of it is read again when it
 * ends, not for every piece. */
static bool is_still_unfinished(
    struct file_tail *tail, const struct file_row *row, struct buffer *buffer)
{
    uint64_t end = row->offset + tail->held_bytes, size;
    struct span added;
    ssize_t n;

    if (tail->stream || tail->is_final || tail->open_end > 0 || row->is_skipping ||
        tail->held_bytes < LONG_BYTES || fstat(tail->descriptor, &tail->stat) < 0)
        return false;
    size = (uint64_t)tail->stat.st_size;
    if (size < end || size - row->offset > LIMIT_LINE_BYTES)
        return false;
    buffer_clear(buffer);
    n = file_tail_read_at(tail, buffer_reserve(buffer, size - end), size - end, end);
    added = (struct span){buffer->bytes, n > 0 ? (size_t)n : 0};
    if (n < 0 || span_find(added, '\n') || span_find(added, '\0'))
        return false;
    tail->held_bytes += added.len;
    return true;
}

enum tail_result file_tail_read(struct file_tail *tail, const struct file_row *row,
    struct buffer *buffer, struct tail_chunk *chunk, struct error *err)
{
    static const size_t sizes[] = {LIMIT_CHUNK_BYTES, LIMIT_LINE_BYTES + 1};
    size_t lead = file_row_lead(row);
    uint64_t from = row->offset - lead;

    if (tail->stream) {
        if (fstat(tail->descriptor, &tail->stat) < 0)
            return fail(err);
        if (!tail->is_final && file_stream_is_resting(tail->stream, row->offset, &tail->stat))
            return TAIL_QUIET;
        file_stream_resume(tail->stream, row);
    }
    if (is_still_unfinished(tail, row, buffer))
        return TAIL_QUIET;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct file_piece piece = {.is_longest = i > 0};
        struct span bytes;
        ssize_t n;

        buffer_clear(buffer);
        n = file_tail_read_at(tail, buffer_reserve(buffer, lead + sizes[i]), lead + sizes[i], from);
        if (n < 0 || fstat(tail->descriptor, &tail->stat) < 0)
            return fail(err);
        bytes = (struct span){buffer->bytes, (size_t)n};
        if (bytes.len < lead || !file_row_fits(row, bytes.at) ||
            is_shorter(tail, from + bytes.len, bytes.len < lead + sizes[i]))
            return changed(tail);
        piece.bytes = span_from(bytes, lead);
        piece.is_last = bytes.len < lead + sizes[i] && file_tail_is_final(tail);
        if (file_piece_take(tail, row, piece, chunk)) {
            if (!is_still_there(tail, bytes, from) || !is_known_beginning(row, chunk))
                return changed(tail);
            tail->held_bytes = (uint64_t)(span_end(piece.bytes) - span_end(chunk->lines));
            chunk->has_more |= bytes.len == lead + sizes[i] ||
                               (!tail->stream && (uint64_t)tail->stat.st_size > from + bytes.len);
            chunk->is_final |= (tail->is_final || piece.is_last) && !chunk->has_more;
            /* A stream comes to rest by one more read. */
            chunk->has_more |= tail->stream != NULL;
            if (is_worth_delivering(piece.bytes.len > LIMIT_LINE_BYTES, tail->open_end, chunk))
                return TAIL_CHUNK;
        }
        tail->held_bytes = bytes.len - lead;
        if (bytes.len < lead + sizes[i])
            break;
    }
    return TAIL_QUIET;
}

/* Inside a line that is too long: only there a row stands behind no newline, but
 * for the end of gzip. */
static bool is_inside(const struct tail_chunk *chunk, uint64_t taken, char last)
{
    return last != '\n' && (chunk->is_cut || (taken == 0 && chunk->hole == 0));
}

void file_tail_advance(
    struct file_tail *tail, struct file_row *row, const struct tail_chunk *chunk, uint64_t taken)
{
    size_t n = (size_t)(chunk->passed + chunk->hole + taken);
    size_t left = chunk->lines.len - (size_t)taken;
    const char *from = chunk->lines.at - chunk->hole - chunk->passed;
    bool is_behind;

    tail->held_bytes += left;
    tail->open_end = left > 0 ? chunk->offset + chunk->lines.len : 0;
    if (n == 0)
        return;
    is_behind = chunk->unfinished > 0 && left == 0;
    row->is_skipping = is_inside(chunk, taken, from[n - 1]) || is_behind;
    row->is_late = row->is_skipping && (is_behind || (chunk->is_late && taken == 0));
    file_row_move(row, from, n);
    file_seek_keep(chunk->stream, row);
}

bool file_tail_reaches(const struct file_tail *tail, uint64_t offset)
{
    char last;

    if (tail->stream && offset > 0 && file_stream_ends_at(tail->stream, offset - 1, &tail->stat))
        return false;
    return offset == 0 || file_tail_read_all_at(tail, &last, 1, offset - 1);
}

void file_tail_hold(struct file_tail *tail, struct tail_chunk *chunk)
{
    chunk->lines.len -= chunk->unfinished;
    tail->held_bytes += chunk->unfinished;
    chunk->unfinished = 0;
}

uint64_t file_tail_size(const struct file_tail *tail, const struct file_row *row)
{
    if (!tail->stream)
        return (uint64_t)tail->stat.st_size;
    return row->offset + tail->held_bytes + file_stream_unread(tail->stream, &tail->stat);
}

bool file_tail_is_heavy(const struct file_tail *tail)
{
    return tail->stream && file_stream_is_gzip(tail->stream);
}

bool file_tail_seal(struct file_tail *tail, struct file_row *row)
{
    return tail->stream && file_stream_seal(tail->stream, row);
}

void file_tail_put_aside(struct file_tail *tail, const struct file_row *row)
{
    if (tail->stream)
        file_stream_put_aside(tail->stream, row);
}

void file_tail_rest(struct file_tail *tail, const struct file_row *row, bool is_settled)
{
    if (tail->stream)
        file_stream_rest(
            tail->stream, row, is_settled || file_stream_state(tail->stream) != STREAM_GROWING);
}
