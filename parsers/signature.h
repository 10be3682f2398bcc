/* SPDX-License-Identifier: MIT
 *
 * A signature of a text: which blocks of three bytes stand in it, by their hashes,
 * whatever their case. What a signature lacks the text lacks.
 */
#ifndef PARSERS_SIGNATURE_H
#define PARSERS_SIGNATURE_H

#include "blocks.h"

enum {
    SIGNATURE_BITS = 12,                      /* for a text of up to some thousand bytes */
    SIGNATURE_ANYWHERE = 1 << SIGNATURE_BITS, /* in place of a block: each text has it */
};

/* {0}: of no text yet. The blocks that are there are those that have its stamp. */
struct signature {
    unsigned char stamps[(1 << SIGNATURE_BITS) + 1];
    unsigned char stamp;
};

/* A block of the lowest three bytes, as signatures know it. */
static inline uint16_t signature_block(uint32_t block)
{
    return (uint16_t)((block | 0x202020) * 0x9E377900u >> (32 - SIGNATURE_BITS));
}

/* Becomes that of another text. */
void signature_set(struct signature *signature, struct span text);

static inline bool signature_has(const struct signature *signature, uint16_t block)
{
    return signature->stamps[block] == signature->stamp;
}

#endif
