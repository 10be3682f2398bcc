/* SPDX-License-Identifier: MIT
 *
 * One sorted array and two tables of names: thousands of files are looked up at
 * each sweep, few come and go.
 */
#include "shipper/sources/file_set.h"

#include "parsers/memory.h"
#include "shipper/sources/path_hash.h"

#include <stdlib.h>

static int compare(const struct followed *file, dev_t device, ino_t inode)
{
    const struct stat *st = &file->tail.stat;

    if (st->st_dev != device)
        return st->st_dev < device ? -1 : 1;
    return st->st_ino < inode ? -1 : st->st_ino > inode;
}

/* The first place whose file is not before that inode. */
static size_t place_of(const struct file_set *set, dev_t device, ino_t inode)
{
    size_t low = 0, high = set->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(set->items[middle], device, inode) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct followed *file_set_find(const struct file_set *set, dev_t device, ino_t inode)
{
    size_t at = place_of(set, device, inode);

    return at < set->count && compare(set->items[at], device, inode) == 0 ? set->items[at] : NULL;
}

static size_t bucket_of(const char *path)
{
    return path_hash(path) % FILE_SET_BUCKETS;
}

static void index_names(struct file_set *set, struct followed *file)
{
    struct followed **bucket = &set->by_path[bucket_of(file->path)];

    file->same_path = *bucket;
    *bucket = file;
    if (!file->former)
        return;
    bucket = &set->by_former[bucket_of(file->former)];
    file->same_former = *bucket;
    *bucket = file;
}

static void forget_names(struct file_set *set, struct followed *file)
{
    struct followed **at = &set->by_path[bucket_of(file->path)];

    while (*at != file)
        at = &(*at)->same_path;
    *at = file->same_path;
    if (!file->former)
        return;
    at = &set->by_former[bucket_of(file->former)];
    while (*at != file)
        at = &(*at)->same_former;
    *at = file->same_former;
}

/* The one that was opened last: keys only grow. */
static struct followed *later(struct followed *a, struct followed *b)
{
    return a && (!b->past || (a->past && a->past->key > b->past->key)) ? a : b;
}

struct followed *file_set_named(const struct file_set *set, const char *path)
{
    size_t bucket = bucket_of(path);
    struct followed *former = NULL;

    for (struct followed *file = set->by_path[bucket]; file; file = file->same_path)
        if (strcmp(file->path, path) == 0) {
            if (!file->is_gone)
                return file;
            former = later(former, file);
        }
    for (struct followed *file = set->by_former[bucket]; file; file = file->same_former)
        if (strcmp(file->former, path) == 0)
            former = later(former, file);
    return former;
}

struct followed *file_set_add(struct file_set *set, const char *path, const struct file_tail *tail)
{
    size_t at = place_of(set, tail->stat.st_dev, tail->stat.st_ino);
    struct followed *file = memory_new(sizeof(*file));

    file->path = memory_string(span_of(path));
    file->tail = *tail;
    set->items = memory_room(set->items, set->count, &set->room, sizeof(*set->items));
    memmove(set->items + at + 1, set->items + at, (set->count - at) * sizeof(*set->items));
    set->items[at] = file;
    set->count++;
    index_names(set, file);
    return file;
}

void file_set_rename(struct file_set *set, struct followed *file, const char *path)
{
    forget_names(set, file);
    free(file->former);
    file->former = file->path;
    file->path = memory_string(span_of(path));
    index_names(set, file);
}

void file_set_remove(struct file_set *set, struct followed *file)
{
    size_t at = place_of(set, file->tail.stat.st_dev, file->tail.stat.st_ino);

    forget_names(set, file);
    set->count--;
    memmove(set->items + at, set->items + at + 1, (set->count - at) * sizeof(*set->items));
    file_tail_close(&file->tail);
    free(file->path);
    free(file->former);
    free(file);
}

void file_set_finish(struct file_set *set)
{
    while (set->count > 0)
        file_set_remove(set, set->items[set->count - 1]);
    free(set->items);
    *set = (struct file_set){0};
}
