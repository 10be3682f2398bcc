/* SPDX-License-Identifier: MIT
 *
 * Which file is which. Whatever tells of a file (the first scan, a sweep, inotify)
 * goes through follow_look_at. What a file is called decides nothing here but the
 * order in which a rotated file and its successor are read.
 */
#include "shipper/sources/follow.h"

#include "parsers/memory.h"
#include "shipper/sources/awake.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/rotation.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool wake(void *arg, struct followed *reader)
{
    struct error err;

    return awake_reopen(arg, reader, &err) == AWAKE_OPEN;
}

void follow_init(struct following *f)
{
    f->history = file_history_new(wake, f);
    f->awake_most = awake_limit();
    TAILQ_INIT(&f->dirty);
    TAILQ_INIT(&f->awake);
    LIST_INIT(&f->ageing);
}

void follow_finish(struct following *f)
{
    file_set_finish(&f->set);
    folders_finish(&f->folders);
    file_history_free(f->history);
    troubles_finish(&f->troubles);
    buffer_finish(&f->buffer);
}

/* --- the queue of dirty files ---------------------------------------------- */

void follow_push(struct following *f, struct followed *file)
{
    if (file->is_dirty)
        return;
    file->is_dirty = true;
    f->dirty_count++;
    TAILQ_INSERT_TAIL(&f->dirty, file, dirty);
}

struct followed *follow_pop(struct following *f)
{
    struct followed *file = TAILQ_FIRST(&f->dirty);

    if (!file)
        return NULL;
    TAILQ_REMOVE(&f->dirty, file, dirty);
    file->is_dirty = false;
    f->dirty_count--;
    return file;
}

/* --- ageing ---------------------------------------------------------------- */

static void set_ageing(struct following *f, struct followed *file, bool is_ageing)
{
    if (file->is_ageing == is_ageing)
        return;
    file->is_ageing = is_ageing;
    if (!is_ageing) {
        LIST_REMOVE(file, ageing);
        return;
    }
    if (LIST_EMPTY(&f->ageing))
        f->next_ageing_ms = f->now.monotonic_ms + FOLLOW_LOOK_MS;
    LIST_INSERT_HEAD(&f->ageing, file, ageing);
}

void follow_age(struct following *f, struct followed *file)
{
    set_ageing(f, file,
        file->is_gone || (file->tail.held_bytes > 0 && rotation_successor(f, file) != NULL));
}

void follow_look_at_ageing(struct following *f)
{
    struct followed *file;

    if (LIST_EMPTY(&f->ageing) || f->now.monotonic_ms < f->next_ageing_ms)
        return;
    LIST_FOREACH(file, &f->ageing, ageing)
    follow_push(f, file);
    f->next_ageing_ms = f->now.monotonic_ms + FOLLOW_LOOK_MS;
}

bool follow_is_settled(const struct following *f, const struct followed *file)
{
    return file->is_ageing &&
           f->now.monotonic_ms - file->quiet_since_ms >= file->input->settings.settle_ms;
}

/* --- files come and go ----------------------------------------------------- */

static void set_gone(struct following *f, struct followed *file, bool is_gone)
{
    if (file->is_gone == is_gone)
        return;
    file->is_gone = is_gone;
    file->quiet_since_ms = f->now.monotonic_ms;
    follow_age(f, file);
    if (is_gone)
        follow_push(f, file);
}

/* Puts another file in the place of the one referred to. */
static void refer(struct followed **from, struct followed *to)
{
    if (*from)
        (*from)->references--;
    *from = to;
    if (to)
        to->references++;
}

/* What is learnt later holds: files that wait for each other would do so for ever. */
void follow_set_after(struct followed *file, struct followed *after)
{
    for (struct followed *f = after; f; f = f->after)
        if (f->after == file)
            refer(&f->after, NULL);
    refer(&file->after, after == file ? NULL : after);
}

void follow_set_original(struct followed *file, struct followed *original)
{
    refer(&file->original, original);
}

void follow_original(struct following *f, struct followed *file)
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
        !file_tail_seek_copied(&file->tail, &original->tail, &original->past->row, row)) {
        if (original->past->row.offset > offset &&
            file_tail_fits(&file->tail, &original->past->row))
            *row = original->past->row;
        follow_set_original(file, NULL);
    }
    if (row->offset > offset)
        file_history_count(f->history, file->past, ACCOUNT_COPY, row->offset - offset);
    follow_touch(f, file);
}

void follow_release(struct following *f, struct followed *file)
{
    if (!file->past)
        return;
    if (file->past->row.offset > 0)
        file_history_touch(f->history, file->past); /* that nobody has it open is news */
    for (size_t i = 0; file->references > 0 && i < f->set.count; i++)
        if (f->set.items[i]->original == file) {
            follow_original(f, f->set.items[i]);
            follow_set_original(f->set.items[i], NULL);
        }
    follow_set_original(file, NULL);
    file->past->tail = NULL;
    file->past->reader = NULL;
    file->past = NULL;
    file->said = (struct remarks){0};
    if (f->inflating == file)
        f->inflating = NULL;
}

void follow_close(struct following *f, struct followed *file)
{
    if (file->past && file->past->row.offset > 0)
        follow_touch(f, file);
    follow_release(f, file);
    for (size_t i = 0; file->references > 0 && i < f->set.count; i++)
        if (f->set.items[i]->after == file)
            follow_set_after(f->set.items[i], NULL);
    follow_set_after(file, NULL);
    set_ageing(f, file, false);
    awake_drop(f, file);
    LIST_REMOVE(file, in_folder);
    file_set_remove(&f->set, file);
}

void follow_touch(struct following *f, struct followed *file)
{
    struct past_file *past = file->past;

    past->row.device = file->tail.stat.st_dev;
    past->row.inode = file->tail.stat.st_ino;
    past->row.seen_s = f->now.wall_s;
    past->size = file_tail_size(&file->tail, &past->row);
    past->held_bytes = file->tail.held_bytes;
    if (!past->path || strcmp(past->path, file->path) != 0) {
        free(past->path);
        past->path = memory_string(span_of(file->path));
    }
    file_history_touch(f->history, past);
}

enum tail_result follow_identify(
    struct following *f, struct followed *file, bool is_from_end, struct error *err)
{
    struct past_file *past;
    struct file_row row = {0};
    struct span line;
    enum tail_result result = file_tail_first_line(&file->tail, &f->buffer, &line, err);
    enum past_match match;

    if (result != TAIL_CHUNK)
        return result;
    row.source_id = file_hash_of(line);
    match = file_history_match(f->history, &file->tail, &row.source_id, &past, &row);
    if (match == PAST_NONE && is_from_end && !file_tail_seek_end(&file->tail, &row, err))
        return TAIL_FAILED;
    if (match == PAST_COPY || match == PAST_PREFIX) {
        follow_set_original(file, past->reader);
        follow_set_after(file, past->reader);
        follow_push(f, past->reader);
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

void follow_note(
    struct following *f, const char *path, enum log_level level, const struct error *err)
{
    troubles_note(&f->troubles, path, level, err, &f->now);
}

void follow_give_up(struct following *f, struct followed *file, const struct error *err)
{
    struct error said;

    error_set(&said, err->kind, err->code, "%.180s: %.200s", file->path, err->message);
    follow_note(f, file->path, LOG_WARNING, &said);
    follow_close(f, file);
}

void follow_wait(struct following *f, struct followed *file, const struct error *err)
{
    follow_note(f, file->path, LOG_WARNING, err);
    set_ageing(f, file, true);
}

static struct followed *add(
    struct following *f, struct folder *folder, const char *path, const struct file_tail *tail)
{
    struct followed *file = file_set_add(&f->set, path, tail);

    file->folder = folder;
    file->input = folder->input;
    file->is_catching_up = true;
    file->sweep = f->sweep;
    file->quiet_since_ms = f->now.monotonic_ms;
    LIST_INSERT_HEAD(&folder->files, file, in_folder);
    awake_touch(f, file);
    return file;
}

/* Looks whether a row has the file's content, and proves it well enough where only a
 * few bytes were read: a first line may be the same in every file. *row is then
 * what it would be read by. */
static bool is_known(struct following *f, struct file_tail *tail, struct file_row *row)
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
static bool begin(struct following *f, struct folder *folder, const char *path,
    const struct file_tail *tail, struct followed *before)
{
    static const struct file_row unread;
    struct followed *file = add(f, folder, path, tail), *pinned = f->pinned;
    struct followed_input *input = folder->input;
    enum tail_result result;
    struct error err;

    if (before) {
        follow_set_after(file, before);
        follow_push(f, before);
        if (strcmp(before->path, path) == 0)
            set_gone(f, before, true);
    }
    f->pinned = file;
    result = follow_identify(f, file, followed_input_is_from_end(input, path), &err);
    f->pinned = pinned;
    if (result == TAIL_FAILED) {
        followed_input_add_late(input, path);
        follow_give_up(f, file, &err);
        return false;
    }
    if (file->past && file_tail_seal(&file->tail, &file->past->row))
        follow_touch(f, file);
    /* Many may be found at once, and it is long until the turn of the last. */
    file_tail_put_aside(&file->tail, file->past ? &file->past->row : &unread);
    file->is_linked = folders_see_target(&f->folders, folder, path, f->now.monotonic_ms);
    follow_push(f, file);
    return true;
}

static void follow(struct following *f, struct folder *folder, const char *path)
{
    struct followed_input *input = folder->input;
    struct file_tail tail;
    struct file_row row;
    struct error err;

    if (!awake_open(f, path, &tail, &err)) {
        if (err.code == ENOENT)
            return;
        follow_note(f, path, LOG_WARNING, &err);
        followed_input_add_late(input, path);
        return;
    }
    tail.encoding = input->settings.encoding;
    /* Renamed between the look and the opening, or to wait for the second round. */
    if (file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino) ||
        (f->is_by_inode && !is_known(f, &tail, &row))) {
        file_tail_close(&tail);
        return;
    }
    /* One that could not be read may have been here before. */
    if (f->has_swept && f->troubles.count > 0)
        rotation_look(f, folder, path);
    troubles_clear(&f->troubles, path);
    /* In the first scan nothing is open yet whose successor this could be. */
    if (!begin(f, folder, path, &tail, f->has_swept ? file_set_named(&f->set, path) : NULL))
        return;
    followed_input_drop_late(input, path);
    input->found++;
    if (f->has_swept && input->found == 1)
        log_write(LOG_INFO, "%s is there now, following it", path);
}

static bool is_at(const struct followed *file, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_ino == file->tail.stat.st_ino &&
           st.st_dev == file->tail.stat.st_dev;
}

static void move(
    struct following *f, struct followed *file, struct folder *folder, const char *path)
{
    file_set_rename(&f->set, file, path);
    if (file->past && file->past->row.offset > 0)
        follow_touch(f, file);
    LIST_REMOVE(file, in_folder);
    LIST_INSERT_HEAD(&folder->files, file, in_folder);
    file->folder = folder;
    file->is_linked = folders_see_target(&f->folders, folder, path, f->now.monotonic_ms);
}

/* A file that is followed was seen under a path. */
static void recognise(struct following *f, struct folder *folder, struct followed *file,
    const char *path, const struct stat *st, bool is_hint)
{
    const struct stat *last = &file->tail.stat;

    if (file->input != folder->input && !file->is_shared) {
        log_write(LOG_WARNING,
            "%s belongs to two inputs, only %s follows it: name all rules in one input", path,
            file->input->settings.pattern);
        file->is_shared = true;
    }
    file->sweep = f->sweep;
    /* Two names at once (links) are no rename. */
    if (strcmp(file->path, path) != 0) {
        if (!is_at(file, file->path))
            move(f, file, folder, path);
    } else if (file->is_linked)
        folders_see_target(&f->folders, folder, path, f->now.monotonic_ms);
    set_gone(f, file, false);
    if (is_hint || file->is_waited_for || st->st_size != last->st_size ||
        st->st_mtim.tv_sec != last->st_mtim.tv_sec || st->st_mtim.tv_nsec != last->st_mtim.tv_nsec)
        follow_push(f, file);
}

/* gzip removes the original when all of it is in name.gz; until then a part of it
 * there would pass for another file. */
static bool is_being_compressed(const char *path)
{
    size_t len = strlen(path), ending = strlen(".gz");
    char *original;
    bool is_there;

    if (len <= ending || strcmp(path + len - ending, ".gz") != 0)
        return false;
    original = memory_string((struct span){path, len - ending});
    is_there = access(original, F_OK) == 0;
    free(original);
    return is_there;
}

/* The original is gone, so its compressed copy is complete: nothing else tells it. */
static void look_at_compressed(struct following *f, struct folder *folder, const char *path)
{
    struct buffer compressed = {0};
    const char *name;

    buffer_printf(&compressed, "%s.gz", path);
    buffer_append_byte(&compressed, '\0');
    name = strrchr(compressed.bytes, '/');
    if (glob_is_name(folder->names, name ? name + 1 : compressed.bytes))
        follow_look_at(f, folder, compressed.bytes, true);
    buffer_finish(&compressed);
}

/* Nothing can be seen at the path: its file, if there was one, has lost it. */
static void look_at_nothing(struct following *f, struct folder *folder, const char *path)
{
    struct followed *file = file_set_named(&f->set, path);
    struct error err;
    struct stat st;

    if (file && !file->is_gone && strcmp(file->path, path) == 0) {
        set_gone(f, file, true);
        look_at_compressed(f, folder, path);
    }
    if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
        return;
    folders_see_target(&f->folders, folder, path, f->now.monotonic_ms);
    error_set(&err, ERROR_SYSTEM, 0, "%s is a link to a file that is not there", path);
    follow_note(f, path, LOG_WARNING, &err);
}

static void look_at_failed(struct following *f, struct folder *folder, const char *path, int code)
{
    struct followed *file = file_set_named(&f->set, path);
    struct error err;

    /* Out of reach is not gone. */
    if (file)
        file->sweep = f->sweep;
    errno = code;
    error_system(&err, "cannot look at %s", path);
    follow_note(f, path, LOG_WARNING, &err);
    followed_input_add_late(folder->input, path);
}

void follow_look_at(struct following *f, struct folder *folder, const char *path, bool is_hint)
{
    struct trouble *trouble = troubles_find(&f->troubles, path);
    struct followed *file;
    struct error err;
    struct stat st;

    if (followed_input_is_excluded(folder->input, path))
        return;
    if (trouble)
        trouble->seen_ms = f->now.monotonic_ms;
    if (stat(path, &st) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            look_at_nothing(f, folder, path);
        else
            look_at_failed(f, folder, path, errno);
        return;
    }
    file = file_set_find(&f->set, st.st_dev, st.st_ino);
    if (file) {
        if (trouble)
            troubles_clear(&f->troubles, path);
        recognise(f, folder, file, path, &st, is_hint);
        return;
    }
    if (trouble && !is_hint && f->now.monotonic_ms < trouble->retry_at_ms)
        return;
    if (S_ISREG(st.st_mode)) {
        if (!is_being_compressed(path))
            follow(f, folder, path);
        return;
    }
    error_set(&err, ERROR_SYSTEM, 0, "%s is %s, not a log file", path, file_kind(st.st_mode));
    /* A directory beside the logs is nothing to worry about. */
    follow_note(f, path,
        S_ISDIR(st.st_mode) && glob_has_wildcard(folder->names) ? LOG_DEBUG : LOG_WARNING, &err);
}

/* It has not been written to for a while. */
static bool is_old(
    const struct following *f, const struct followed_input *input, const struct stat *st)
{
    return f->now.wall_s - st->st_mtim.tv_sec > input->settings.settle_ms / 1000;
}

static void follow_rotated(struct following *f, struct folder *folder, const char *path)
{
    struct followed *file;
    struct file_tail tail;
    struct file_row row;
    struct error err;
    bool has_more;

    if (is_being_compressed(path) || !awake_open(f, path, &tail, &err))
        return;
    tail.encoding = folder->input->settings.encoding;
    if (file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino) || !is_known(f, &tail, &row)) {
        file_tail_close(&tail);
        return;
    }
    has_more = file_tail_reaches(&tail, row.offset + 1);
    if (!has_more && is_old(f, folder->input, &tail.stat)) {
        file_tail_close(&tail);
        return;
    }
    if (has_more)
        log_write(LOG_INFO, "%s was rotated before it was read to its end, reading its rest", path);
    if (!begin(f, folder, path, &tail, NULL))
        return;
    file = file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino);
    set_gone(f, file, true);
}

void follow_look_at_rotated(struct following *f, struct folder *folder, const char *path)
{
    struct followed *file;
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
        followed_input_is_excluded(folder->input, path))
        return;
    file = file_set_find(&f->set, st.st_dev, st.st_ino);
    if (!file)
        follow_rotated(f, folder, path);
    else if (strcmp(file->path, path) != 0 && !is_at(file, file->path))
        move(f, file, folder, path);
}

void follow_end_sweep(struct following *f, struct folder *folder)
{
    struct followed *file;

    LIST_FOREACH(file, &folder->files, in_folder)
    if (file->sweep != f->sweep)
        set_gone(f, file, true);
}
