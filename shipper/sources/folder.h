/* SPDX-License-Identifier: MIT
 *
 * The directories of the inputs: which input looks for which names in them, what
 * inotify tells of them under which number, and when to look into them next. A
 * directory that several inputs name is several folders.
 */
#ifndef SHIPPER_SOURCES_FOLDER_H
#define SHIPPER_SOURCES_FOLDER_H

#include "shipper/sources/file_input.h"
#include "shipper/sources/file_set.h"
#include "shipper/sources/watch.h"

struct folder {
    char *path; /* to put a name behind: empty, or ended by a slash */
    struct followed_input *input;
    const char *names; /* the pattern of names to follow, borrowed from the input's; NULL: it
                          only leads to others */
    bool is_target;    /* it is where a link of one of the input's files leads */
    bool is_blind;     /* its changes are not told */
    bool has_links;    /* a file in it is, or was, a symbolic link */
    bool has_blind_target;
    int watch;                   /* -1: none */
    LIST_HEAD(, followed) files; /* whose path is in it */
    uint64_t walk;               /* the latest walk of its input that found it */
    int64_t seen_ms;             /* when that was */
    int64_t swept_ms, next_sweep_ms;
    struct folder *same_path, *same_watch; /* of the same bucket */
};

enum { FOLDER_BUCKETS = 4096 };

struct folders {
    struct folder **items;
    size_t count, room;
    struct folder *by_path[FOLDER_BUCKETS], *by_watch[FOLDER_BUCKETS];
    struct watch *watch;
    bool is_limit_said;
};

/* Not watching, every folder is blind. */
void folders_init(struct folders *folders, bool is_watching, size_t watches_most);
void folders_finish(struct folders *folders);

/* Finds or makes the folder and watches what is there now. A new one is due for a
 * sweep at once. */
struct folder *folders_see(struct folders *folders, struct followed_input *input, const char *path,
    const char *names, int64_t now_ms);

/* Watches where the link leads, and each link on the way; false if it is no link. */
bool folders_see_target(
    struct folders *folders, struct folder *folder, const char *link, int64_t now_ms);

/* The first folder told under that number; go on with folders_next. */
struct folder *folders_watched(const struct folders *folders, int watch);
struct folder *folders_next(const struct folder *folder);

/* Removes a folder that no file is in. Its place in items is taken by the last. */
void folders_remove(struct folders *folders, size_t at);

#endif
