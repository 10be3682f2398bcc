/* SPDX-License-Identifier: MIT
 *
 * Notes (notes.h) by their kind, log and key. Users of a product choose what stands in
 * keys, so the table has a hash of its own (keyed_hash.h).
 */
#ifndef PARSERS_NOTE_TABLE_H
#define PARSERS_NOTE_TABLE_H

#include "notes.h"

struct note_table {
    struct note **slots; /* a power of two of them */
    size_t slot_count, count;
    uint64_t hash_key[2];
};

void note_table_init(struct note_table *table);
void note_table_finish(struct note_table *table); /* the notes are not its own */

/* NULL if there is none. */
struct note *note_table_find(
    const struct note_table *table, enum note_kind kind, const struct note *log, struct span key);

/* Nothing of its kind, log and key is in it. */
void note_table_add(struct note_table *table, struct note *note);

/* It is in it. */
void note_table_remove(struct note_table *table, struct note *note);

#endif
