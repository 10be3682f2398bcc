/* SPDX-License-Identifier: MIT
 *
 * Watches directories, not files: no kernel memory per file, and names that come
 * and go are seen. inotify knows directories, not paths; who has which path is
 * for the caller to keep.
 */
#include "shipper/sources/watch.h"

#include "parsers/memory.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10 };

static const uint32_t changes = IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

struct watch {
    int inotify;
    size_t most;
    int newest; /* watch descriptors are given in rising order */
    size_t count;
};

struct watch *watch_new(size_t most)
{
    struct watch *watch = memory_new(sizeof(*watch));

    watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    watch->most = most;
    return watch;
}

void watch_free(struct watch *watch)
{
    if (watch && watch->inotify >= 0)
        close(watch->inotify);
    free(watch);
}

int watch_descriptor(const struct watch *watch)
{
    return watch->inotify;
}

/* File systems where another host, or a process behind FUSE, writes without
 * inotify here hearing of it. */
static bool is_remote(const char *path)
{
    static const uint32_t remote[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC,
        SMB2_SUPER_MAGIC, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, V9FS_MAGIC, FUSE_SUPER_MAGIC,
        CEPH_SUPER_MAGIC};
    struct statfs fs;

    if (statfs(path, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof(remote) / sizeof(*remote); i++)
        if ((uint32_t)fs.f_type == remote[i])
            return true;
    return false;
}

int watch_directory(struct watch *watch, const char *path)
{
    int directory;

    if (is_remote(path)) {
        errno = 0;
        return -1;
    }
    directory = inotify_add_watch(watch->inotify, path, changes);
    if (directory <= watch->newest)
        return directory;
    watch->newest = directory;
    if (watch->count++ < watch->most || watch->most == 0)
        return directory;
    watch_forget(watch, directory);
    errno = ENOSPC;
    return -1;
}

void watch_forget(struct watch *watch, int directory)
{
    inotify_rm_watch(watch->inotify, directory);
}

/* Whether an event says that the set of directories may be another now. */
static bool is_about_directories(const struct inotify_event *event)
{
    return event->len == 0 || (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) ||
           ((event->mask & IN_ISDIR) && (event->mask & ~(uint32_t)(IN_ISDIR | IN_ATTRIB)));
}

static enum watch_event event_of(const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return WATCH_LOST;
    if (is_about_directories(event))
        return WATCH_FOLDERS;
    if (event->mask & (IN_CREATE | IN_MOVED_TO))
        return WATCH_CAME;
    if (event->mask & (IN_DELETE | IN_MOVED_FROM))
        return WATCH_WENT;
    return event->mask & IN_MODIFY ? WATCH_WRITTEN : WATCH_CHANGED;
}

bool watch_read(
    struct watch *watch, void (*changed)(void *arg, const struct watch_change *change), void *arg)
{
    char bytes[READ_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n = watch->inotify < 0 ? 0 : read(watch->inotify, bytes, sizeof(bytes));

    for (ssize_t at = 0; at < n;) {
        const struct inotify_event *event = (const void *)(bytes + at);
        struct watch_change change = {event_of(event), event->wd, NULL, event->cookie};

        at += (ssize_t)(sizeof(*event) + event->len);
        if (event->mask & IN_IGNORED)
            watch->count--;
        if (change.event >= WATCH_CAME)
            change.name = event->name;
        changed(arg, &change);
    }
    return n > 0;
}
