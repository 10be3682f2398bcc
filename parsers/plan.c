/* SPDX-License-Identifier: MIT
 *
 * A literal is as common as the rarest of its blocks, which is at least how often it
 * stands there. A short one costs at each byte (search.c), a common one at each line
 * that has it, so length counts beside rarity.
 */
#include "plan.h"

#include "blocks.h"
#include "memory.h"
#include "rule.h"
#include "signature.h"

#include <limits.h>
#include <stdlib.h>

enum { RARITY = 4 /* by which an unseen text is better than one seen once, twice, 4 times … */ };

/* --- literals -------------------------------------------------------------- */

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

/* --- rules ----------------------------------------------------------------- */

static void add_seeker(struct plan *plan, size_t literal, size_t rule)
{
    const struct demand *demand = &plan->demands[rule];
    struct wanted *wanted;

    while (literal >= plan->literal_count) {
        plan->wanted = memory_room(
            plan->wanted, plan->literal_count, &plan->literal_room, sizeof(*plan->wanted));
        plan->wanted[plan->literal_count++] = (struct wanted){0};
    }
    wanted = &plan->wanted[literal];
    wanted->seekers =
        memory_room(wanted->seekers, wanted->count, &wanted->room, sizeof(*wanted->seekers));
    wanted->seekers[wanted->count++] = (struct seeker){
        (uint32_t)rule, demand->count > 0 ? demand->blocks[0] : (uint16_t)SIGNATURE_ANYWHERE};
    wanted->is_asking |= demand->count > 0;
}

/* How often the literal stood in the sample, at most. */
static unsigned times_seen(const struct literal *literal, const struct blocks *blocks)
{
    unsigned least = UINT_MAX;

    for (size_t i = 0; i + BLOCK_BYTES <= literal->text.len; i++) {
        uint32_t ways[BLOCK_WAYS];
        unsigned count = block_ways(literal->text.at + i, literal->is_caseless, ways), sum = 0;

        for (unsigned j = 0; j < count; j++)
            sum += blocks->counts[block_number(ways[j])];
        least = sum < least ? sum : least;
    }
    return least;
}

/* The clause whose texts are rare and long. */
static const struct clause *choose_clause(const struct clauses *needs, const struct blocks *blocks)
{
    const struct clause *best = NULL;
    int best_weight = 0;

    for (size_t i = 0; i < needs->count; i++) {
        const struct clause *clause = &needs->all[i];
        int weight = (int)clause_weight(clause);
        unsigned seen = 0;

        for (size_t j = 0; j < clause->count; j++)
            seen += times_seen(&clause->any[j], blocks);
        for (; seen > 0; seen /= 2)
            weight -= RARITY;
        if (!best || weight > best_weight) {
            best = clause;
            best_weight = weight;
        }
    }
    return best;
}

/* The rarest blocks that are still to be kept, rarest first. */
struct rarest {
    struct {
        uint16_t block;
        unsigned common;
    } all[DEMAND_BLOCKS];
    uint16_t count;
};

static void add_block(struct rarest *rarest, const char *text, const struct blocks *blocks)
{
    uint32_t block = block_read(text);
    unsigned common = blocks_commonness(blocks, block);
    size_t i = rarest->count;

    if (rarest->count < DEMAND_BLOCKS)
        rarest->count++;
    else if (rarest->all[--i].common <= common)
        return;
    for (; i > 0 && rarest->all[i - 1].common > common; i--)
        rarest->all[i] = rarest->all[i - 1];
    rarest->all[i].block = signature_block(block);
    rarest->all[i].common = common;
}

/* Of the clauses that are one text, but for the one that is searched. */
static void demand_others(struct demand *demand, const struct clauses *needs,
    const struct clause *searched, const struct blocks *blocks)
{
    struct rarest rarest = {.count = 0};

    for (size_t i = 0; i < needs->count; i++) {
        const struct clause *clause = &needs->all[i];
        struct span text = clause->any[0].text;

        if (clause == searched || clause->count != 1)
            continue;
        for (size_t j = 0; j + BLOCK_BYTES <= text.len; j++)
            add_block(&rarest, text.at + j, blocks);
    }
    for (size_t i = 0; i < rarest.count; i++)
        demand->blocks[i] = rarest.all[i].block;
    demand->count = rarest.count;
}

static void plan_rule(struct plan *plan, size_t number, const struct clauses *needs,
    struct literal_set *set, const struct blocks *blocks)
{
    const struct clause *best = choose_clause(needs, blocks);

    if (!best)
        return;
    demand_others(&plan->demands[number], needs, best, blocks);
    for (size_t i = 0; i < best->count; i++)
        add_seeker(plan, add_literal(set, &best->any[i]), number);
}

/* --- the whole ------------------------------------------------------------- */

static size_t count_literals(const struct roster *roster)
{
    size_t count = 0;

    for (size_t i = 0; i < roster->count; i++) {
        const struct clauses *needs = &roster->rules[i]->needs;
        size_t most = 0;

        for (size_t j = 0; j < needs->count; j++)
            most = needs->all[j].count > most ? needs->all[j].count : most;
        count += most;
    }
    return count;
}

void plan_init(struct plan *plan, const struct roster *roster, struct span log)
{
    struct literal_set set = {.slot_count = 2 * count_literals(roster) + 1};
    struct blocks *blocks = memory_new(sizeof(*blocks));

    blocks_sample(blocks, log);
    plan->demands = memory_new(roster->count * sizeof(*plan->demands));
    set.slots = memory_new(set.slot_count * sizeof(*set.slots));
    for (size_t i = 0; i < roster->count; i++)
        plan_rule(plan, i, &roster->rules[i]->needs, &set, blocks);
    plan->search = search_new(set.all, set.count, blocks);
    free(set.slots);
    free(set.all);
    free(blocks);
}

void plan_finish(struct plan *plan)
{
    for (size_t i = 0; i < plan->literal_count; i++)
        free(plan->wanted[i].seekers);
    free(plan->wanted);
    free(plan->demands);
    search_free(plan->search);
    *plan = (struct plan){0};
}
