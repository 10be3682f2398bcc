/* SPDX-License-Identifier: MIT
 *
 * What a file is called decides nothing here but the order in which a rotated file
 * and its successor are read.
 */
#include "shipper/sources/look.h"

#include "parsers/memory.h"
#include "shipper/sources/awake.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/identity.h"
#include "shipper/sources/rotation.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* True if the file is followed from now on. */
static bool begin(struct following *f, struct folder *folder, const char *path,
    const struct file_tail *tail, struct followed *before)
{
    static const struct file_row unread;
    struct followed *file = follow_add(f, folder, path, tail), *pinned = f->pinned;
    struct followed_input *input = folder->input;
    enum tail_result result;
    struct error err;

    if (before) {
        follow_set_after(file, before);
        follow_push(f, before);
        if (strcmp(before->path, path) == 0)
            follow_set_gone(f, before, true);
    }
    f->pinned = file;
    result = identity_find(f, file, followed_input_is_from_end(input, path), &err);
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
        (f->is_by_inode && !identity_is_known(f, &tail, &row))) {
        file_tail_close(&tail);
        return;
    }
    /* One that could not be read may have been here before. */
    if (f->has_swept && f->troubles.count > 0)
        rotation_look(f, folder, path);
    /* In the first scan nothing is open yet whose successor this could be. */
    if (!begin(f, folder, path, &tail, f->has_swept ? file_set_named(&f->set, path) : NULL))
        return;
    troubles_clear(&f->troubles, path);
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
    follow_set_gone(f, file, false);
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
        look_at(f, folder, compressed.bytes, true);
    buffer_finish(&compressed);
}

/* Nothing can be seen at the path: its file, if there was one, has lost it. */
static void look_at_nothing(struct following *f, struct folder *folder, const char *path)
{
    struct followed *file = file_set_named(&f->set, path);
    struct error err;
    struct stat st;

    if (file && !file->is_gone && strcmp(file->path, path) == 0) {
        follow_set_gone(f, file, true);
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

void look_at(struct following *f, struct folder *folder, const char *path, bool is_hint)
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
    if (file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino) ||
        !identity_is_known(f, &tail, &row)) {
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
    follow_set_gone(f, file, true);
}

void look_at_rotated(struct following *f, struct folder *folder, const char *path)
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

void look_at_moved(struct following *f, struct folder *folder, const char *path, const char *former)
{
    struct followed *live = file_set_named(&f->set, former), *file;
    struct file_tail tail;
    struct error err;

    if (!awake_open(f, path, &tail, &err)) {
        follow_note(f, path, LOG_WARNING, &err);
        return;
    }
    tail.encoding = folder->input->settings.encoding;
    if (file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino)) {
        file_tail_close(&tail);
        return;
    }
    log_write(LOG_INFO, "%s was rotated before it was opened, reading it as %s", former, path);
    if (!begin(f, folder, path, &tail, NULL))
        return;
    file = file_set_find(&f->set, tail.stat.st_dev, tail.stat.st_ino);
    follow_set_gone(f, file, true);
    if (!live || live->is_gone || strcmp(live->path, former) != 0)
        return;
    follow_set_after(file, live->after);
    follow_set_after(live, file);
}

void look_end_sweep(struct following *f, struct folder *folder)
{
    struct followed *file;

    LIST_FOREACH(file, &folder->files, in_folder)
    if (file->sweep != f->sweep)
        follow_set_gone(f, file, true);
}
