/* SPDX-License-Identifier: MIT
 *
 * Chains, and twice as many slots when there are as many notes.
 */
#include "note_table.h"

#include "keyed_hash.h"
#include "memory.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

void note_table_init(struct note_table *table)
{
    *table = (struct note_table){.slot_count = FIRST_SLOTS};
    table->slots = memory_new(FIRST_SLOTS * sizeof(*table->slots));
}

void note_table_finish(struct note_table *table)
{
    free(table->slots);
}

static struct note **slot_of(
    const struct note_table *table, enum note_kind kind, const struct note *log, struct span key)
{
    const uint64_t hash_key[2] = {
        table->hash_key[0] ^ (uint64_t)kind, table->hash_key[1] ^ (log ? log->number : 0)};

    return &table->slots[keyed_hash(hash_key, key) & (table->slot_count - 1)];
}

struct note *note_table_find(
    const struct note_table *table, enum note_kind kind, const struct note *log, struct span key)
{
    struct note *note = *slot_of(table, kind, log, key);

    while (note && !(note->kind == kind && note->log == log && span_equal(note->key, key)))
        note = note->next;
    return note;
}

static void put(struct note_table *table, struct note *note)
{
    struct note **slot = slot_of(table, note->kind, note->log, note->key);

    note->next = *slot;
    *slot = note;
}

static void grow(struct note_table *table)
{
    struct note **old = table->slots;
    size_t old_count = table->slot_count;

    table->slot_count *= 2;
    table->slots = memory_new(table->slot_count * sizeof(*table->slots));
    for (size_t i = 0; i < old_count; i++)
        for (struct note *note = old[i], *next; note; note = next) {
            next = note->next;
            put(table, note);
        }
    free(old);
}

void note_table_add(struct note_table *table, struct note *note)
{
    if (table->count++ == table->slot_count)
        grow(table);
    put(table, note);
}

void note_table_remove(struct note_table *table, struct note *note)
{
    struct note **at = slot_of(table, note->kind, note->log, note->key);

    while (*at != note)
        at = &(*at)->next;
    *at = note->next;
    table->count--;
}
