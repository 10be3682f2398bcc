/* SPDX-License-Identifier: MIT
 *
 * What the parts of the supervisor share: supervisor.c, which owns the loop and the end of
 * all, supervisor_children.c, which starts the two processes and sees what becomes of them,
 * and supervisor_reload.c, which puts another configuration in force.
 */
#ifndef SHIPPER_SUPERVISOR_PARTS_H
#define SHIPPER_SUPERVISOR_PARTS_H

#include "shipper/mending.h"
#include "shipper/notify.h"
#include "shipper/process.h"
#include "shipper/reload.h"
#include "shipper/runner.h"
#include "shipper/signals.h"
#include "shipper/supervisor.h"

struct supervisor {
    const struct supervisor_options *options;
    struct child child; /* what both are given */
    struct process reader, sender;
    struct runner *runner; /* of the reader's errands */
    struct signals signals;
    bool is_stopping, is_announced;
    struct mending mending;
    struct reload reload;
    struct in_force before; /* of a reload, until the reader that works with it has ended */
    bool is_reloading;      /* taken, and not everything works with it yet */
    bool is_sender_next;    /* it is to be renewed when the reader was */
    struct notify notify;
    int64_t stopping_since_ms, watched_ms, opt_out_at_ms;
    int exit_code;
};

/* All ends in order. Again: nothing. */
void supervisor_begin_stop(struct supervisor *s, int64_t now_ms);
/* The same, with that exit code. */
void supervisor_end_for_good(struct supervisor *s, int exit_code, int64_t now_ms);
/* Both children end, and the spool is seen to. */
void supervisor_begin_mending(struct supervisor *s, int64_t now_ms);

#endif
