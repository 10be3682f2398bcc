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
    SIGNATURE_WORDS = 16, /* for a record of up to some 500 bytes */
    DEMAND_BITS = 23,
    HIDDEN_MOST = 8, /* find_hidden of different formats */
};

struct signature {
    uint64_t words[SIGNATURE_WORDS];
};

/* The bits that a signature must have for a rule, rarest first. */
struct demand {
    uint16_t bits[DEMAND_BITS];
    uint16_t count;
};

/* The rules that are looked for by one literal: roster numbers. */
struct wanted {
    size_t *rules;
    size_t count, room;
};

/* A way to find lines of which rules may know nothing, and the next one. */
struct hidden {
    const char *(*find)(struct span bytes);
    const char *next; /* NULL: none any more */
};

struct prefilter {
    const struct roster *roster;
    struct search *search;
    struct wanted *wanted; /* by literal */
    size_t literal_count;
    struct demand *demands; /* by rule: what it needs beside that */
    struct picks always;    /* rules that need nothing */
    bool has_always;
    struct hidden hidden[HIDDEN_MOST];
    size_t hidden_count;
    struct span chunk;
};

/* --- signatures ------------------------------------------------------------ */

static inline uint32_t block_bit(const char *p)
{
    uint32_t block = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
                     (uint32_t)(unsigned char)p[2] << 16;

    return (block | 0x202020) * 0x9E3779B1u >> 22;
}

static void sign(struct signature *signature, struct span text)
{
    for (size_t i = 0; i + 3 <= text.len; i++) {
        uint32_t bit = block_bit(text.at + i);

        signature->words[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

/* Most rules that share what was found lack the first. */
static bool has_all(const struct signature *signature, const struct demand *demand)
{
    for (size_t i = 0; i < demand->count; i++)
        if (!(signature->words[demand->bits[i] / 64] >> demand->bits[i] % 64 & 1))
            return false;
    return true;
}

static void add_demand(struct demand *demand, struct span text)
{
    for (size_t i = 0; i + 3 <= text.len && demand->count < DEMAND_BITS; i++)
        demand->bits[demand->count++] = (uint16_t)block_bit(text.at + i);
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

static void add_wanted(struct prefilter *p, size_t literal, size_t rule, size_t *room)
{
    struct wanted *wanted;

    while (literal >= p->literal_count) {
        p->wanted = memory_room(p->wanted, p->literal_count, room, sizeof(*p->wanted));
        p->wanted[p->literal_count++] = (struct wanted){0};
    }
    wanted = &p->wanted[literal];
    wanted->rules =
        memory_room(wanted->rules, wanted->count, &wanted->room, sizeof(*wanted->rules));
    wanted->rules[wanted->count++] = rule;
}

static void add_hidden(struct prefilter *p, const char *(*find)(struct span bytes))
{
    for (size_t i = 0; i < p->hidden_count; i++)
        if (p->hidden[i].find == find)
            return;
    assert(p->hidden_count < HIDDEN_MOST);
    p->hidden[p->hidden_count++].find = find;
}

/* Terminals' sequences may stand in the middle of a text (clean.h). */
static const char *find_esc(struct span bytes)
{
    return span_find(bytes, ESC);
}

/* The clauses that are one text, but for the one that is searched. */
static void demand_others(
    struct demand *demand, const struct clauses *needs, const struct clause *searched)
{
    enum { WEIGHT_MOST = 1000 };
    unsigned below = WEIGHT_MOST + 1;

    while (below > 0) {
        unsigned next = 0;

        for (size_t i = 0; i < needs->count; i++) {
            const struct clause *clause = &needs->all[i];
            unsigned weight = clause_weight(clause);

            if (clause == searched || clause->count != 1 || weight >= below)
                continue;
            if (weight > next)
                next = weight;
        }
        for (size_t i = 0; next > 0 && i < needs->count; i++)
            if (&needs->all[i] != searched && needs->all[i].count == 1 &&
                clause_weight(&needs->all[i]) == next)
                add_demand(demand, needs->all[i].any[0].text);
        below = next;
    }
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
    for (size_t i = 0; i < best->count; i++)
        add_wanted(p, add_literal(set, &best->any[i]), number, room);
    demand_others(&p->demands[number], needs, best);
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
    add_hidden(p, find_esc);
    for (size_t i = 0; i < roster->file_count; i++)
        for (const struct format *const *format = roster->files[i].rules->file->chain; *format;
             format++)
            if ((*format)->writing && (*format)->writing->find_hidden)
                add_hidden(p, (*format)->writing->find_hidden);
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
        free(p->wanted[i].rules);
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

/* Whether one of the hidden is in the record; they move behind it. */
static bool pass_hidden(struct prefilter *p, struct span record)
{
    const char *end = span_end(record);
    bool is_any = false;

    for (size_t i = 0; i < p->hidden_count; i++) {
        struct hidden *hidden = &p->hidden[i];

        if (!hidden->next || hidden->next >= end)
            continue;
        is_any = true;
        find_next(hidden, span_between(end, span_end(p->chunk)));
    }
    return is_any;
}

void prefilter_pick(struct prefilter *p, struct span record, struct picks *picks)
{
    struct signature signature;
    bool is_signed = false;
    struct search_hit hit;

    picks_clear(picks);
    while (search_next(p->search, span_end(record), &hit)) {
        const struct wanted *wanted = &p->wanted[hit.literal];

        if (wanted->count == 1 && p->roster->rules[*wanted->rules]->needs.count == 1) {
            picks_add(picks, *wanted->rules); /* found is all that it needs */
            continue;
        }
        if (!is_signed) {
            signature = (struct signature){{0}};
            sign(&signature, record);
            is_signed = true;
        }
        for (size_t i = 0; i < wanted->count; i++)
            if (has_all(&signature, &p->demands[wanted->rules[i]]))
                picks_add(picks, wanted->rules[i]);
    }
    if (pass_hidden(p, record)) {
        picks_add_all(picks);
        return;
    }
    for (size_t i = picks_next(&p->always, 0, p->always.count); i < p->always.count;
         i = picks_next(&p->always, i + 1, p->always.count))
        picks_add(picks, i);
}
