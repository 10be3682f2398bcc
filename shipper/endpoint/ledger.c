/* SPDX-License-Identifier: MIT
 *
 * An open-addressed table of SHA-256 digests, half of each: neither ids nor
 * bodies are kept. Grows by doubling at two thirds full; nothing is ever taken
 * out.
 */
#include "shipper/endpoint/ledger.h"

#include "parsers/limits.h"
#include "parsers/memory.h"

#include <openssl/sha.h>
#include <stdlib.h>

enum { FIRST_ROOM = 1024 };

struct digest {
    uint64_t half[2];
};

struct entry {
    bool is_used;
    struct digest id, body;
};

struct ledger {
    struct entry *entries;
    size_t count, room; /* room is a power of two */
};

static struct digest digest_of(struct span text)
{
    unsigned char whole[SHA256_DIGEST_LENGTH];
    struct digest digest;

    SHA256((const unsigned char *)text.at, text.len, whole);
    memcpy(&digest, whole, sizeof(digest));
    return digest;
}

static bool is_same(struct digest a, struct digest b)
{
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

/* The entry of that id, or the unused one where it belongs. */
static struct entry *find(struct entry *entries, size_t room, struct digest id)
{
    size_t i = id.half[0] & (room - 1);

    while (entries[i].is_used && !is_same(entries[i].id, id))
        i = (i + 1) & (room - 1);
    return &entries[i];
}

static void grow(struct ledger *ledger)
{
    size_t room = ledger->room * 2;
    struct entry *entries = memory_new(room * sizeof(*entries));

    for (size_t i = 0; i < ledger->room; i++)
        if (ledger->entries[i].is_used)
            *find(entries, room, ledger->entries[i].id) = ledger->entries[i];
    free(ledger->entries);
    ledger->entries = entries;
    ledger->room = room;
}

struct ledger *ledger_new(void)
{
    struct ledger *ledger = memory_new(sizeof(*ledger));

    ledger->room = FIRST_ROOM;
    ledger->entries = memory_new(ledger->room * sizeof(*ledger->entries));
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    free(ledger->entries);
    free(ledger);
}

enum ledger_result ledger_note(struct ledger *ledger, struct span id, struct span body)
{
    struct digest key = digest_of(id), content = digest_of(body);
    struct entry *entry = find(ledger->entries, ledger->room, key);

    if (entry->is_used)
        return is_same(entry->body, content) ? LEDGER_REPEATED : LEDGER_DIFFERENT;
    if (ledger->count == LIMIT_LEDGER_EVENTS)
        return LEDGER_FULL;
    *entry = (struct entry){true, key, content};
    if (++ledger->count > ledger->room / 3 * 2)
        grow(ledger);
    return LEDGER_NEW;
}

size_t ledger_count(const struct ledger *ledger)
{
    return ledger->count;
}
