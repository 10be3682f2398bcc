/* SPDX-License-Identifier: MIT
 *
 * Memory for one record: allocate freely, give all of it back with one reset.
 * What an arena returned is valid until the next arena_reset or arena_free.
 */
#ifndef PARSERS_ARENA_H
#define PARSERS_ARENA_H

#include "span.h"

struct arena;

/* cap_bytes: how much may be in use at once, e.g. LIMIT_ARENA_BYTES. */
struct arena *arena_new(size_t cap_bytes);
void arena_free(struct arena *arena); /* accepts NULL */

/* Uninitialised, aligned for any type; NULL when the cap is reached. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* Gives back the end of the latest allocation, so that a caller can ask for the
 * worst case and keep what it used. kept must not exceed what was asked for. */
void arena_trim(struct arena *arena, void *latest, size_t kept);

/* A copy of s in the arena; absent ({NULL, 0}) when the cap is reached. */
struct span arena_copy(struct arena *arena, struct span s);

void arena_reset(struct arena *arena);

#endif
