/* SPDX-License-Identifier: MIT
 *
 * The only place that asks what time it is. Each loop reads the clock once a
 * wake-up and passes it down; tests pass what they like.
 */
#ifndef SHIPPER_CLOCK_H
#define SHIPPER_CLOCK_H

#include <stdint.h>

struct now {
    int64_t monotonic_ms; /* CLOCK_MONOTONIC: for every interval and timer */
    int64_t wall_s;       /* UNIX seconds: for dates only */
};

struct now clock_now(void);

#endif
