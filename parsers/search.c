/* SPDX-License-Identifier: MIT
 *
 * Each literal is represented by a window of its bytes, all windows of a table having
 * the same length. A cursor stands on the last byte of where a window could be; the
 * number of the block of three bytes there says how far the next place is at which one
 * could end. Of a caseless literal each way to write a block is in the table: were case
 * folded where the cursor stands, "ERR" would stop at each "err".
 *
 * Eight cursors go over eight regions of the chunk in one loop. They depend on each
 * other in nothing, so the processor works on all of them at once; one cursor alone
 * waits for memory, multiplication and memory again at each step. A window belongs
 * to the region that it ends in.
 */
#include "search.h"

#include "memory.h"

#include <stdlib.h>

enum {
    TAIL_BYTES = 8,
    WINDOW_MOST = 16, /* a longer one skips little more and shares more blocks */
    REGIONS = 8,
    WAITING_MOST = 1024, /* hits of a region that wait to be taken */
    STOP_COST = 32,      /* of looking at a place, as bytes that are not skipped */
    SHARED_STOP_COST = 4,
    SPOTS_MOST = LITERAL_BYTES_MOST - BLOCK_BYTES + 1,
    NONE = UINT32_MAX,
};

struct entry {
    struct literal literal;
    size_t number;
    uint32_t window_end; /* offset of the window's last byte in the text */
};

/* A way to write the last block of an entry's window. */
struct ending {
    uint64_t tail; /* of the window, folded: tells most of those apart that end in one block */
    uint32_t entry, next; /* next: another one with a block of the same number; NONE: none */
};

/* A block of a literal: the numbers of the ways to write it. */
struct spot {
    uint32_t numbers[BLOCK_WAYS];
    unsigned common[BLOCK_WAYS];
    unsigned count;
};

struct waiting {
    uint32_t at, entry; /* offset of the window's last byte in the chunk */
};

struct region {
    size_t at, end; /* the cursor, and where its windows end */
    struct waiting *waiting;
    size_t count, taken;
};

struct search {
    unsigned window;    /* bytes; 0: there are no literals */
    uint64_t tail_mask; /* of the bytes of a tail that every window has */
    unsigned char shift[BLOCKS];
    uint32_t first[BLOCKS]; /* of the endings by block */
    struct entry *entries;
    size_t count;
    struct ending *endings;
    size_t ending_count, ending_room;
    struct region regions[REGIONS];
    unsigned current; /* the region from which hits are taken */
    struct span bytes;
};

/* --- the table ------------------------------------------------------------- */

static uint64_t fold_tail(const char bytes[TAIL_BYTES])
{
    uint64_t tail;

    memcpy(&tail, bytes, TAIL_BYTES);
    return tail | 0x2020202020202020u;
}

/* What a tail has of a window that ends here; and which of its bytes that is. */
static uint64_t tail_of_window(const char *end, unsigned window, uint64_t *mask)
{
    size_t len = window < TAIL_BYTES ? window : TAIL_BYTES;
    char bytes[TAIL_BYTES] = {0}, ones[TAIL_BYTES] = {0};

    memcpy(bytes + TAIL_BYTES - len, end - len, len);
    memset(ones + TAIL_BYTES - len, 0xFF, len);
    memcpy(mask, ones, TAIL_BYTES);
    return fold_tail(bytes);
}

static void read_spots(
    const struct literal *literal, const struct blocks *blocks, struct spot spots[SPOTS_MOST])
{
    for (size_t i = 0; i + BLOCK_BYTES <= literal->text.len; i++) {
        uint32_t ways[BLOCK_WAYS];

        spots[i].count = block_ways(literal->text.at + i, literal->is_caseless, ways);
        for (unsigned j = 0; j < spots[i].count; j++) {
            spots[i].numbers[j] = block_number(ways[j]);
            spots[i].common[j] = blocks_commonness(blocks, ways[j]);
        }
    }
}

/* What the window that begins here costs the search beside those that are there. */
static uint64_t window_cost(const struct search *search, const struct spot *spot)
{
    uint64_t cost = 0;

    for (unsigned left = search->window - BLOCK_BYTES + 1; left-- > 0; spot++)
        for (unsigned i = 0; i < spot->count; i++) {
            unsigned shift = search->shift[spot->numbers[i]];
            uint64_t common = spot->common[i];

            if (left == 0)
                cost += common * (shift == 0 ? SHARED_STOP_COST : STOP_COST);
            else if (left < shift)
                cost += common * (shift - left);
        }
    return cost;
}

static uint32_t choose_window(
    const struct search *search, size_t len, const struct spot spots[SPOTS_MOST])
{
    uint64_t least = UINT64_MAX;
    uint32_t best = 0;

    for (uint32_t start = 0; start + search->window <= len; start++) {
        uint64_t cost = window_cost(search, &spots[start]);

        if (cost < least) {
            least = cost;
            best = start;
        }
    }
    return best;
}

/* Once if two ways of an entry have one number: it is found once. */
static void add_ending(struct search *search, uint32_t number, uint64_t tail)
{
    uint32_t first = search->first[number];

    if (first != NONE && search->endings[first].entry == search->count)
        return;
    search->endings = memory_room(
        search->endings, search->ending_count, &search->ending_room, sizeof(*search->endings));
    search->endings[search->ending_count] = (struct ending){tail, (uint32_t)search->count, first};
    search->first[number] = (uint32_t)search->ending_count++;
}

static void add_entry(struct search *search, const struct literal *literal, size_t number,
    const struct blocks *blocks)
{
    struct entry *entry = &search->entries[search->count];
    struct spot spots[SPOTS_MOST];
    const struct spot *spot;
    uint32_t start;
    uint64_t tail;

    *entry = (struct entry){.literal = *literal, .number = number};
    entry->literal.text.at = memory_string(literal->text);
    read_spots(literal, blocks, spots);
    start = choose_window(search, literal->text.len, spots);
    entry->window_end = start + search->window - 1;
    tail = tail_of_window(
        entry->literal.text.at + entry->window_end + 1, search->window, &search->tail_mask);
    spot = &spots[start];
    for (unsigned left = search->window - BLOCK_BYTES + 1; left-- > 0; spot++)
        for (unsigned i = 0; i < spot->count; i++) {
            unsigned char *shift = &search->shift[spot->numbers[i]];

            if (left < *shift)
                *shift = (unsigned char)left;
            if (left == 0)
                add_ending(search, spot->numbers[i], tail);
        }
    search->count++;
}

struct search *search_new(const struct literal *literals, size_t count, const struct blocks *blocks)
{
    struct search *search = memory_new(sizeof(*search));
    size_t window = count > 0 ? WINDOW_MOST : 0;

    for (size_t i = 0; i < count; i++)
        window = literals[i].text.len < window ? literals[i].text.len : window;
    search->window = (unsigned)window;
    search->current = REGIONS;
    if (count == 0)
        return search;
    search->entries = memory_new(count * sizeof(*search->entries));
    memset(search->shift, (int)window - BLOCK_BYTES + 1, sizeof(search->shift));
    memset(search->first, 0xFF, sizeof(search->first));
    for (size_t i = 0; i < count; i++)
        add_entry(search, &literals[i], i, blocks);
    for (size_t i = 0; i < REGIONS; i++)
        search->regions[i].waiting = memory_new(WAITING_MOST * sizeof(struct waiting));
    return search;
}

void search_free(struct search *search)
{
    if (!search)
        return;
    for (size_t i = 0; i < search->count; i++)
        free((char *)(uintptr_t)search->entries[i].literal.text.at);
    for (size_t i = 0; i < REGIONS; i++)
        free(search->regions[i].waiting);
    free(search->entries);
    free(search->endings);
    free(search);
}

/* --- going over the bytes -------------------------------------------------- */

static bool is_there(const struct literal *literal, const char *at)
{
    const char *text = literal->text.at;

    if (!literal->is_caseless)
        return memcmp(at, text, literal->text.len) == 0;
    for (size_t i = 0; i < literal->text.len; i++)
        if (byte_lower(at[i]) != text[i])
            return false;
    return true;
}

/* The region's cursor stands where windows end: compares their literals, and goes on
 * by one. False when there is no room for one more of all of them. */
static bool compare(const struct search *search, struct region *region)
{
    const char *end = search->bytes.at + region->at + 1;
    uint64_t mask = region->at + 1 < TAIL_BYTES ? 0 : search->tail_mask;
    uint64_t tail = mask ? fold_tail(end - TAIL_BYTES) : 0;
    size_t count = region->count;
    const struct ending *ending;

    for (uint32_t i = search->first[block_number(block_read(end - BLOCK_BYTES))]; i != NONE;
         i = ending->next) {
        const struct entry *entry;

        ending = &search->endings[i];
        if ((ending->tail ^ tail) & mask)
            continue;
        entry = &search->entries[ending->entry];
        if (region->at < entry->window_end ||
            region->at - entry->window_end + entry->literal.text.len > search->bytes.len ||
            !is_there(&entry->literal, search->bytes.at + region->at - entry->window_end))
            continue;
        if (count == WAITING_MOST)
            return false;
        region->waiting[count++] = (struct waiting){(uint32_t)region->at, ending->entry};
    }
    region->count = count;
    region->at++;
    return true;
}

/* Needs a byte behind the block. */
static inline uint32_t load_block(const char *p)
{
    uint32_t block;

    memcpy(&block, p, sizeof(block));
    return block;
}

/* Moves a cursor that is not at its region's end; false if it has to wait. */
static inline bool step(const struct search *search, struct region *region, size_t *at)
{
    unsigned shift = search->shift[block_number(load_block(search->bytes.at + *at - 2))];

    *at += shift;
    if (__builtin_expect(shift > 0, true))
        return true;
    region->at = *at;
    if (!compare(search, region))
        return false;
    *at = region->at;
    return true;
}

/* How many steps each cursor can take without looking for its region's end. */
static size_t free_steps(const struct search *search)
{
    size_t most = search->window - BLOCK_BYTES + 1, least = SIZE_MAX;

    for (size_t i = 0; i < REGIONS; i++) {
        const struct region *region = &search->regions[i];
        size_t steps = region->at < region->end ? (region->end - 1 - region->at) / most : 0;

        least = steps < least ? steps : least;
    }
    return least;
}

/* Until one of the regions is nearly done or can't keep more. */
static void advance_all(struct search *search)
{
    struct region *r = search->regions;
    size_t a = r[0].at, b = r[1].at, c = r[2].at, d = r[3].at;
    size_t e = r[4].at, f = r[5].at, g = r[6].at, h = r[7].at;
    bool is_free = true;

    for (size_t steps = free_steps(search); steps > 0 && is_free; steps = free_steps(search)) {
        while (is_free && steps-- > 0)
            is_free = step(search, &r[0], &a) && step(search, &r[1], &b) &&
                      step(search, &r[2], &c) && step(search, &r[3], &d) &&
                      step(search, &r[4], &e) && step(search, &r[5], &f) &&
                      step(search, &r[6], &g) && step(search, &r[7], &h);
        r[0].at = a;
        r[1].at = b;
        r[2].at = c;
        r[3].at = d;
        r[4].at = e;
        r[5].at = f;
        r[6].at = g;
        r[7].at = h;
    }
}

static void advance(struct search *search, struct region *region)
{
    size_t at = region->at;

    while (at + 1 < region->end && step(search, region, &at))
        ;
    region->at = at;
    while (region->at < region->end) {
        const char *block = search->bytes.at + region->at - 2;
        unsigned shift = search->shift[block_number(block_read(block))];

        region->at += shift;
        if (shift == 0 && !compare(search, region))
            return;
    }
}

void search_begin(struct search *search, struct span bytes)
{
    size_t first = search->window - 1, places;

    search->bytes = bytes;
    search->current = search->window > 0 && bytes.len >= search->window ? 0 : REGIONS;
    if (search->current == REGIONS)
        return;
    places = bytes.len - first;
    for (size_t i = 0; i < REGIONS; i++) {
        struct region *region = &search->regions[i];

        region->at = first + places * i / REGIONS;
        region->end = first + places * (i + 1) / REGIONS;
        region->count = region->taken = 0;
    }
    advance_all(search);
}

/* The next waiting hit, or NULL if there is none any more. */
static const struct waiting *next_waiting(struct search *search)
{
    while (search->current < REGIONS) {
        struct region *region = &search->regions[search->current];

        if (region->taken < region->count)
            return &region->waiting[region->taken];
        if (region->at >= region->end) {
            search->current++;
            continue;
        }
        region->count = region->taken = 0;
        advance(search, region);
    }
    return NULL;
}

const char *search_peek(struct search *search)
{
    const struct waiting *next = next_waiting(search);

    return next ? search->bytes.at + next->at : NULL;
}

bool search_next(struct search *search, const char *until, struct search_hit *hit)
{
    const struct waiting *next = next_waiting(search);

    if (!next || search->bytes.at + next->at >= until)
        return false;
    *hit = (struct search_hit){search->bytes.at + next->at, search->entries[next->entry].number};
    search->regions[search->current].taken++;
    return true;
}
