/* SPDX-License-Identifier: MIT
 *
 * clock_gettime, which cannot fail for these two clocks.
 */
#include "shipper/clock.h"

#include <time.h>

struct now clock_now(void)
{
    struct timespec monotonic, wall;

    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct now){
        .monotonic_ms = (int64_t)monotonic.tv_sec * 1000 + monotonic.tv_nsec / 1000000,
        .wall_s = wall.tv_sec,
    };
}
