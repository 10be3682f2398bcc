/* SPDX-License-Identifier: MIT
 *
 * Many short pieces, since what a log tells of changes from one second to the next.
 */
#include "blocks.h"

#include "literal.h"

enum {
    PIECE_BYTES = 1 << 10,
    PIECES = BLOCKS_SAMPLE_BYTES / PIECE_BYTES,
    SEEN = 32, /* what having stood there once weighs beside a guess from bytes */
};

unsigned block_ways(const char *block, bool is_caseless, uint32_t ways[BLOCK_WAYS])
{
    unsigned count = 1;

    ways[0] = block_read(block);
    for (unsigned i = 0; is_caseless && i < BLOCK_BYTES; i++)
        if (byte_is_alpha(block[i])) {
            for (unsigned j = 0; j < count; j++)
                ways[count + j] = ways[j] ^ 0x20u << 8 * i;
            count *= 2;
        }
    return count;
}

static void count_blocks(struct blocks *blocks, struct span piece)
{
    for (size_t i = 0; i + BLOCK_BYTES <= piece.len; i++)
        blocks->counts[block_number(block_read(piece.at + i))]++;
}

void blocks_sample(struct blocks *blocks, struct span text)
{
    *blocks = (struct blocks){0};
    if (text.len <= BLOCKS_SAMPLE_BYTES) {
        count_blocks(blocks, text);
        return;
    }
    for (size_t i = 0; i < PIECES; i++)
        count_blocks(blocks, (struct span){text.at + text.len / PIECES * i, PIECE_BYTES});
}

unsigned blocks_commonness(const struct blocks *blocks, uint32_t block)
{
    unsigned common = 1;

    for (int i = 0; i < BLOCK_BYTES; i++)
        common += LITERAL_BYTE_WEIGHT_MOST - literal_byte_weight((char)(block >> 8 * i));
    return common + SEEN * blocks->counts[block_number(block)];
}
