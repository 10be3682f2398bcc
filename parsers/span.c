/* SPDX-License-Identifier: MIT
 *
 * The span functions that loop. Nothing here allocates or looks past the
 * span's end.
 */
#include "span.h"

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (byte_lower(a.at[i]) != byte_lower(b.at[i]))
            return false;
    return true;
}

int span_compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;

    return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

struct span span_trim(struct span s)
{
    while (s.len > 0 && byte_is_blank(s.at[0]))
        s = span_from(s, 1);
    while (s.len > 0 && byte_is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

const char *span_find(struct span s, char c)
{
    return s.len > 0 ? memchr(s.at, c, s.len) : NULL;
}

struct span span_cut(struct span *rest, char separator)
{
    struct span piece = *rest;
    const char *cut = span_find(piece, separator);

    if (cut) {
        *rest = span_between(cut + 1, span_end(piece));
        piece = span_between(piece.at, cut);
    } else {
        *rest = (struct span){NULL, 0};
    }
    return piece;
}

bool span_to_u64(struct span s, uint64_t *value)
{
    uint64_t n = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(s.at[i] - '0');
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *value = n;
    return true;
}
