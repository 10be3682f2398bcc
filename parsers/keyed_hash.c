/* SPDX-License-Identifier: MIT
 *
 * Words are little-endian, so the same key and bytes have the same hash everywhere.
 */
#include "keyed_hash.h"

#include <endian.h>

enum { WORD_BYTES = 8, ROUNDS = 2, LAST_ROUNDS = 4 };

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(struct state *s, int rounds)
{
    while (rounds-- > 0) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static void take(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, ROUNDS);
    s->v0 ^= word;
}

uint64_t keyed_hash(const uint64_t key[2], struct span bytes)
{
    struct state s = {key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
        key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
    uint64_t last = (uint64_t)bytes.len << 56, word;

    for (; bytes.len >= WORD_BYTES; bytes = span_from(bytes, WORD_BYTES)) {
        memcpy(&word, bytes.at, WORD_BYTES);
        take(&s, le64toh(word));
    }
    for (size_t i = 0; i < bytes.len; i++)
        last |= (uint64_t)(unsigned char)bytes.at[i] << (8 * i);
    take(&s, last);
    s.v2 ^= 0xff;
    mix(&s, LAST_ROUNDS);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
