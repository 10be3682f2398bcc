/* SPDX-License-Identifier: MIT
 *
 * What comes, goes and grows: the folders of the inputs and the files in them, by
 * inotify's hints and by sweeps that find what those missed.
 */
#ifndef SHIPPER_SOURCES_LOOKOUT_H
#define SHIPPER_SOURCES_LOOKOUT_H

#include "shipper/sources/newcomer.h"

/* The first three are the owner's and borrowed, the rest {0} at the beginning. */
struct lookout {
    struct following *f;
    struct followed_input *inputs;
    size_t count;
    struct newcomers newcomers;
    int64_t ticked_ms, next_tick_ms, deaf_until_ms, next_expire_ms;
    bool has_meaning; /* one of the events just read was about a file of ours */
    int64_t in_vain_since_ms;
    unsigned in_vain; /* how often events were read that were not, since then */
};

/* Looks at everything once: what was read before first, and of each log the rotated
 * files before the live one. */
void lookout_begin(struct lookout *lookout);

void lookout_finish(struct lookout *lookout);

/* Takes what inotify has to tell, a bounded amount, and looks at what is due. */
void lookout_turn(struct lookout *lookout);

/* What to wait for before the next turn: a descriptor to poll for reading, -1 for
 * none, and the latest moment, monotonic ms. */
int lookout_descriptor(const struct lookout *lookout);
int64_t lookout_deadline(const struct lookout *lookout);

#endif
