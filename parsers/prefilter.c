/* SPDX-License-Identifier: MIT
 *
 * Each rule is looked for by the rarest of what it needs. Many rules may share that
 * ("Failed password for" of forty programs), so before one is picked the record is
 * asked for all of its texts: by a signature, a set of the hashes of three bytes that
 * stand in it. What a signature lacks the record lacks.
 */
#include "prefilter.h"

#include "memory.h"
#include "rule.h"
#include "search.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ESC = 0x1B,
    SIGNATURE_BITS = 12, /* for a record of up to some thousand bytes */
    NO_BLOCK = 1 << SIGNATURE_BITS,
    BLOCK_BYTES = 3,
    DEMAND_BLOCKS = 23, /* checked for a rule */
    HIDDEN_MOST = 8,    /* find_hidden of different formats */
};

/* Which blocks of three bytes stand in the record at hand, by their hashes: those that
 * have its stamp. NO_BLOCK has it always. */
struct signature {
    unsigned char stamps[(1 << SIGNATURE_BITS) + 1];
    unsigned char stamp;
};

/* The blocks that a signature must have for a rule, rarest first. */
struct demand {
    uint16_t blocks[DEMAND_BLOCKS];
    uint16_t count;
};

/* A rule that is looked for by a literal. */
struct seeker {
    uint32_t rule;  /* its number in the roster */
    uint16_t block; /* the first that it demands: most that share the literal lack it */
};

struct wanted {
    struct seeker *seekers;
    size_t count, room;
    bool is_asking; /* one of them demands something */
};

/* A way to find lines that some rules may take without what they need, and the next one. */
struct hidden {
    const char *(*find)(struct span bytes);
    const char *next;   /* NULL: none any more */
    struct picks rules; /* those whose formats write so */
};

struct prefilter {
    const struct roster *roster;
    struct search *search;
    struct wanted *wanted; /* by literal */
    size_t literal_count;
    struct demand *demands; /* by rule: what it needs beside that */
    struct signature signature;
    struct picks always; /* rules that need nothing */
    bool has_always;
    struct hidden hidden[HIDDEN_MOST];
    size_t hidden_count;
    struct span chunk;
};

/* --- signatures ------------------------------------------------------------ */

/* Of the lowest three bytes. */
static inline uint16_t hash_block(uint32_t block)
{
    return (uint16_t)((block | 0x202020) * 0x9E377900u >> (32 - SIGNATURE_BITS));
}

static inline uint32_t last_block(const char *end)
{
    return (uint32_t)(unsigned char)end[-3] | (uint32_t)(unsigned char)end[-2] << 8 |
           (uint32_t)(unsigned char)end[-1] << 16;
}

static void sign(struct signature *signature, struct span text)
{
    const char *p = text.at, *end = span_end(text);

    if (++signature->stamp == 0)
        *signature = (struct signature){.stamp = 1};
    signature->stamps[NO_BLOCK] = signature->stamp;
    for (; end - p >= 4; p++) {
        uint32_t block;

        memcpy(&block, p, sizeof(block));
        signature->stamps[hash_block(block)] = signature->stamp;
    }
    if (text.len >= BLOCK_BYTES)
        signature->stamps[hash_block(last_block(end))] = signature->stamp;
}

static inline bool has_block(const struct signature *signature, uint16_t block)
{
    return signature->stamps[block] == signature->stamp;
}

static bool has_all(const struct signature *signature, const struct demand *demand)
{
    for (size_t i = 0; i < demand->count; i++)
        if (!has_block(signature, demand->blocks[i]))
            return false;
    return true;
}

/* --- setting up ------------------------------------------------------------ */

/* Literals without repeats, found by a hash of their bytes. */
struct literal_set {
    struct literal *all;
    size_t count, room;
    uint32_t *slots; /* number plus one */
    size_t slot_count;
};

static size_t hash_literal(const struct literal *literal)
{
    uint64_t hash = 14695981039346656037u + literal->is_caseless; /* FNV-1a */

    for (size_t i = 0; i < literal->text.len; i++)
        hash = (hash ^ (unsigned char)literal->text.at[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static size_t add_literal(struct literal_set *set, const struct literal *literal)
{
    size_t slot = hash_literal(literal) % set->slot_count;

    for (; set->slots[slot] > 0; slot = (slot + 1) % set->slot_count) {
        const struct literal *known = &set->all[set->slots[slot] - 1];

        if (known->is_caseless == literal->is_caseless && span_equal(known->text, literal->text))
            return set->slots[slot] - 1;
    }
    set->all = memory_room(set->all, set->count, &set->room, sizeof(*set->all));
    set->all[set->count++] = *literal;
    set->slots[slot] = (uint32_t)set->count;
    return set->count - 1;
}

static void add_seeker(struct prefilter *p, size_t literal, size_t rule, size_t *room)
{
    const struct demand *demand = &p->demands[rule];
    struct wanted *wanted;

    while (literal >= p->literal_count) {
        p->wanted = memory_room(p->wanted, p->literal_count, room, sizeof(*p->wanted));
        p->wanted[p->literal_count++] = (struct wanted){0};
    }
    wanted = &p->wanted[literal];
    wanted->seekers =
        memory_room(wanted->seekers, wanted->count, &wanted->room, sizeof(*wanted->seekers));
    wanted->seekers[wanted->count++] =
        (struct seeker){(uint32_t)rule, demand->count > 0 ? demand->blocks[0] : (uint16_t)NO_BLOCK};
    wanted->is_asking |= demand->count > 0;
}

static struct hidden *add_hidden(struct prefilter *p, const char *(*find)(struct span bytes))
{
    struct hidden *hidden = p->hidden;

    for (; hidden < p->hidden + p->hidden_count; hidden++)
        if (hidden->find == find)
            return hidden;
    assert(p->hidden_count < HIDDEN_MOST);
    p->hidden_count++;
    hidden->find = find;
    picks_init(&hidden->rules, p->roster->count);
    return hidden;
}

/* Terminals' sequences may stand in the middle of a text (clean.h). */
static const char *find_esc(struct span bytes)
{
    return span_find(bytes, ESC);
}

/* The rarest blocks that are still to be kept, rarest first. */
struct rarest {
    struct {
        uint16_t block;
        unsigned weight;
    } all[DEMAND_BLOCKS];
    uint16_t count;
};

static void add_block(struct rarest *rarest, const char *block)
{
    unsigned weight = 0;
    size_t i = rarest->count;

    for (int j = 0; j < BLOCK_BYTES; j++)
        weight += literal_byte_weight(block[j]);
    if (rarest->count < DEMAND_BLOCKS)
        rarest->count++;
    else if (rarest->all[--i].weight >= weight)
        return;
    for (; i > 0 && rarest->all[i - 1].weight < weight; i--)
        rarest->all[i] = rarest->all[i - 1];
    rarest->all[i].block = hash_block(last_block(block + BLOCK_BYTES));
    rarest->all[i].weight = weight;
}

/* Of the clauses that are one text, but for the one that is searched. */
static void demand_others(
    struct demand *demand, const struct clauses *needs, const struct clause *searched)
{
    struct rarest rarest = {.count = 0};

    for (size_t i = 0; i < needs->count; i++) {
        const struct clause *clause = &needs->all[i];
        struct span text = clause->any[0].text;

        if (clause == searched || clause->count != 1)
            continue;
        for (size_t j = 0; j + BLOCK_BYTES <= text.len; j++)
            add_block(&rarest, text.at + j);
    }
    for (size_t i = 0; i < rarest.count; i++)
        demand->blocks[i] = rarest.all[i].block;
    demand->count = rarest.count;
}

static void add_rule(struct prefilter *p, size_t number, struct literal_set *set, size_t *room)
{
    const struct clauses *needs = &p->roster->rules[number]->needs;
    const struct clause *best = clauses_best(needs);

    if (!best) {
        picks_add(&p->always, number);
        p->has_always = true;
        return;
    }
    demand_others(&p->demands[number], needs, best);
    for (size_t i = 0; i < best->count; i++)
        add_seeker(p, add_literal(set, &best->any[i]), number, room);
}

/* What the file's formats hide, its rules may take. */
static void add_hidden_of(struct prefilter *p, const struct roster_file *file)
{
    for (const struct format *const *format = file->rules->file->chain; *format; format++)
        if ((*format)->writing && (*format)->writing->find_hidden) {
            struct hidden *hidden = add_hidden(p, (*format)->writing->find_hidden);

            for (size_t i = file->first; i < file->end; i++)
                picks_add(&hidden->rules, i);
        }
}

static size_t count_literals(const struct roster *roster)
{
    size_t count = 0;

    for (size_t i = 0; i < roster->count; i++) {
        const struct clause *best = clauses_best(&roster->rules[i]->needs);

        count += best ? best->count : 0;
    }
    return count;
}

struct prefilter *prefilter_new(const struct roster *roster)
{
    struct prefilter *p = memory_new(sizeof(*p));
    struct literal_set set = {.slot_count = 2 * count_literals(roster) + 1};
    size_t room = 0;

    p->roster = roster;
    p->demands = memory_new(roster->count * sizeof(*p->demands));
    picks_init(&p->always, roster->count);
    set.slots = memory_new(set.slot_count * sizeof(*set.slots));
    for (size_t i = 0; i < roster->count; i++)
        add_rule(p, i, &set, &room);
    picks_add_all(&add_hidden(p, find_esc)->rules);
    for (size_t i = 0; i < roster->file_count; i++)
        add_hidden_of(p, &roster->files[i]);
    p->search = search_new(set.all, set.count);
    free(set.slots);
    free(set.all);
    return p;
}

void prefilter_free(struct prefilter *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->literal_count; i++)
        free(p->wanted[i].seekers);
    for (size_t i = 0; i < p->hidden_count; i++)
        picks_finish(&p->hidden[i].rules);
    free(p->wanted);
    free(p->demands);
    picks_finish(&p->always);
    search_free(p->search);
    free(p);
}

/* --- on a chunk ------------------------------------------------------------ */

static void find_next(struct hidden *hidden, struct span rest)
{
    hidden->next = rest.len > 0 ? hidden->find(rest) : NULL;
}

void prefilter_begin(struct prefilter *p, struct span chunk)
{
    p->chunk = chunk;
    search_begin(p->search, chunk);
    for (size_t i = 0; i < p->hidden_count; i++)
        find_next(&p->hidden[i], chunk);
}

const char *prefilter_next(struct prefilter *p, const char *from)
{
    const char *next;

    if (p->has_always)
        return from < span_end(p->chunk) ? from : NULL;
    next = search_peek(p->search);
    for (size_t i = 0; i < p->hidden_count; i++)
        if (p->hidden[i].next && (!next || p->hidden[i].next < next))
            next = p->hidden[i].next;
    return next;
}

/* The rules that may take the record for what is hidden in it, behind which we move. */
static void pass_hidden(struct prefilter *p, struct span record, struct picks *picks)
{
    const char *end = span_end(record);

    for (size_t i = 0; i < p->hidden_count; i++) {
        struct hidden *hidden = &p->hidden[i];

        if (!hidden->next || hidden->next >= end)
            continue;
        picks_merge(picks, &hidden->rules);
        find_next(hidden, span_between(end, span_end(p->chunk)));
    }
}

/* Those of the rules that have all that they need in the record. */
static void pick_seekers(
    const struct prefilter *p, const struct wanted *wanted, struct picks *picks)
{
    const struct seeker *end = wanted->seekers + wanted->count;

    for (const struct seeker *seeker = wanted->seekers; seeker < end; seeker++)
        if (has_block(&p->signature, seeker->block) &&
            has_all(&p->signature, &p->demands[seeker->rule]))
            picks_add(picks, seeker->rule);
}

void prefilter_pick(struct prefilter *p, struct span record, struct picks *picks)
{
    bool is_signed = false;
    struct search_hit hit;

    picks_clear(picks);
    while (search_next(p->search, span_end(record), &hit)) {
        const struct wanted *wanted = &p->wanted[hit.literal];

        if (wanted->is_asking && !is_signed) {
            sign(&p->signature, record);
            is_signed = true;
        }
        pick_seekers(p, wanted, picks);
    }
    pass_hidden(p, record, picks);
    picks_merge(picks, &p->always);
}
