/* SPDX-License-Identifier: MIT
 *
 * Each literal is represented by a window of its bytes, all windows of a table having
 * the same length. A cursor stands on the last byte of where a window could be; the
 * hash of the three bytes there says how far the next place is at which one could
 * end. Case is folded by OR 0x20, which folds some other bytes too: only comparing
 * the literal decides.
 *
 * Four cursors go over four regions of the chunk in one loop. They depend on each
 * other in nothing, so the processor works on all of them at once; one cursor alone
 * waits for memory, multiplication and memory again at each step. A window belongs
 * to the region that it ends in.
 */
#include "search.h"

#include "memory.h"

#include <stdlib.h>

enum {
    BLOCK_BYTES = 3,
    TAIL_BYTES = 8,
    WINDOW_MOST = 12, /* a longer one skips little more and shares more blocks */
    SHORT_BYTES = 8,  /* literals below have a table of their own */
    HASH_BITS = 14,   /* a table of shifts that stays in the first cache */
    REGIONS = 4,
    WAITING_MOST = 1024, /* hits of a region that wait to be taken */
    TABLES = 2,
    NONE = UINT32_MAX,
};

struct entry {
    uint64_t tail; /* of its window, folded: tells most of those apart that end in one block */
    struct literal literal;
    size_t number;
    uint32_t window_end; /* offset of the window's last byte in the text */
    uint32_t next;       /* another one whose window ends in the same block; NONE: none */
};

struct waiting {
    uint32_t at, entry; /* offset of the window's last byte in the chunk */
};

struct region {
    size_t at, end; /* the cursor, and where its windows end */
    struct waiting *waiting;
    size_t count, taken;
};

struct table {
    unsigned window;    /* bytes; 0: the table is empty */
    uint64_t tail_mask; /* of the bytes of a tail that every window has */
    unsigned char shift[1 << HASH_BITS];
    uint32_t first[1 << HASH_BITS]; /* of the entries by block */
    struct entry *entries;
    size_t count;
    struct region regions[REGIONS];
    unsigned current; /* the region from which hits are taken */
};

struct search {
    struct table tables[TABLES]; /* of long literals, and of short ones */
    struct span bytes;
};

/* --- tables ---------------------------------------------------------------- */

/* Of the lowest three bytes: the fourth is beyond what the product reaches. */
static inline uint32_t hash_block(uint32_t block)
{
    return (block | 0x202020) * 0x9E377900u >> (32 - HASH_BITS);
}

static inline uint32_t read_block(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
           (uint32_t)(unsigned char)p[2] << 16;
}

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

/* The window of the rarest bytes, its last block counting twice: that is what the
 * cursor looks at. */
static uint32_t choose_window(struct span text, unsigned window)
{
    unsigned best_weight = 0;
    uint32_t best = window - 1;

    for (size_t end = window - 1; end < text.len; end++) {
        unsigned weight = 0;

        for (size_t i = end + 1 - window; i <= end; i++)
            weight += literal_byte_weight(text.at[i]) * (i + BLOCK_BYTES > end ? 2 : 1);
        if (weight > best_weight) {
            best_weight = weight;
            best = (uint32_t)end;
        }
    }
    return best;
}

static void add_entry(struct table *table, const struct literal *literal, size_t number)
{
    struct entry *entry = &table->entries[table->count];
    unsigned window = table->window;
    const char *start;
    uint32_t hash;

    *entry = (struct entry){.literal = *literal, .number = number};
    entry->literal.text.at = memory_string(literal->text);
    entry->window_end = choose_window(literal->text, window);
    start = entry->literal.text.at + entry->window_end + 1 - window;
    entry->tail = tail_of_window(start + window, window, &table->tail_mask);
    for (unsigned i = 0; i + BLOCK_BYTES <= window; i++) {
        unsigned char left = (unsigned char)(window - BLOCK_BYTES - i);

        hash = hash_block(read_block(start + i));
        if (left < table->shift[hash])
            table->shift[hash] = left;
    }
    hash = hash_block(read_block(start + window - BLOCK_BYTES));
    entry->next = table->first[hash];
    table->first[hash] = (uint32_t)table->count++;
}

static bool is_short(const struct literal *literal)
{
    return literal->text.len < SHORT_BYTES;
}

static void fill_table(
    struct table *table, bool of_short, const struct literal *literals, size_t count)
{
    size_t wanted = 0, least = WINDOW_MOST;

    for (size_t i = 0; i < count; i++)
        if (is_short(&literals[i]) == of_short) {
            least = literals[i].text.len < least ? literals[i].text.len : least;
            wanted++;
        }
    if (wanted == 0)
        return;
    table->window = (unsigned)least;
    table->entries = memory_new(wanted * sizeof(*table->entries));
    memset(table->shift, (int)least - BLOCK_BYTES + 1, sizeof(table->shift));
    memset(table->first, 0xFF, sizeof(table->first));
    for (size_t i = 0; i < count; i++)
        if (is_short(&literals[i]) == of_short)
            add_entry(table, &literals[i], i);
    for (size_t i = 0; i < REGIONS; i++)
        table->regions[i].waiting = memory_new(WAITING_MOST * sizeof(struct waiting));
}

struct search *search_new(const struct literal *literals, size_t count)
{
    struct search *search = memory_new(sizeof(*search));

    fill_table(&search->tables[0], false, literals, count);
    fill_table(&search->tables[1], true, literals, count);
    return search;
}

void search_free(struct search *search)
{
    if (!search)
        return;
    for (size_t i = 0; i < TABLES; i++) {
        struct table *table = &search->tables[i];

        for (size_t j = 0; j < table->count; j++)
            free((char *)(uintptr_t)table->entries[j].literal.text.at);
        for (size_t j = 0; j < REGIONS; j++)
            free(table->regions[j].waiting);
        free(table->entries);
    }
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
static bool compare(const struct table *table, struct region *region, struct span bytes)
{
    const char *end = bytes.at + region->at + 1;
    uint32_t hash = hash_block(read_block(end - BLOCK_BYTES));
    uint64_t mask = region->at + 1 < TAIL_BYTES ? 0 : table->tail_mask;
    uint64_t tail = mask ? fold_tail(end - TAIL_BYTES) : 0;
    size_t count = region->count;

    for (uint32_t i = table->first[hash]; i != NONE; i = table->entries[i].next) {
        const struct entry *entry = &table->entries[i];
        size_t len = entry->literal.text.len;

        if ((entry->tail ^ tail) & mask)
            continue;
        if (region->at < entry->window_end || region->at - entry->window_end + len > bytes.len ||
            !is_there(&entry->literal, bytes.at + region->at - entry->window_end))
            continue;
        if (count == WAITING_MOST)
            return false;
        region->waiting[count++] = (struct waiting){(uint32_t)region->at, i};
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
static inline bool step(
    const struct table *table, struct region *region, struct span bytes, size_t *at)
{
    unsigned shift = table->shift[hash_block(load_block(bytes.at + *at - 2))];

    *at += shift;
    if (__builtin_expect(shift > 0, true))
        return true;
    region->at = *at;
    if (!compare(table, region, bytes))
        return false;
    *at = region->at;
    return true;
}

/* Until one of the regions is done or can't keep more. */
static void advance_all(struct table *table, struct span bytes)
{
    struct region *r = table->regions;
    size_t a = r[0].at, b = r[1].at, c = r[2].at, d = r[3].at;

    while (a < r[0].end && b < r[1].end && c < r[2].end && d + 1 < r[3].end)
        if (!step(table, &r[0], bytes, &a) || !step(table, &r[1], bytes, &b) ||
            !step(table, &r[2], bytes, &c) || !step(table, &r[3], bytes, &d))
            break;
    r[0].at = a;
    r[1].at = b;
    r[2].at = c;
    r[3].at = d;
}

static void advance(struct table *table, struct region *region, struct span bytes)
{
    size_t at = region->at;

    while (at + 1 < region->end && step(table, region, bytes, &at))
        ;
    region->at = at;
    while (region->at < region->end) {
        const char *block = bytes.at + region->at - 2;
        unsigned shift = table->shift[hash_block(read_block(block))];

        region->at += shift;
        if (shift == 0 && !compare(table, region, bytes))
            return;
    }
}

void search_begin(struct search *search, struct span bytes)
{
    search->bytes = bytes;
    for (size_t i = 0; i < TABLES; i++) {
        struct table *table = &search->tables[i];
        size_t first = table->window - 1, places;

        table->current = table->window > 0 && bytes.len >= table->window ? 0 : REGIONS;
        if (table->current == REGIONS)
            continue;
        places = bytes.len - first;
        for (size_t j = 0; j < REGIONS; j++) {
            struct region *region = &table->regions[j];

            region->at = first + places * j / REGIONS;
            region->end = first + places * (j + 1) / REGIONS;
            region->count = region->taken = 0;
        }
        advance_all(table, bytes);
    }
}

/* The next waiting hit, or NULL if there is none any more. */
static const struct waiting *next_waiting(struct table *table, struct span bytes)
{
    while (table->current < REGIONS) {
        struct region *region = &table->regions[table->current];

        if (region->taken < region->count)
            return &region->waiting[region->taken];
        if (region->at >= region->end) {
            table->current++;
            continue;
        }
        region->count = region->taken = 0;
        advance(table, region, bytes);
    }
    return NULL;
}

/* The table that has the next hit of all. */
static struct table *next_table(struct search *search, const struct waiting **next)
{
    struct table *found = NULL;

    for (size_t i = 0; i < TABLES; i++) {
        const struct waiting *waiting = next_waiting(&search->tables[i], search->bytes);

        if (waiting && (!found || waiting->at < (*next)->at)) {
            found = &search->tables[i];
            *next = waiting;
        }
    }
    return found;
}

const char *search_peek(struct search *search)
{
    const struct waiting *next;

    return next_table(search, &next) ? search->bytes.at + next->at : NULL;
}

bool search_next(struct search *search, const char *until, struct search_hit *hit)
{
    const struct waiting *next;
    struct table *table = next_table(search, &next);

    if (!table || search->bytes.at + next->at >= until)
        return false;
    *hit = (struct search_hit){search->bytes.at + next->at, table->entries[next->entry].number};
    table->regions[table->current].taken++;
    return true;
}
