/* SPDX-License-Identifier: MIT
 *
 * The supervisor's two children: started with the configuration in force, heard, watched,
 * and what follows when one ends.
 */
#ifndef SHIPPER_SUPERVISOR_CHILDREN_H
#define SHIPPER_SUPERVISOR_CHILDREN_H

#include "shipper/supervisor_parts.h"

/* One that does not run. If that fails, it is due later. */
void supervisor_children_start(struct supervisor *s, struct process *p, int64_t now_ms);

/* What it has to say on its channel. */
void supervisor_children_read(struct supervisor *s, struct process *p);

/* What follows if it has ended. */
void supervisor_children_reap(struct supervisor *s, struct process *p, int64_t now_ms);

/* What a sandbox refused is said; and now and then it looks whether the loops of both
 * turn: one that does not is killed. True if it has looked. */
bool supervisor_children_watch(struct supervisor *s, int64_t now_ms);
/* When the next look is due although nothing happens; INT64_MAX: never. */
int64_t supervisor_children_watch_ms(const struct supervisor *s);

#endif
