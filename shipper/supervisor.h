/* SPDX-License-Identifier: MIT
 *
 * The supervisor: forks reader and sender, starts again what dies, and ends both
 * in order. It reads no log and talks to no network.
 *
 *  - A child that dies is started again after a pause, which doubles up to a
 *    bound and starts anew after a healthy minute.
 *  - A child that exits with EXIT_CONFIG would only do so again: all ends.
 *  - The spool is seen to while no child runs: at the start, after a child said that
 *    it cannot read it, and when its files are gone from the state directory; both
 *    children are stopped for that.
 *  - A record at which the reader died twice is skipped by the next one.
 *  - SIGTERM, SIGINT or SIGHUP: the reader is told to stop; when it is gone, with
 *    its last commit done, the sender. What takes too long is killed, at a later
 *    second signal at once.
 *  - When the reader has exited 0 by itself, since all of its sources have ended, the
 *    sender is told to drain.
 *  - Killed itself, it leaves children that end because their channel closes.
 */
#ifndef SHIPPER_SUPERVISOR_H
#define SHIPPER_SUPERVISOR_H

#include "shipper/child.h"
#include "shipper/spool/spool_guard.h"

struct supervisor_times {
    int64_t restart_first_ms, restart_most_ms;
    int64_t healthy_ms;
    int64_t look_every_ms;  /* at the spool's files */
    int64_t stop_within_ms; /* all of it; the reader has the first half */
    int64_t same_wish_ms; /* a signal so soon after the first says the same: timeout(1) sends two */
};

extern const struct supervisor_times supervisor_times; /* what `run` uses */

struct supervisor_options {
    const struct config *config;
    const char *state_dir;
    const char *journalctl; /* the program's path */
    char *api_key;          /* NULL, or wiped in the reader's memory */
    struct shared *shared;
    struct spool_guard *guard;         /* NULL: nobody sees to the spool (tests) */
    struct stdin_window *stdin_window; /* NULL: no input reads standard input */
    const int *listeners;              /* listener.h, for the reader; NULL: none */
    bool is_once;
    bool is_final; /* with it: unfinished last lines are taken as complete */
    int (*reader)(const struct child *child); /* reader_run, sender_run; tests have their own */
    int (*sender)(const struct child *child);
    struct supervisor_times times;
};

/* Returns when both children have ended: EXIT_FINE; EXIT_FOUND when --once was
 * stopped before its end; EXIT_CONFIG after a child's; EXIT_SYSTEM with an error
 * logged. */
int supervisor_run(const struct supervisor_options *options);

#endif
