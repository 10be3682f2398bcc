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
 *  - SIGTERM, SIGINT: the reader is told to stop; when it is gone, with
 *    its last commit done, the sender. What takes too long is killed, at a later
 *    second signal at once.
 *  - SIGHUP, or a word on control.sock (control.h): the configuration is loaded again
 *    beside the one in force (reload.h). If it is sound, the reader commits what it has
 *    and is started anew with it, and the sender if it concerns that; the sockets of
 *    listeners stay open. Otherwise all stays as it is.
 *  - A child whose loop has not turned for long is killed; one that waits is not. systemd
 *    looks after the supervisor itself (notify.h).
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
    int64_t look_every_ms;   /* at the spool's files */
    int64_t stop_within_ms;  /* all of it; the reader has the first half */
    int64_t hung_after_ms;   /* without a turn of a loop that does not wait */
    int64_t reload_every_ms; /* at most */
    int64_t same_wish_ms; /* a signal so soon after the first says the same: timeout(1) sends two */
};

extern const struct supervisor_times supervisor_times; /* what `run` uses */

/* What a reload replaces. What is there in the end is the caller's. */
struct in_force {
    struct config *config;
    int *listeners; /* listener.h, for the reader; NULL: none */
};

struct supervisor_options {
    struct in_force *in_force;
    const char *config_path; /* NULL: it is not loaded again, SIGHUP is a SIGTERM */
    const char *state_dir;
    const char *journalctl; /* the program's path */
    char *api_key;          /* NULL, or wiped in the reader's memory */
    struct shared *shared;
    struct spool_guard *guard;         /* NULL: nobody sees to the spool (tests) */
    struct stdin_window *stdin_window; /* NULL: no input reads standard input */
    struct control *control;           /* NULL: nobody asks */
    struct metrics_server *metrics;    /* NULL: nobody asks for these */
    bool is_sandboxed;                 /* the children are put into theirs (sandbox/sandbox.h) */
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
