/* SPDX-License-Identifier: MIT
 *
 * How long to wait, from a random number generator that the caller seeds.
 */
#ifndef SHIPPER_SENDER_BACKOFF_H
#define SHIPPER_SENDER_BACKOFF_H

#include <stdint.h>

/* Full jitter: evenly between 1 ms and first_ms doubled with each attempt after
 * the first (attempt 1), at most most_ms. Any attempt is fine, however large. */
int64_t backoff_ms(uint64_t *seed, int64_t first_ms, int64_t most_ms, unsigned attempt);

/* Evenly between three and five quarters of every_ms. */
int64_t backoff_around_ms(uint64_t *seed, int64_t every_ms);

#endif
