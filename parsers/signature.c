/* SPDX-License-Identifier: MIT
 *
 * A text is signed for each line that may be of interest, so nothing is cleared: the
 * stamp changes from text to text.
 */
#include "signature.h"

void signature_set(struct signature *signature, struct span text)
{
    const char *p = text.at, *end = span_end(text);

    if (++signature->stamp == 0)
        *signature = (struct signature){.stamp = 1};
    signature->stamps[SIGNATURE_ANYWHERE] = signature->stamp;
    for (; end - p >= 4; p++) {
        uint32_t block;

        memcpy(&block, p, sizeof(block));
        signature->stamps[signature_block(block)] = signature->stamp;
    }
    if (text.len >= BLOCK_BYTES)
        signature->stamps[signature_block(block_read(end - BLOCK_BYTES))] = signature->stamp;
}
