/* SPDX-License-Identifier: MIT
 *
 * Folders are looked for, and looked into, when they are due; inotify says that some
 * are due now, or that a file is. Each look has its pause, so that nothing that
 * happens out there, however often, keeps us busy.
 */
#include "shipper/sources/lookout.h"

#include "parsers/limits.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/look.h"
#include "shipper/sources/rotation.h"

#include <errno.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,        /* how often what is due is looked for */
    SWEEP_MS = 60000,      /* where inotify tells of changes */
    SWEEP_BLIND_MS = 1000, /* where it does not */
    SOONEST_MS = 100,      /* between two looks at the same, however much happens there */
    WALK_MS = 5000,        /* between two looks for folders, */
    WALK_MS_A_FOLDER = 6,  /* or more where there are many */
    READS_MOST = 8,        /* of events, in a turn */
    DEAF_MS = 50,          /* not listening after events that meant nothing to us, */
    IN_VAIN_MOST = 3,      /* but for the first few … */
    IN_VAIN_MS = 1000,     /* … in such a time */
    FORGET_MS = 3 * SWEEP_MS,
    EXPIRE_MS = 600 * 1000, /* how often old rows are looked for */
};

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- folders -------------------------------------------------------------- */

struct walk {
    struct lookout *lookout;
    struct followed_input *input;
    unsigned folders;
    bool has_failed;
};

static void walk_directory(void *arg, const char *path, const char *names)
{
    struct walk *walk = arg;
    struct lookout *l = walk->lookout;

    folders_see(&l->f->folders, walk->input, path, names, l->f->now.monotonic_ms);
    walk->folders++;
}

static void walk_failed(void *arg, const char *path, int code)
{
    struct walk *walk = arg;
    struct error err;

    walk->has_failed = true;
    errno = code;
    error_system(&err, "cannot look into %s", path);
    follow_note(walk->lookout->f, path, LOG_WARNING, &err);
}

static void walk_input(struct lookout *l, struct followed_input *input)
{
    struct walk walk = {.lookout = l, .input = input};
    struct glob_visit visit = {walk_directory, walk_failed, &walk};
    struct error err;
    int64_t pause_ms = WALK_MS;

    input->walk++;
    if (!glob_walk(input->settings.pattern, &visit)) {
        error_set(&err, ERROR_SYSTEM, 0, "%s stands for over %u directories, the rest is left out",
            input->settings.pattern, LIMIT_FOLDERS);
        follow_note(l->f, input->settings.pattern, LOG_WARNING, &err);
    }
    if (walk.folders == 0)
        pause_ms = TICK_MS; /* its folder is not there: nothing tells when it is */
    else if ((int64_t)walk.folders * WALK_MS_A_FOLDER > WALK_MS)
        pause_ms = earlier((int64_t)walk.folders * WALK_MS_A_FOLDER, SWEEP_MS);
    input->folders = walk.folders;
    input->is_in_reach = !walk.has_failed;
    input->walked_ms = l->f->now.monotonic_ms;
    input->next_walk_ms = input->walked_ms + pause_ms;
}

/* Folders that are not there any more go when no file refers to them. */
static void drop_folders(struct lookout *l)
{
    struct folders *folders = &l->f->folders;

    for (size_t i = folders->count; i-- > 0;) {
        struct folder *folder = folders->items[i];
        bool is_there = folder->is_target
                            ? l->f->now.monotonic_ms - folder->seen_ms < FORGET_MS
                            : folder->walk == folder->input->walk || !folder->input->is_in_reach;

        if (is_there)
            continue;
        l->f->sweep++;
        look_end_sweep(l->f, folder);
        if (LIST_EMPTY(&folder->files)) {
            newcomers_forget(&l->newcomers, folder);
            folders_remove(folders, i);
        }
    }
}

/* --- files ---------------------------------------------------------------- */

struct sweep {
    struct lookout *lookout;
    struct folder *folder;
};

static void sweep_match(void *arg, const char *path)
{
    struct sweep *sweep = arg;

    look_at(sweep->lookout->f, sweep->folder, path, false);
}

static void sweep_folder(struct lookout *l, struct folder *folder)
{
    struct sweep sweep = {l, folder};
    bool is_blind = folder->is_blind || folder->has_blind_target;
    struct error err;

    l->f->sweep++;
    if (glob_list(folder->path, folder->names, sweep_match, &sweep))
        look_end_sweep(l->f, folder);
    else if (errno != ENOENT) {
        error_system(&err, "cannot look into %s", folder->path);
        follow_note(l->f, folder->path, LOG_WARNING, &err);
    }
    folder->swept_ms = l->f->now.monotonic_ms;
    folder->next_sweep_ms = folder->swept_ms + (is_blind ? SWEEP_BLIND_MS : SWEEP_MS);
}

static void tick(struct lookout *l)
{
    int64_t now_ms = l->f->now.monotonic_ms, next_ms = now_ms + SWEEP_MS;
    bool has_walked = false;

    for (size_t i = 0; i < l->count; i++) {
        if (now_ms >= l->inputs[i].next_walk_ms) {
            walk_input(l, &l->inputs[i]);
            has_walked = true;
        }
        next_ms = earlier(next_ms, l->inputs[i].next_walk_ms);
    }
    if (has_walked)
        drop_folders(l);
    for (size_t i = 0; i < l->f->folders.count; i++) {
        struct folder *folder = l->f->folders.items[i];

        if (!folder->names)
            continue;
        if (now_ms >= folder->next_sweep_ms)
            sweep_folder(l, folder);
        next_ms = earlier(next_ms, folder->next_sweep_ms);
    }
    troubles_forget(&l->f->troubles, now_ms - FORGET_MS);
    l->ticked_ms = now_ms;
    l->next_tick_ms = next_ms > now_ms + TICK_MS ? next_ms : now_ms + TICK_MS;
}

static void tick_soon(struct lookout *l)
{
    l->next_tick_ms = earlier(l->next_tick_ms, l->ticked_ms + SOONEST_MS);
    l->has_meaning = true;
}

static void walk_soon(struct lookout *l, struct followed_input *input)
{
    int64_t pause_ms = (int64_t)input->folders > SOONEST_MS ? (int64_t)input->folders : SOONEST_MS;

    input->next_walk_ms = earlier(input->next_walk_ms, input->walked_ms + pause_ms);
    tick_soon(l);
}

static void sweep_soon(struct lookout *l, struct folder *folder)
{
    folder->next_sweep_ms = earlier(folder->next_sweep_ms, folder->swept_ms + SOONEST_MS);
    tick_soon(l);
}

/* Something happened where links lead to: to a file that is followed, or to a link
 * on the way to one. */
static void target_changed(
    struct lookout *l, const struct folder *target, const char *path, bool is_entry)
{
    struct followed *file;
    struct stat st;

    if (stat(path, &st) == 0 && (file = file_set_find(&l->f->set, st.st_dev, st.st_ino))) {
        follow_push(l->f, file);
        l->has_meaning = true;
    }
    for (size_t i = 0; is_entry && i < l->f->folders.count; i++)
        if (l->f->folders.items[i]->input == target->input && l->f->folders.items[i]->has_links)
            sweep_soon(l, l->f->folders.items[i]);
}

static void name_changed(struct lookout *l, struct folder *folder, const char *name, bool is_entry)
{
    struct buffer path = {0};

    if (!folder->is_target && !(folder->names && glob_is_name(folder->names, name)))
        return;
    buffer_append(&path, span_of(folder->path));
    buffer_append(&path, span_of(name));
    buffer_append_byte(&path, '\0');
    if (folder->is_target)
        target_changed(l, folder, path.bytes, is_entry);
    else {
        look_at(l->f, folder, path.bytes, true);
        l->has_meaning = true;
        /* That it was removed is not told while a file that was in it is open. */
        if (is_entry && *folder->path && access(folder->path, F_OK) < 0)
            walk_soon(l, folder->input);
    }
    buffer_finish(&path);
}

static void lost_events(struct lookout *l)
{
    for (size_t i = 0; i < l->count; i++)
        walk_soon(l, &l->inputs[i]);
    for (size_t i = 0; i < l->f->folders.count; i++)
        sweep_soon(l, l->f->folders.items[i]);
}

static void changed(void *arg, const struct watch_change *change)
{
    struct lookout *l = arg;
    struct folder *first = NULL;

    if (change->event == WATCH_LOST)
        lost_events(l);
    else
        first = folders_watched(&l->f->folders, change->directory);
    newcomers_note(&l->newcomers, l->f, first, change);
    for (struct folder *folder = first; folder; folder = folders_next(folder))
        if (change->name)
            name_changed(l, folder, change->name,
                change->event == WATCH_CAME || change->event == WATCH_WENT);
        else
            walk_soon(l, folder->input);
}

/* Others may be busy where our logs are: events about them are taken in heaps. One now and
 * then keeps no line of ours waiting. */
static void listened_in_vain(struct lookout *l)
{
    int64_t now_ms = l->f->now.monotonic_ms;

    if (now_ms - l->in_vain_since_ms >= IN_VAIN_MS) {
        l->in_vain_since_ms = now_ms;
        l->in_vain = 0;
    }
    if (++l->in_vain > IN_VAIN_MOST)
        l->deaf_until_ms = now_ms + DEAF_MS;
}

static void listen(struct lookout *l)
{
    struct watch *watch = l->f->folders.watch;
    unsigned reads = 0;

    if (!watch || l->f->now.monotonic_ms < l->deaf_until_ms)
        return;
    l->has_meaning = false;
    while (reads < READS_MOST && watch_read(watch, changed, l))
        reads++;
    if (reads < READS_MOST)
        newcomers_settle(&l->newcomers, l->f);
    if (reads > 0 && !l->has_meaning)
        listened_in_vain(l);
}

void lookout_turn(struct lookout *l)
{
    listen(l);
    if (l->f->now.monotonic_ms >= l->next_tick_ms)
        tick(l);
    follow_look_at_ageing(l->f);
    if (l->f->now.monotonic_ms >= l->next_expire_ms) {
        file_history_expire(l->f->history, &l->f->now);
        l->next_expire_ms = l->f->now.monotonic_ms + EXPIRE_MS;
    }
}

static void look_at_everything(struct lookout *l)
{
    for (size_t i = 0; i < l->f->folders.count; i++)
        if (l->f->folders.items[i]->names)
            sweep_folder(l, l->f->folders.items[i]);
    for (size_t i = 0; i < l->f->folders.count; i++)
        if (l->f->folders.items[i]->names || l->f->folders.items[i]->is_target)
            rotation_look(l->f, l->f->folders.items[i], NULL);
}

void lookout_begin(struct lookout *l)
{
    for (size_t i = 0; i < l->count; i++)
        walk_input(l, &l->inputs[i]);
    l->next_expire_ms = l->f->now.monotonic_ms + EXPIRE_MS;
    l->f->is_by_inode = !file_history_is_empty(l->f->history);
    if (l->f->is_by_inode)
        look_at_everything(l);
    l->f->is_by_inode = false;
    look_at_everything(l);
    rotation_order(l->f);
    l->f->has_swept = true;
    /* So that later on not all are looked into at once. */
    for (size_t i = 0; i < l->f->folders.count; i++)
        if (l->f->folders.items[i]->names && !l->f->folders.items[i]->is_blind)
            l->f->folders.items[i]->next_sweep_ms -= (int64_t)(i % (SWEEP_MS / TICK_MS)) * TICK_MS;
    for (size_t i = 0; i < l->count; i++)
        if (!l->inputs[i].is_seen) {
            l->inputs[i].is_seen = true;
            l->inputs[i].is_moved = true;
        }
    l->ticked_ms = l->f->now.monotonic_ms;
    l->next_tick_ms = l->ticked_ms + TICK_MS;
}

void lookout_finish(struct lookout *l)
{
    newcomers_finish(&l->newcomers);
}

int lookout_descriptor(const struct lookout *l)
{
    bool is_deaf = l->f->now.monotonic_ms < l->deaf_until_ms;

    return l->f->folders.watch && !is_deaf ? watch_descriptor(l->f->folders.watch) : -1;
}

int64_t lookout_deadline(const struct lookout *l)
{
    int64_t next_ms = l->next_tick_ms;

    if (!LIST_EMPTY(&l->f->ageing))
        next_ms = earlier(next_ms, l->f->next_ageing_ms);
    return l->f->now.monotonic_ms < l->deaf_until_ms ? earlier(next_ms, l->deaf_until_ms) : next_ms;
}
