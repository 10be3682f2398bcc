/* SPDX-License-Identifier: MIT
 *
 * What the supervisor hands to the two processes it forks, and their main
 * functions. Both return the child's exit code; a child ends when its channel
 * closes or CHANNEL_STOP arrives.
 */
#ifndef SHIPPER_CHILD_H
#define SHIPPER_CHILD_H

#include "shipper/config.h"
#include "shipper/sandbox/granted_files.h"
#include "shipper/shared.h"
#include "shipper/sources/stdin_window.h"

/* Exit codes of a child beside those of command.h: what is wrong is the spool, which
 * the supervisor sees to when both children are down. */
enum {
    CHILD_SPOOL_DAMAGED = 74, /* it was read, and is not what was written */
    CHILD_SPOOL_CLOSED = 75,  /* it could not be opened */
    CHILD_RENEW = 76,         /* nothing is wrong: it needs a sandbox with files that were
                                 replaced, and is started again at once */
};

struct child {
    const struct config *config;
    const char *state_dir;
    const char *api_key; /* from the environment; NULL: read from a file. Wiped in the reader. */
    struct shared *shared;
    struct stdin_window *stdin_window; /* NULL: no input reads standard input */
    const int *listeners;              /* listener.h; NULL: none; the sender has them closed */
    struct granted_file files[GRANTED_FILES]; /* the sender's, as its sandbox knows them */
    int channel;                              /* this child's end */
    int wake; /* eventfd: the reader adds 1 after each commit with events, the sender polls it */
    bool is_once;  /* the reader exits 0 when all sources have ended */
    bool is_final; /* with it: unfinished last lines are taken as complete */
};

/* Reads logs, matches, commits. Never forks, execs or calls socket(). */
int reader_run(const struct child *child);

/* Takes events from the spool, posts them, acks. Opens spool, key and CA files,
 * and what name resolution reads. */
int sender_run(const struct child *child);

/* Raises the limit of open files as far as it may: logs and connections are many. */
void child_allow_many_files(void);

#endif
