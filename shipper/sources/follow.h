/* SPDX-License-Identifier: MIT
 *
 * The files being followed: who comes and goes, what they wait for, and the queue of
 * those that may have something to read. The file source's inside.
 */
#ifndef SHIPPER_SOURCES_FOLLOW_H
#define SHIPPER_SOURCES_FOLLOW_H

#include "shipper/sources/file_trouble.h"
#include "shipper/sources/folder.h"

enum { FOLLOW_LOOK_MS = 1000 }; /* how often an ageing file is looked at */

TAILQ_HEAD(followed_queue, followed);

struct following {
    struct file_history *history;
    struct file_set set;
    struct folders folders;
    struct troubles troubles;
    struct followed_queue dirty; /* to be read */
    size_t dirty_count;
    struct followed_queue awake; /* open, the longest unread first */
    size_t awake_count, awake_most;
    struct followed *pinned;      /* not to be closed now; NULL: none */
    struct followed *inflating;   /* the compressed file that is being read: one at a time */
    LIST_HEAD(, followed) ageing; /* without a live name: looked at until they are complete */
    struct buffer buffer;         /* for whatever is being read */
    struct now now;               /* of the call that is under way */
    uint64_t sweep;               /* the number of the one under way, or the latest */
    bool is_once, is_final;       /* as the options say (file_source.h) */
    bool has_swept;               /* the first look at everything is over */
    bool is_by_inode; /* only what a row knows by content and inode is followed now: the rest has
                         to wait, so that of two files with a row's content the right one gets it */
    bool is_looking;  /* rotation_look is under way */
    int64_t next_ageing_ms;
};

void follow_init(struct following *f);
void follow_finish(struct following *f);

/* A file that was just opened, at a path in the folder. */
struct followed *follow_add(
    struct following *f, struct folder *folder, const char *path, const struct file_tail *tail);

/* Whether it is under no name of its input any more. */
void follow_set_gone(struct following *f, struct followed *file, bool is_gone);

/* Says once that a path cannot be followed. */
void follow_note(
    struct following *f, const char *path, enum log_level level, const struct error *err);

/* Puts a file at the end of the queue, once. */
void follow_push(struct following *f, struct followed *file);

/* The first of the queue, NULL if it is empty. */
struct followed *follow_pop(struct following *f);

/* Pushes every ageing file when it is time, and looks which named ones are rotated
 * by now. */
void follow_look_at_ageing(struct following *f);

/* Whether nothing will be added to the file: it has no live name and has not grown
 * for the input's settle; under --once, whether --final says so. */
bool follow_is_settled(const struct following *f, const struct followed *file);

/* It is at rest with an unfinished line: looked at until that is complete, if the
 * file has no live name. */
void follow_age(struct following *f, struct followed *file);

/* `after` is read to its end before the file; NULL: nobody. */
void follow_set_after(struct followed *file, struct followed *after);
void follow_set_original(struct followed *file, struct followed *original);

/* The row moved, or its file was seen: to be saved. */
void follow_touch(struct following *f, struct followed *file);

/* The file is not that row's any more. The row stays, for whoever has the content
 * next. */
void follow_release(struct following *f, struct followed *file);

/* Closes a file that is not in the queue. */
void follow_close(struct following *f, struct followed *file);

/* A file that sleeps cannot be opened: it is tried again later. */
void follow_wait(struct following *f, struct followed *file, const struct error *err);

/* Closes a file that cannot be read, to be tried again later. */
void follow_give_up(struct following *f, struct followed *file, const struct error *err);

#endif
