/* SPDX-License-Identifier: MIT
 *
 * The state directory: spool, lock, and nothing that a person edits. One
 * instance works in it at a time.
 */
#ifndef SHIPPER_STATE_H
#define SHIPPER_STATE_H

#include "parsers/error.h"

#include <sys/types.h>

enum { STATE_WAIT_MS = 15000 };

/* Makes the directory (mode 0700) if it is missing; its parent must be there. */
bool state_make(const char *dir, struct error *err);

/* Takes the instance lock: a descriptor to keep open, or -1. Processes forked
 * later hold it too, so that a new instance waits for the last of an old one.
 * Waits that long, and says once what for. */
int state_lock(const char *dir, int wait_ms, struct error *err);

/* Who works in the directory. */
struct state_holder {
    bool is_there;
    pid_t pid;       /* of the supervisor; 0: not known */
    int64_t since_s; /* UNIX seconds of its start */
};

/* Looks without waiting; a service that starts in the same moment waits one of its
 * short pauses more. */
bool state_look(const char *dir, struct state_holder *holder, struct error *err);

/* Whether there is a spool in the directory, for who only looks: false says what to do. */
bool state_has_run(const char *dir, struct error *err);

/* Whom the directory belongs to: who runs the service. This process's user if it is not
 * there. */
uid_t state_owner(const char *dir);

/* Root goes on as the owner of the directory, for good: what it makes in there must be
 * the service's to use. */
bool state_act_as_owner(const char *dir, struct error *err);

#endif
