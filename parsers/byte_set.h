/* SPDX-License-Identifier: MIT
 *
 * Sets of bytes: what one place of a pattern can take. A character beyond ASCII counts
 * as one of the bytes from 128 on, whichever, so sets of such characters are too large
 * rather than too small.
 */
#ifndef PARSERS_BYTE_SET_H
#define PARSERS_BYTE_SET_H

#include "span.h"

struct byte_set {
    uint64_t bits[4];
};

static inline bool byte_set_has(const struct byte_set *set, unsigned char c)
{
    return set->bits[c >> 6] >> (c & 63) & 1;
}

void byte_set_add(struct byte_set *set, unsigned first, unsigned last);
void byte_set_add_all(struct byte_set *set, const struct byte_set *more);
void byte_set_invert(struct byte_set *set);

/* Letters of ASCII in both cases, where one is in it. */
void byte_set_fold(struct byte_set *set);

/* A byte of both, one that reads well if there is one; -1: none. */
int byte_set_common(const struct byte_set *a, const struct byte_set *b);

/* How many bytes are in it, the highest counted as one. */
size_t byte_set_count(const struct byte_set *set);

/* One character, escape or class of a pattern: `x`, `\d`, `\x2F`, `\p{L}`, `[a-z_]`, `.`.
 * False if it is not understood. *len: the bytes that it takes. */
bool byte_set_read(struct span pattern, bool dot_takes_newline, bool is_caseless,
    struct byte_set *set, size_t *len);

#endif
