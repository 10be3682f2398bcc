/* SPDX-License-Identifier: MIT
 *
 * One of the supervisor's two children: when it is to start, the channel to it, what
 * it has been told, and when it is killed. When a process should do what is the
 * supervisor's to decide.
 */
#ifndef SHIPPER_PROCESS_H
#define SHIPPER_PROCESS_H

#include "shipper/channel.h"

#include <sys/types.h>

struct process {
    const char *name;
    pid_t pid;              /* 0: not running */
    int channel;            /* our end; -1: none */
    enum channel_kind told; /* the last message; CHANNEL_READY: nothing yet */
    bool is_over;           /* ended for good */
    bool is_ready;
    bool is_renewing;              /* told to stop, to be started anew at once */
    bool is_refusal_said;          /* that its sandbox refused it something */
    int64_t started_ms;            /* monotonic, as all of these */
    int64_t start_at_ms, pause_ms; /* while not running */
    int64_t kill_at_ms;            /* INT64_MAX until it is to stop */
    uint64_t pulse;                /* of its loop (shared.h), at the last look */
    int64_t pulse_ms;              /* watched time since it has changed, while it works */
};

struct process process_of(const char *name);

/* Forks, and runs `child` there with that side's end of the channel; it does not
 * return. */
bool process_start(struct process *p, void (*child)(void *arg, struct process *p, int channel),
    void *arg, int64_t now_ms, struct error *err);

/* Sets when to start it (again): after a pause that doubles from first_ms to most_ms. */
void process_pause(struct process *p, int64_t first_ms, int64_t most_ms, int64_t now_ms);

bool process_is_due(const struct process *p, int64_t now_ms);

/* Once: what it was told last is not repeated. */
void process_tell(struct process *p, enum channel_kind kind);
void process_close_channel(struct process *p);

void process_kill_if_late(struct process *p, int64_t now_ms);

/* A look at the pulse of its loop, `since_ms` after the one before. Kills it if it has
 * been at work, without a turn, for hung_after_ms of such time: what was not watched, as
 * while everything was suspended, does not count. True if it was killed, which is said. */
bool process_watch(struct process *p, uint64_t pulse, int64_t since_ms, int64_t hung_after_ms);

/* Ends it in order, to be started anew at once; it is killed when that takes too long. */
void process_renew(struct process *p, int64_t kill_at_ms);

/* True if it has ended: with its status, as waitpid has it. */
bool process_reap(struct process *p, int *status);

/* "exited with code 3", "was killed by signal 9 (Killed)". */
void process_describe_end(int status, char *text, size_t room);

#endif
