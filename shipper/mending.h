/* SPDX-License-Identifier: MIT
 *
 * When the spool is seen to (spool_guard.h): before a child is started, after one has
 * said that it cannot read it, and when its files are gone from the state directory;
 * again and again while a disk is full or cannot be written to. Both children are down
 * meanwhile, which is the supervisor's to bring about.
 */
#ifndef SHIPPER_MENDING_H
#define SHIPPER_MENDING_H

#include "shipper/spool/spool_guard.h"

struct mending {
    struct spool_guard *guard; /* NULL: nobody sees to the spool (tests), it never begins */
    const char *state_dir;
    int64_t look_every_ms;
    bool is_once;                        /* what is wrong at the start is not waited for */
    bool is_on;                          /* no child is to run */
    bool is_damaged;                     /* a child said so */
    bool is_missing;                     /* a file of it, at the last look */
    bool is_mended;                      /* once at least */
    int64_t at_ms, pause_ms, look_at_ms; /* monotonic */
};

/* A look at the spool's files, if it is time for one; is_running: some child is. True
 * if a file is gone for good, which is said: it is to begin. */
bool mending_look(struct mending *m, bool is_running, int64_t now_ms);

enum mending_result {
    MENDING_DONE,     /* children may be started */
    MENDING_LATER,    /* at m->at_ms */
    MENDING_GIVEN_UP, /* said; *exit_code is set */
};

/* With no child running, and a guard. */
enum mending_result mending_try(struct mending *m, int64_t now_ms, int *exit_code);

/* With no child running, and none to be started: files that were deleted at the very
 * end, when nobody could look for them any more, are put back. */
void mending_put_back(struct mending *m);

#endif
