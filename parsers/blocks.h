/* SPDX-License-Identifier: MIT
 *
 * Blocks of three bytes, which are what a search looks at (search.h), and how common
 * they are in a log, known from a sample of it.
 */
#ifndef PARSERS_BLOCKS_H
#define PARSERS_BLOCKS_H

#include "span.h"

enum {
    BLOCK_BYTES = 3,
    BLOCK_BITS = 14, /* of a number: a table of bytes by it stays in the first cache */
    BLOCKS = 1 << BLOCK_BITS,
    BLOCK_WAYS = 1 << BLOCK_BYTES,
    BLOCKS_SAMPLE_BYTES = 32 << 10,
};

/* {0}: nothing is known. Different blocks may have one number. */
struct blocks {
    uint16_t counts[BLOCKS]; /* in BLOCKS_SAMPLE_BYTES */
};

/* The number of the lowest three bytes: the fourth is beyond what the product reaches. */
static inline uint32_t block_number(uint32_t block)
{
    return block * 0x9E377900u >> (32 - BLOCK_BITS);
}

static inline uint32_t block_read(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
           (uint32_t)(unsigned char)p[2] << 16;
}

/* In how many ways a block may be written, and how: one, unless it is of a caseless
 * literal and has letters. */
unsigned block_ways(const char *block, bool is_caseless, uint32_t ways[BLOCK_WAYS]);

/* Forgets what was known; takes pieces of the text, from its beginning to its end. */
void blocks_sample(struct blocks *blocks, struct span text);

/* How common a block is: those that did not stand in the sample by their bytes. */
unsigned blocks_commonness(const struct blocks *blocks, uint32_t block);

#endif
