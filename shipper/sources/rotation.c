/* SPDX-License-Identifier: MIT
 *
 * Names only say where to look: a file that no row knows by its content is not
 * followed for its name.
 */
#include "shipper/sources/rotation.h"

#include "parsers/memory.h"
#include "shipper/sources/glob.h"
#include "shipper/sources/look.h"
#include "shipper/sources/sibling.h"

#include <dirent.h>
#include <stdlib.h>

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

struct looking {
    struct following *f;
    struct folder *folder;
    const char *of; /* a name; NULL: whatever the folder's input names */
};

/* Where a link of the input leads to, the live file has another name than the link. */
static bool is_followed_there(const struct looking *looking, const char *name)
{
    struct buffer path = {0};
    struct stat st;
    bool is_there;

    buffer_append(&path, span_of(looking->folder->path));
    buffer_append(&path, span_of(name));
    buffer_append_byte(&path, '\0');
    is_there = stat(path.bytes, &st) == 0;
    buffer_finish(&path);
    return is_there && file_set_find(&looking->f->set, st.st_dev, st.st_ino);
}

static bool is_wanted(void *arg, const char *former)
{
    const struct looking *looking = arg;

    if (looking->of)
        return strcmp(former, looking->of) == 0;
    return looking->folder->is_target ? is_followed_there(looking, former)
                                      : glob_is_name(looking->folder->names, former);
}

static void look_beside(struct looking *looking)
{
    struct folder *folder = looking->folder;
    DIR *listed = opendir(*folder->path ? folder->path : ".");
    struct buffer path = {0};

    if (!listed)
        return;
    for (const struct dirent *entry; (entry = readdir(listed));) {
        if (entry->d_name[0] == '.' || !sibling_find(entry->d_name, is_wanted, looking))
            continue;
        buffer_clear(&path);
        buffer_append(&path, span_of(folder->path));
        buffer_append(&path, span_of(entry->d_name));
        buffer_append_byte(&path, '\0');
        if (folder->names && glob_is_name(folder->names, entry->d_name))
            look_at(looking->f, folder, path.bytes, false);
        else
            look_at_rotated(looking->f, folder, path.bytes);
    }
    closedir(listed);
    buffer_finish(&path);
}

static void archived(void *arg, const char *path)
{
    const struct looking *looking = arg;

    look_at_rotated(looking->f, looking->folder, path);
}

static void look_in_archives(struct looking *looking)
{
    const struct strings *archives = looking->folder->input->settings.archive;
    struct buffer pattern = {0};

    for (size_t i = 0; archives && i < archives->count; i++) {
        buffer_clear(&pattern);
        if (archives->items[i][0] != '/')
            buffer_append(&pattern, span_of(looking->folder->path));
        buffer_printf(&pattern, "%s/*", archives->items[i]);
        buffer_append_byte(&pattern, '\0');
        glob_each(pattern.bytes, archived, looking);
    }
    buffer_finish(&pattern);
}

void rotation_look(struct following *f, struct folder *folder, const char *of)
{
    struct looking looking = {f, folder, of ? name_in(of) : NULL};

    if (file_history_is_empty(f->history) || f->is_looking)
        return;
    f->is_looking = true;
    look_beside(&looking);
    look_in_archives(&looking);
    f->is_looking = false;
}

/* --- order ----------------------------------------------------------------- */

struct succession {
    const struct following *f;
    const struct followed *file;
    struct buffer path; /* of the folder; a name comes behind it */
    size_t folder_len;
    struct followed *successor;
};

static bool is_successor(void *arg, const char *former)
{
    struct succession *s = arg;
    struct followed *named;

    s->path.len = s->folder_len;
    buffer_append(&s->path, span_of(former));
    buffer_append_byte(&s->path, '\0');
    named = file_set_named(&s->f->set, s->path.bytes);
    if (!named || named == s->file || named->is_gone || strcmp(named->path, s->path.bytes) != 0)
        return false;
    s->successor = named;
    return true;
}

struct followed *rotation_successor(const struct following *f, const struct followed *file)
{
    struct succession s = {f, file, {0}, 0, NULL};

    buffer_append(&s.path, span_of(file->folder->path));
    s.folder_len = s.path.len;
    sibling_find(name_in(file->path), is_successor, &s);
    buffer_finish(&s.path);
    return s.successor;
}

struct turn {
    struct followed *live, *rotated;
};

static int compare_times(const struct timespec *a, const struct timespec *b)
{
    if (a->tv_sec != b->tv_sec)
        return a->tv_sec < b->tv_sec ? -1 : 1;
    return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;

    if (x->live != y->live)
        return x->live < y->live ? -1 : 1;
    return compare_times(&x->rotated->tail.stat.st_mtim, &y->rotated->tail.stat.st_mtim);
}

void rotation_order(struct following *f)
{
    struct turn *pairs = NULL;
    size_t count = 0, room = 0;

    for (size_t i = 0; i < f->set.count; i++) {
        struct followed *live = rotation_successor(f, f->set.items[i]);

        if (!live)
            continue;
        pairs = memory_room(pairs, count, &room, sizeof(*pairs));
        pairs[count++] = (struct turn){live, f->set.items[i]};
    }
    if (count > 1)
        qsort(pairs, count, sizeof(*pairs), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count || pairs[i + 1].live != pairs[i].live;

        follow_set_after(is_last ? pairs[i].live : pairs[i + 1].rotated, pairs[i].rotated);
    }
    free(pairs);
}
