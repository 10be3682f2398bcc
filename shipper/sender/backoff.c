/* SPDX-License-Identifier: MIT
 *
 * splitmix64 for the jitter: the numbers need to differ between hosts, not to be
 * secret.
 */
#include "shipper/sender/backoff.h"

static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* The remainder's bias is nothing against the spans of time here. */
static int64_t between(uint64_t *seed, int64_t least, int64_t most)
{
    return least + (int64_t)(draw(seed) % (uint64_t)(most - least + 1));
}

int64_t backoff_ms(uint64_t *seed, int64_t first_ms, int64_t most_ms, unsigned attempt)
{
    int64_t bound_ms = first_ms;

    while (attempt-- > 1 && bound_ms < most_ms)
        bound_ms *= 2;
    if (bound_ms > most_ms)
        bound_ms = most_ms;
    return bound_ms > 1 ? between(seed, 1, bound_ms) : 1;
}

int64_t backoff_around_ms(uint64_t *seed, int64_t every_ms)
{
    return between(seed, every_ms - every_ms / 4, every_ms + every_ms / 4);
}
