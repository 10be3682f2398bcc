/* SPDX-License-Identifier: MIT
 *
 * The files being followed, found by device and inode, and by name. While we hold
 * one open the system cannot give its inode to another file; one that is closed for
 * a while (awake.h) proves itself by its content when it is read again.
 */
#ifndef SHIPPER_SOURCES_FILE_SET_H
#define SHIPPER_SOURCES_FILE_SET_H

#include "shipper/sources/file_history.h"
#include "shipper/sources/remarks.h"

#include <sys/queue.h>

struct folder;
struct followed_input;

struct followed {
    char *path;            /* the name it was last seen under */
    char *former;          /* the one before; NULL: none */
    struct folder *folder; /* that the path is in, or was looked for from */
    struct followed_input *input;
    struct file_tail tail;     /* its descriptor is -1 while it sleeps */
    struct past_file *past;    /* NULL: its first line is not finished yet */
    struct followed *original; /* what it is a copy of */
    struct followed *after;    /* its predecessor or original: is read to its end first */
    unsigned references;       /* by other files' original and after */
    bool is_dirty;             /* in the queue of files to be read */
    bool is_awake;             /* open */
    bool is_catching_up;       /* its end has not been reached since it was opened */
    bool is_gone;              /* under no name of the input any more */
    bool is_linked;            /* the path is a symbolic link */
    bool is_ageing;            /* to be looked at until nothing is added any more */
    bool is_shared;            /* another input has it too, and that was said */
    bool is_waited_for;        /* its compressed data is not complete yet */
    struct remarks said;
    int64_t quiet_since_ms; /* when it last grew, or lost its name */
    uint64_t sweep;         /* the latest one that saw it */

    struct followed *same_path, *same_former; /* of the same bucket */
    TAILQ_ENTRY(followed) dirty;              /* to be read */
    TAILQ_ENTRY(followed) awake;              /* open, the longest unread first */
    LIST_ENTRY(followed) ageing;
    LIST_ENTRY(followed) in_folder;
};

enum { FILE_SET_BUCKETS = 8192 };

/* {0} is an empty set. Sorted by device and inode. */
struct file_set {
    struct followed **items;
    size_t count, room;
    struct followed *by_path[FILE_SET_BUCKETS], *by_former[FILE_SET_BUCKETS];
};

/* NULL if there is none. */
struct followed *file_set_find(const struct file_set *set, dev_t device, ino_t inode);

/* The file that has that name, or else the one that had it last; NULL if there is
 * none. */
struct followed *file_set_named(const struct file_set *set, const char *path);

/* Adds an opened file, which the set then owns. */
struct followed *file_set_add(struct file_set *set, const char *path, const struct file_tail *tail);

void file_set_rename(struct file_set *set, struct followed *file, const char *path);

/* Closes the file and frees it; no other one refers to it any more. */
void file_set_remove(struct file_set *set, struct followed *file);

void file_set_finish(struct file_set *set);

#endif
