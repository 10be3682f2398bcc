/* SPDX-License-Identifier: MIT
 *
 * A line ends at LF and nowhere else: a lone CR, NUL or U+2028 is text.
 */
#include "lines.h"

/* Blocks of bytes at once, in the vector types that gcc and clang lower to whatever
 * the machine has. A byte of the sum overflows after 255 blocks. */
enum { BLOCK_BYTES = 16, BLOCKS_MOST = 255 };

size_t lines_count(struct span bytes)
{
    const char *p = bytes.at, *end = span_end(bytes);
    size_t count = bytes.len > 0 && end[-1] != '\n';

    while (end - p >= BLOCK_BYTES) {
        signed char sums __attribute__((vector_size(BLOCK_BYTES))) = {0};
        size_t blocks = (size_t)(end - p) / BLOCK_BYTES;

        for (size_t i = 0; i < blocks && i < BLOCKS_MOST; i++, p += BLOCK_BYTES) {
            signed char block __attribute__((vector_size(BLOCK_BYTES)));

            memcpy(&block, p, BLOCK_BYTES);
            sums -= block == '\n';
        }
        for (size_t i = 0; i < BLOCK_BYTES; i++)
            count += (unsigned char)sums[i];
    }
    for (; p < end; p++)
        count += *p == '\n';
    return count;
}

bool lines_next(struct span *rest, struct span *line, size_t *whole_bytes)
{
    const char *newline = span_find(*rest, '\n');

    if (rest->len == 0)
        return false;
    *line = newline ? span_between(rest->at, newline) : *rest;
    *whole_bytes = line->len + (newline != NULL);
    *rest = span_from(*rest, *whole_bytes);
    if (newline && line->len > 0 && line->at[line->len - 1] == '\r')
        line->len--;
    return true;
}
