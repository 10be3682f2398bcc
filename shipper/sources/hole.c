/* SPDX-License-Identifier: MIT
 *
 * Runs over every chunk, so what has no NUL byte must cost next to nothing.
 */
#include "shipper/sources/hole.h"

size_t hole_bytes(struct span bytes)
{
    size_t n = 0;

    while (n < bytes.len && bytes.at[n] == '\0')
        n++;
    return n;
}

const char *hole_find(struct span lines)
{
    const char *nul = span_find(lines, '\0');

    if (!nul)
        return NULL;
    if (nul > lines.at && nul[-1] == '\n')
        return nul;
    nul = memmem(nul, (size_t)(span_end(lines) - nul), "\n", 2);
    return nul ? nul + 1 : NULL;
}
