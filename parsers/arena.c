/* SPDX-License-Identifier: MIT
 *
 * A chain of blocks, each filled from its start. Blocks double in size and are
 * kept over a reset except for those beyond the first, so that one huge record
 * does not hold its memory for ever.
 */
#include "arena.h"

#include "memory.h"

#include <stdlib.h>

enum { FIRST_BLOCK_BYTES = 16 << 10, ALIGNMENT = _Alignof(max_align_t) };

struct block {
    struct block *older;
    size_t room, used;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
    size_t cap_bytes, held_bytes;
};

static void add_block(struct arena *arena, size_t room)
{
    struct block *block = memory_resize(NULL, sizeof(*block) + room);

    *block = (struct block){.older = arena->newest, .room = room};
    arena->newest = block;
    arena->held_bytes += room;
}

struct arena *arena_new(size_t cap_bytes)
{
    struct arena *arena = memory_new(sizeof(*arena));

    arena->cap_bytes = cap_bytes;
    add_block(arena, cap_bytes < FIRST_BLOCK_BYTES ? cap_bytes : FIRST_BLOCK_BYTES);
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->newest, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    struct block *block = arena->newest;

    if (bytes > arena->cap_bytes)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > block->room - block->used) {
        size_t room = block->room * 2 > bytes ? block->room * 2 : bytes;
        size_t left = arena->cap_bytes - arena->held_bytes;

        if (bytes > left)
            return NULL;
        add_block(arena, room < left ? room : left);
        block = arena->newest;
    }
    block->used += bytes;
    return block->bytes + block->used - bytes;
}

void arena_trim(struct arena *arena, void *latest, size_t kept)
{
    struct block *block = arena->newest;
    size_t start = (size_t)((char *)latest - block->bytes);

    kept = (kept + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (start + kept < block->used)
        block->used = start + kept;
}

struct span arena_copy(struct arena *arena, struct span s)
{
    char *copy = arena_alloc(arena, s.len);

    if (!copy)
        return (struct span){NULL, 0};
    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    return (struct span){copy, s.len};
}

void arena_reset(struct arena *arena)
{
    while (arena->newest->older) {
        struct block *block = arena->newest;

        arena->newest = block->older;
        arena->held_bytes -= block->room;
        free(block);
    }
    arena->newest->used = 0;
}
