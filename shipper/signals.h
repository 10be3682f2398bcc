/* SPDX-License-Identifier: MIT
 *
 * The signals that the supervisor hears: SIGTERM, SIGINT, SIGHUP and SIGCHLD, read from a
 * descriptor in its own time.
 */
#ifndef SHIPPER_SIGNALS_H
#define SHIPPER_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
    int descriptor;  /* readable when one has come; -1: not open */
    sigset_t before; /* the mask */
};

/* For the first moments of a process: a SIGHUP waits until signals_open. */
void signals_hold_hangups(void);

/* False with errno. */
bool signals_open(struct signals *signals);

/* The number of the next one that has come; 0: none. */
int signals_next(const struct signals *signals);

/* In a child, which obeys its channel only: a Ctrl-C reaches all three processes, and the
 * order of their end is the supervisor's. */
void signals_leave_to_supervisor(const struct signals *signals);

void signals_close(const struct signals *signals);

#endif
