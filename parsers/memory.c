/* SPDX-License-Identifier: MIT
 *
 * malloc and friends with abort() in place of NULL. The only file that decides
 * what happens when memory runs out.
 */
#include "memory.h"

#include <stdlib.h>

void *memory_new(size_t bytes)
{
    void *block = calloc(1, bytes ? bytes : 1);

    if (!block)
        abort();
    return block;
}

void *memory_resize(void *block, size_t bytes)
{
    block = realloc(block, bytes ? bytes : 1);
    if (!block)
        abort();
    return block;
}

void *memory_room(void *items, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 2;
    if (*room > SIZE_MAX / item_bytes)
        abort();
    return memory_resize(items, *room * item_bytes);
}

char *memory_string(struct span s)
{
    char *copy = memory_resize(NULL, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return copy;
}
