/* SPDX-License-Identifier: MIT
 *
 * inotify on directories, as a hint only: what it tells is looked at at once,
 * what it misses is found by the sweep.
 */
#ifndef SHIPPER_SOURCES_WATCH_H
#define SHIPPER_SOURCES_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch;

enum watch_event {
    WATCH_LOST,    /* events were lost: anything may have changed */
    WATCH_FOLDERS, /* directories in it, or itself, came or went */
    WATCH_CAME,    /* the name is there now */
    WATCH_WENT,    /* the name is not there any more */
    WATCH_WRITTEN, /* its file was written to */
    WATCH_CHANGED, /* or something else of it was changed: its permissions */
};

struct watch_change {
    enum watch_event event;
    int directory;    /* not of WATCH_LOST */
    const char *name; /* NULL: of the directory itself, and of WATCH_LOST */
    uint32_t move;    /* a renamed file WENT and then CAME under one number; 0: no rename */
};

/* Never NULL: where the system has no inotify to give, nothing can be watched.
 * most: how many directories at most, 0 for as many as the system gives. */
struct watch *watch_new(size_t most);
void watch_free(struct watch *watch); /* accepts NULL */

/* To poll for reading; -1 if there is none. */
int watch_descriptor(const struct watch *watch);

/* Watches a directory and returns what its changes are told under; several paths
 * may lead to one directory. Call it again at each sweep, since the path may be
 * another directory by now. -1 if changes in it will not be told: no watch to be
 * had (errno), or a file system that others write to unseen, NFS and its like
 * (errno 0). */
int watch_directory(struct watch *watch, const char *path);

/* Its changes are not wanted any more. */
void watch_forget(struct watch *watch, int directory);

/* Reads what has happened, a bounded amount, and tells each change in its order; false
 * if there was none. */
bool watch_read(
    struct watch *watch, void (*changed)(void *arg, const struct watch_change *change), void *arg);

#endif
