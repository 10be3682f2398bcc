/* SPDX-License-Identifier: MIT
 *
 * Two tables over one list: by path, which a walk looks up for every directory, and
 * by inotify's number, which every event looks up. Nothing is read here.
 */
#include "shipper/sources/folder.h"

#include "parsers/memory.h"
#include "shipper/log.h"
#include "shipper/sources/path_hash.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINKS_MOST = 16 };

void folders_init(struct folders *folders, bool is_watching, size_t watches_most)
{
    *folders = (struct folders){0};
    if (is_watching)
        folders->watch = watch_new(watches_most);
}

static struct folder **path_bucket(struct folders *folders, const char *path)
{
    return &folders->by_path[path_hash(path) % FOLDER_BUCKETS];
}

static void set_watch(struct folders *folders, struct folder *folder, int watch)
{
    struct folder **at;

    if (folder->watch == watch)
        return;
    if (folder->watch >= 0) {
        at = &folders->by_watch[folder->watch % FOLDER_BUCKETS];
        while (*at != folder)
            at = &(*at)->same_watch;
        *at = folder->same_watch;
        if (!folders_watched(folders, folder->watch))
            watch_forget(folders->watch, folder->watch);
    }
    folder->watch = watch;
    if (watch < 0)
        return;
    at = &folders->by_watch[watch % FOLDER_BUCKETS];
    folder->same_watch = *at;
    *at = folder;
}

static void watch_it(struct folders *folders, struct folder *folder)
{
    const char *path = *folder->path ? folder->path : ".";
    int watch;

    if (!folders->watch) {
        folder->is_blind = true;
        return;
    }
    watch = watch_directory(folders->watch, path);
    if (watch < 0 && errno == ENOSPC && !folders->is_limit_said) {
        log_write(LOG_WARNING,
            "no watch to be had for %s (fs.inotify.max_user_watches), looking into it once a "
            "second",
            path);
        folders->is_limit_said = true;
    }
    folder->is_blind = watch < 0;
    set_watch(folders, folder, watch);
}

static struct folder *find(struct folders *folders, const struct followed_input *input,
    const char *path, const char *names, bool is_target)
{
    struct folder *folder = *path_bucket(folders, path);

    while (folder && (strcmp(folder->path, path) != 0 || folder->input != input ||
                         folder->names != names || folder->is_target != is_target))
        folder = folder->same_path;
    return folder;
}

static struct folder *see(struct folders *folders, struct followed_input *input, const char *path,
    const char *names, bool is_target)
{
    struct folder *folder = find(folders, input, path, names, is_target);
    struct folder **bucket = path_bucket(folders, path);

    if (!folder) {
        folder = memory_new(sizeof(*folder));
        *folder = (struct folder){
            .path = memory_string(span_of(path)),
            .input = input,
            .names = names,
            .is_target = is_target,
            .watch = -1,
            .next_sweep_ms = 0,
            .same_path = *bucket,
        };
        LIST_INIT(&folder->files);
        *bucket = folder;
        folders->items =
            memory_room(folders->items, folders->count, &folders->room, sizeof(*folders->items));
        folders->items[folders->count++] = folder;
    }
    watch_it(folders, folder);
    return folder;
}

struct folder *folders_see(struct folders *folders, struct followed_input *input, const char *path,
    const char *names, int64_t now_ms)
{
    struct folder *known = find(folders, input, path, names, false);
    int watch = known ? known->watch : -1;
    struct folder *folder = see(folders, input, path, names, false);

    /* Another directory, or one that was away: anything may be in it. */
    if (folder->watch != watch || folder->walk + 1 < input->walk)
        folder->next_sweep_ms = INT64_MIN;
    folder->walk = input->walk;
    folder->seen_ms = now_ms;
    return folder;
}

/* Puts the path of what the link says in its place; false if it is no link. */
static bool follow_link(char path[PATH_MAX], char directory[PATH_MAX])
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof(target) - 1);
    const char *slash;
    size_t len;

    if (n <= 0)
        return false;
    target[n] = '\0';
    slash = strrchr(path, '/');
    len = target[0] == '/' || !slash ? 0 : (size_t)(slash + 1 - path);
    if (len + (size_t)n >= PATH_MAX)
        return false;
    memcpy(path + len, target, (size_t)n + 1);
    slash = strrchr(path, '/');
    len = slash ? (size_t)(slash + 1 - path) : 0;
    memcpy(directory, path, len);
    directory[len] = '\0';
    return true;
}

bool folders_see_target(
    struct folders *folders, struct folder *folder, const char *link, int64_t now_ms)
{
    char path[PATH_MAX], directory[PATH_MAX];
    struct folder *target;
    unsigned links = 0;

    if (strlen(link) >= sizeof(path))
        return false;
    memcpy(path, link, strlen(link) + 1);
    for (; links < LINKS_MOST && follow_link(path, directory); links++) {
        target = see(folders, folder->input, directory, NULL, true);
        target->seen_ms = now_ms;
        folder->has_links = true;
        folder->has_blind_target = folder->has_blind_target || target->is_blind;
    }
    return links > 0;
}

static struct folder *from(struct folder *folder, int watch)
{
    while (folder && folder->watch != watch)
        folder = folder->same_watch;
    return folder;
}

struct folder *folders_watched(const struct folders *folders, int watch)
{
    return from(folders->by_watch[watch % FOLDER_BUCKETS], watch);
}

struct folder *folders_next(const struct folder *folder)
{
    return from(folder->same_watch, folder->watch);
}

static void discard(struct folders *folders, struct folder *folder)
{
    struct folder **at = path_bucket(folders, folder->path);

    while (*at != folder)
        at = &(*at)->same_path;
    *at = folder->same_path;
    set_watch(folders, folder, -1);
    free(folder->path);
    free(folder);
}

void folders_remove(struct folders *folders, size_t at)
{
    discard(folders, folders->items[at]);
    folders->items[at] = folders->items[--folders->count];
}

void folders_finish(struct folders *folders)
{
    while (folders->count > 0)
        folders_remove(folders, folders->count - 1);
    free(folders->items);
    watch_free(folders->watch);
    *folders = (struct folders){0};
}
