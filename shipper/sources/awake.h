/* SPDX-License-Identifier: MIT
 *
 * Bounded descriptors: of the files being followed, only so many are open. The one
 * that was read longest ago sleeps first; one without a name never does, since it
 * could not be found again.
 */
#ifndef SHIPPER_SOURCES_AWAKE_H
#define SHIPPER_SOURCES_AWAKE_H

#include "shipper/sources/follow.h"

/* How many files may be open under this process's limit. */
size_t awake_limit(void);

/* Opens a file, putting others to sleep when there are too many. */
bool awake_open(struct following *f, const char *path, struct file_tail *tail, struct error *err);

/* The file was just opened, or read. */
void awake_touch(struct following *f, struct followed *file);

/* It will be closed. */
void awake_drop(struct following *f, struct followed *file);

enum awake_result {
    AWAKE_OPEN,
    AWAKE_LOST,   /* it is under no name that it could have */
    AWAKE_FAILED, /* *err is filled */
};

/* Opens a sleeping file again under its name, and leaves an open one alone. */
enum awake_result awake_reopen(struct following *f, struct followed *file, struct error *err);

/* The same, under its name or the one that rotation gave it. */
enum awake_result awake_wake(struct following *f, struct followed *file, struct error *err);

#endif
