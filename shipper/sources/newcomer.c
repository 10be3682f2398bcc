/* SPDX-License-Identifier: MIT
 *
 * Events tell names, a look tells which file has a name now; in between, the name may
 * have been given to another. So what a look found is believed only when all that had
 * happened before it has been told, and nothing of it was about that name.
 *
 * Only what was seen to be made and written to is counted as missed: anything else may
 * have been read under another name.
 */
#include "shipper/sources/newcomer.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/look.h"
#include "shipper/sources/path_hash.h"

#include <stdlib.h>

/* So long after something happened it has been told, however busy the system is. */
enum { TOLD_MS = 1000 };

struct newcomer {
    struct folder *folder; /* whose input named it */
    char *name;            /* the path that it came under */
    char *path;            /* where it is now, as far as was told */
    size_t hash;           /* of that path */
    uint32_t move;         /* under way to where this move leads; 0: it is at its path */
    bool is_made, is_written;
    bool is_compressed; /* path.gz was made beside it */
    bool is_gone;       /* its name was removed, or given to another file */
    bool is_done;       /* it was opened, or is nothing to be opened */
    bool is_waited_for; /* since changed_ms: for the other half of its move, or its end */
    int64_t changed_ms; /* when its path changed, or a look found it */
    bool is_found;      /* it is this one, unless its name was given away before the look: */
    dev_t device;
    ino_t inode;
};

static void finish(struct newcomer *newcomer)
{
    free(newcomer->name);
    free(newcomer->path);
}

/* Drops those of which nothing more is to come. */
static void sweep(struct newcomers *n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].is_gone || n->items[i].is_done)
            finish(&n->items[i]);
        else
            n->items[kept++] = n->items[i];
    n->count = kept;
}

void newcomers_forget(struct newcomers *n, const struct folder *folder)
{
    for (size_t i = 0; i < n->count; i++)
        n->items[i].is_gone = n->items[i].is_gone || n->items[i].folder == folder;
    sweep(n);
}

void newcomers_finish(struct newcomers *n)
{
    for (size_t i = 0; i < n->count; i++)
        finish(&n->items[i]);
    free(n->items);
}

/* --- what is told ----------------------------------------------------------- */

static struct newcomer *at(struct newcomers *n, const char *path)
{
    size_t hash = path_hash(path);

    for (size_t i = n->count; i-- > 0;) {
        struct newcomer *item = &n->items[i];

        if (item->hash == hash && !item->is_gone && item->move == 0 &&
            strcmp(item->path, path) == 0)
            return item;
    }
    return NULL;
}

static struct newcomer *on_move(struct newcomers *n, uint32_t move)
{
    for (size_t i = n->count; move != 0 && i-- > 0;)
        if (n->items[i].move == move && !n->items[i].is_gone)
            return &n->items[i];
    return NULL;
}

static void put_at(struct newcomer *newcomer, const char *path, int64_t now_ms)
{
    free(newcomer->path);
    newcomer->path = memory_string(span_of(path));
    newcomer->hash = path_hash(path);
    newcomer->move = 0;
    newcomer->is_compressed = newcomer->is_waited_for = false;
    newcomer->changed_ms = now_ms;
}

/* The folder that takes files of that name, of those that are told with this one. */
static struct folder *taker(struct folder *folder, const char *name, const char *path)
{
    for (; folder; folder = folders_next(folder))
        if (folder->names && !folder->is_target && glob_is_name(folder->names, name) &&
            !followed_input_is_excluded(folder->input, path))
            return folder;
    return NULL;
}

/* path.gz was made: of a newcomer at that path? */
static void note_compressed(struct newcomers *n, const char *path)
{
    size_t len = strlen(path), ending = strlen(".gz");
    struct newcomer *newcomer;
    char *original;

    if (len <= ending || strcmp(path + len - ending, ".gz") != 0)
        return;
    original = memory_string((struct span){path, len - ending});
    newcomer = at(n, original);
    if (newcomer)
        newcomer->is_compressed = true;
    free(original);
}

static void came(struct newcomers *n, struct folder *folder, const char *path,
    const struct watch_change *change, int64_t now_ms)
{
    struct newcomer *was_there = at(n, path), *moved = on_move(n, change->move);

    if (was_there)
        was_there->is_gone = true;
    if (moved) {
        put_at(moved, path, now_ms);
        return;
    }
    note_compressed(n, path);
    folder = taker(folder, change->name, path);
    if (!folder || n->count >= LIMIT_NEWCOMERS)
        return;
    n->items = memory_room(n->items, n->count, &n->room, sizeof(*n->items));
    n->items[n->count] = (struct newcomer){
        .folder = folder, .name = memory_string(span_of(path)), .is_made = change->move == 0};
    put_at(&n->items[n->count++], path, now_ms);
}

static void went(
    struct newcomers *n, const char *path, const struct watch_change *change, int64_t now_ms)
{
    struct newcomer *newcomer = at(n, path);
    struct buffer compressed = {0};

    if (!newcomer)
        return;
    if (change->move != 0) {
        newcomer->move = change->move;
        newcomer->changed_ms = now_ms;
    } else if (newcomer->is_compressed) {
        buffer_printf(&compressed, "%s.gz", path);
        buffer_append_byte(&compressed, '\0');
        put_at(newcomer, compressed.bytes, now_ms);
    } else {
        newcomer->is_gone = true;
    }
    buffer_finish(&compressed);
}

void newcomers_note(struct newcomers *n, const struct following *f, struct folder *folder,
    const struct watch_change *change)
{
    int64_t now_ms = f->now.monotonic_ms;
    struct buffer path = {0};
    struct newcomer *newcomer;

    if (change->event == WATCH_LOST) {
        newcomers_finish(n);
        *n = (struct newcomers){0};
        return;
    }
    if (!folder || !change->name || (n->count == 0 && change->event != WATCH_CAME))
        return;
    buffer_append(&path, span_of(folder->path));
    buffer_append(&path, span_of(change->name));
    buffer_append_byte(&path, '\0');
    if (change->event == WATCH_CAME) {
        came(n, folder, path.bytes, change, now_ms);
    } else if (change->event == WATCH_WENT) {
        went(n, path.bytes, change, now_ms);
    } else if (change->event == WATCH_WRITTEN) {
        newcomer = at(n, path.bytes);
        if (newcomer)
            newcomer->is_written = true;
    }
    buffer_finish(&path);
}

/* --- what a look finds ------------------------------------------------------- */

/* The other half of its move, or its end, must have been told by now. */
static bool is_overdue(struct newcomer *newcomer, int64_t now_ms)
{
    if (!newcomer->is_waited_for)
        newcomer->changed_ms = now_ms;
    newcomer->is_waited_for = true;
    return now_ms - newcomer->changed_ms >= TOLD_MS;
}

static void note_found(struct newcomer *newcomer, const struct stat *st, int64_t now_ms)
{
    newcomer->is_found = true;
    newcomer->is_waited_for = false;
    newcomer->device = st->st_dev;
    newcomer->inode = st->st_ino;
    newcomer->changed_ms = now_ms;
}

/* To be tried again; what is no log is not, until it changes. */
static bool is_failing(struct following *f, const char *path)
{
    const struct trouble *trouble = troubles_find(&f->troubles, path);

    return trouble && trouble->is_failure;
}

static void look(struct following *f, struct newcomer *newcomer)
{
    int64_t now_ms = f->now.monotonic_ms;
    const char *name = strrchr(newcomer->path, '/');
    bool is_named = glob_is_name(newcomer->folder->names, name ? name + 1 : newcomer->path);
    struct stat st;

    if (stat(newcomer->path, &st) < 0) {
        newcomer->is_gone = is_overdue(newcomer, now_ms);
        return;
    }
    if (newcomer->is_found && newcomer->inode == st.st_ino && newcomer->device == st.st_dev) {
        newcomer->is_done = now_ms - newcomer->changed_ms >= TOLD_MS;
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        newcomer->is_done = true;
        return;
    }
    if (!file_set_find(&f->set, st.st_dev, st.st_ino)) {
        if (is_named)
            look_at(f, newcomer->folder, newcomer->path, true);
        else
            look_at_moved(f, newcomer->folder, newcomer->path, newcomer->name);
    }
    if (file_set_find(&f->set, st.st_dev, st.st_ino))
        note_found(newcomer, &st, now_ms);
    else if (!is_named)
        newcomer->is_gone = true; /* nobody will look there again */
    else
        newcomer->is_done = !is_failing(f, newcomer->path);
}

/* What was found for it may be the file of one that came later to the same name. */
static bool is_missed(const struct newcomers *n, const struct newcomer *gone)
{
    if (!gone->is_made || !gone->is_written)
        return false;
    if (!gone->is_found)
        return true;
    for (const struct newcomer *other = gone + 1; other < n->items + n->count; other++)
        if (other->is_found && other->inode == gone->inode && other->device == gone->device)
            return true;
    return false;
}

void newcomers_settle(struct newcomers *n, struct following *f)
{
    for (size_t i = 0; i < n->count; i++) {
        struct newcomer *newcomer = &n->items[i];

        if (newcomer->is_gone)
            continue;
        if (newcomer->move != 0)
            newcomer->is_gone = is_overdue(newcomer, f->now.monotonic_ms);
        else
            look(f, newcomer);
    }
    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].is_gone && is_missed(n, &n->items[i]))
            followed_input_miss(n->items[i].folder->input, n->items[i].name, &f->now);
    sweep(n);
}
