/* SPDX-License-Identifier: MIT
 *
 * Cursors are text of journalctl's, taken apart but never made here.
 */
#include "shipper/sources/journal_cursor.h"

#include "shipper/journalctl.h"

enum { CURSOR_VERSION = 1, HEAD_BYTES = 10 };

struct span journal_cursor_part(struct span text, char letter)
{
    while (text.at) {
        struct span part = span_cut(&text, ';');

        if (part.len > 2 && part.at[0] == letter && part.at[1] == '=')
            return span_from(part, 2);
    }
    return (struct span){NULL, 0};
}

uint64_t journal_cursor_number(struct span text)
{
    struct span hex = journal_cursor_part(text, 'i');
    uint64_t number = 0;

    for (size_t i = 0; i < hex.len && i < 16; i++)
        number = number << 4 |
                 (unsigned)(byte_is_digit(hex.at[i]) ? hex.at[i] - '0' : hex.at[i] - 'a' + 10);
    return number;
}

bool journal_cursor_is_same(struct span a, struct span b)
{
    static const char letters[] = {'b', 'm', 't', 'x'};

    if (span_equal(a, b))
        return true;
    for (size_t i = 0; i < sizeof(letters); i++) {
        struct span part = journal_cursor_part(a, letters[i]);

        if (!part.at || !span_equal(part, journal_cursor_part(b, letters[i])))
            return false;
    }
    return true;
}

void journal_cursor_encode(const struct journal_cursor *cursor, struct buffer *out)
{
    buffer_append_byte(out, CURSOR_VERSION);
    buffer_append_byte(out, cursor->is_foreign ? 1 : 0);
    for (int i = 0; i < 8; i++)
        buffer_append_byte(out, (char)(cursor->position >> (8 * i)));
    buffer_append(out, span_of(cursor->text));
}

bool journal_cursor_decode(struct span value, struct journal_cursor *cursor)
{
    struct journal_cursor got = {.position = 0};
    struct span text;

    if (value.len < HEAD_BYTES || value.at[0] != CURSOR_VERSION)
        return false;
    text = span_from(value, HEAD_BYTES);
    if (text.len > 0 && !journalctl_is_cursor(text))
        return false;
    got.is_foreign = value.at[1] & 1;
    for (int i = 0; i < 8; i++)
        got.position |= (uint64_t)(unsigned char)value.at[2 + i] << (8 * i);
    memcpy(got.text, text.at, text.len);
    *cursor = got;
    return true;
}
