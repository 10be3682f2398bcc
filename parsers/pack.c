/* SPDX-License-Identifier: MIT
 *
 * Nothing is understood here: who packs knows the order, and checks what comes back.
 */
#include "pack.h"

enum { LENGTH_BYTES = 4, NUMBER_BYTES = 8 };

static const uint64_t absent = UINT32_MAX;

static void put(struct buffer *out, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buffer_append_byte(out, (char)(number >> (8 * i)));
}

static uint64_t get(const char *at, int bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < bytes; i++)
        number |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return number;
}

void pack_text(struct buffer *out, struct span text)
{
    put(out, text.at ? text.len : absent, LENGTH_BYTES);
    if (text.at)
        buffer_append(out, text);
}

void pack_number(struct buffer *out, uint64_t number)
{
    put(out, number, NUMBER_BYTES);
}

bool pack_take_text(struct span *rest, struct span *text)
{
    uint64_t len;

    if (rest->len < LENGTH_BYTES)
        return false;
    len = get(rest->at, LENGTH_BYTES);
    if (len != absent && len > rest->len - LENGTH_BYTES)
        return false;
    *rest = span_from(*rest, LENGTH_BYTES);
    *text = len == absent ? (struct span){NULL, 0} : (struct span){rest->at, (size_t)len};
    *rest = span_from(*rest, text->len);
    return true;
}

bool pack_take_number(struct span *rest, uint64_t *number)
{
    if (rest->len < NUMBER_BYTES)
        return false;
    *number = get(rest->at, NUMBER_BYTES);
    *rest = span_from(*rest, NUMBER_BYTES);
    return true;
}
