/* SPDX-License-Identifier: MIT
 *
 * Only what is true of any file that is followed, whatever its name and content:
 * look.c finds files, identity.c tells them apart.
 */
#include "shipper/sources/follow.h"

#include "parsers/memory.h"
#include "shipper/sources/awake.h"
#include "shipper/sources/identity.h"
#include "shipper/sources/rotation.h"

#include <stdlib.h>

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
    if (f->is_once)
        return f->is_final;
    return file->is_ageing &&
           f->now.monotonic_ms - file->quiet_since_ms >= file->input->settings.settle_ms;
}

/* --- files come and go ----------------------------------------------------- */

struct followed *follow_add(
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

void follow_set_gone(struct following *f, struct followed *file, bool is_gone)
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

void follow_release(struct following *f, struct followed *file)
{
    if (!file->past)
        return;
    if (file->past->row.offset > 0)
        file_history_touch(f->history, file->past); /* that nobody has it open is news */
    for (size_t i = 0; file->references > 0 && i < f->set.count; i++)
        if (f->set.items[i]->original == file) {
            identity_keep_up(f, f->set.items[i]);
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
