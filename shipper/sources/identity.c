/* SPDX-License-Identifier: MIT
 *
 * By content alone; the inode breaks ties between rows. Names are not looked at.
 */
#include "shipper/sources/identity.h"

#include "shipper/sources/awake.h"
#include "shipper/sources/file_seek.h"
#include "shipper/sources/rotation.h"

/* Of a log of which nothing was read yet. Two logs may begin alike; one under a name that
 * rotation makes of the other's is its copy. */
static struct followed *unread_original(
    const struct following *f, const struct followed *file, const struct file_hash *source_id)
{
    struct followed *live = rotation_successor(f, file);

    if (!live || !live->is_awake || !live->past || live->past->row.offset > 0 ||
        !file_hash_equal(&live->past->row.source_id, source_id) ||
        !file_seek_is_within(&file->tail, &live->tail))
        return NULL;
    return live;
}

static void set_original(struct following *f, struct followed *file, struct followed *original)
{
    follow_set_original(file, original);
    follow_set_after(file, original);
    follow_push(f, original);
}

enum tail_result identity_find(
    struct following *f, struct followed *file, bool is_from_end, struct error *err)
{
    struct past_file *past;
    struct followed *original;
    struct file_row row = {0};
    struct span line;
    enum tail_result result = file_tail_first_line(&file->tail, &f->buffer, &line, err);
    enum past_match match;

    if (result != TAIL_CHUNK)
        return result;
    row.source_id = file_hash_of(line);
    match = file_history_match(f->history, &file->tail, &row.source_id, &past, &row);
    if (match == PAST_NONE && is_from_end && !file_seek_end(&file->tail, &row, err))
        return TAIL_FAILED;
    if (match == PAST_COPY || match == PAST_PREFIX)
        set_original(f, file, past->reader);
    original = match == PAST_NONE && !is_from_end ? unread_original(f, file, &row.source_id) : NULL;
    if (original) {
        row.generation = original->past->row.generation;
        set_original(f, file, original);
    }
    if (match != PAST_SAME) {
        past = file_history_add(f->history, &row);
        if (row.offset > 0)
            file_history_count(f->history, past,
                match == PAST_NONE ? ACCOUNT_BEFORE_START : ACCOUNT_COPY, row.offset);
    }
    file->past = past;
    past->tail = &file->tail;
    past->reader = file;
    if (row.offset > 0)
        follow_touch(f, file);
    return TAIL_CHUNK;
}

bool identity_is_known(struct following *f, struct file_tail *tail, struct file_row *row)
{
    struct past_file *past;
    enum past_match match;
    struct file_hash id;
    struct span line;
    struct error err;
    bool is_inode;

    if (file_tail_first_line(tail, &f->buffer, &line, &err) != TAIL_CHUNK)
        return false;
    id = file_hash_of(line);
    match = file_history_match(f->history, tail, &id, &past, row);
    if (match == PAST_NONE)
        return false;
    is_inode = past->row.device == tail->stat.st_dev && past->row.inode == tail->stat.st_ino;
    if (f->is_by_inode)
        return is_inode && match == PAST_SAME;
    return is_inode || past->row.offset >= FILE_MARKER_BYTES;
}

/* True if the file is followed from now on. */
void identity_keep_up(struct following *f, struct followed *file)
{
    struct followed *original = file->original;
    struct file_row *row;
    struct error err;
    uint64_t offset;

    if (!original)
        return;
    row = &file->past->row;
    offset = row->offset;
    if (awake_reopen(f, file, &err) != AWAKE_OPEN ||
        awake_reopen(f, original, &err) != AWAKE_OPEN ||
        !file_seek_copied(&file->tail, &original->tail, &original->past->row, row)) {
        if (original->past->row.offset > offset &&
            file_seek_fits(&file->tail, &original->past->row))
            *row = original->past->row;
        follow_set_original(file, NULL);
    }
    if (row->offset > offset)
        file_history_count(f->history, file->past, ACCOUNT_COPY, row->offset - offset);
    follow_touch(f, file);
}

bool identity_goes_on(const struct following *f, const struct followed *file, uint64_t end)
{
    const struct file_row *row = &file->past->row;

    for (struct past_file *p = NULL; (p = file_history_next(f->history, &row->source_id, p));) {
        const struct followed *other = p->reader;
        uint64_t size = other ? file_tail_size(&other->tail, &p->row) : 0;

        if (p == file->past || p->row.generation != row->generation)
            continue;
        if (p->row.offset >= end || size > end)
            return true;
        if (size == end && !follow_is_settled(f, other) && !file_tail_is_final(&other->tail))
            return true;
    }
    return false;
}
