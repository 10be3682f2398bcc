/* SPDX-License-Identifier: MIT
 *
 * Allocation that does not fail: out of memory ends the process (abort), since
 * the spool makes a restart safe and that is the one recovery path we test.
 * Sizes are bytes; free with free(). Caps are the caller's (limits.h).
 */
#ifndef PARSERS_MEMORY_H
#define PARSERS_MEMORY_H

#include "span.h"

/* Zeroed. */
void *memory_new(size_t bytes);

/* Like realloc; new bytes are not set. */
void *memory_resize(void *block, size_t bytes);

/* Makes room for one more item in a growing array: doubles *room (items) when
 * count has reached it. Returns the array, which may have moved. */
void *memory_room(void *items, size_t count, size_t *room, size_t item_bytes);

/* A terminated copy of s; embedded NULs are kept. */
char *memory_string(struct span s);

#endif
