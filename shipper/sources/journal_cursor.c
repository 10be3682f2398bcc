/* SPDX-License-Identifier: MIT
 *
 * Cursors are text of journalctl's, taken apart but never made here. An id that points
 * into its own struct is computed anew for each copy.
 */
#include "shipper/sources/journal_cursor.h"

#include "shipper/journalctl.h"

enum { CURSOR_VERSION = 1, HEAD_BYTES = 10 };

static struct span part_of(struct span text, char letter)
{
    while (text.at) {
        struct span part = span_cut(&text, ';');

        if (part.len > 2 && part.at[0] == letter && part.at[1] == '=')
            return span_from(part, 2);
    }
    return (struct span){NULL, 0};
}

static uint64_t number_of(struct span hex)
{
    uint64_t number = 0;

    for (size_t i = 0; i < hex.len && i < 16; i++)
        number = number << 4 |
                 (unsigned)(byte_is_digit(hex.at[i]) ? hex.at[i] - '0' : hex.at[i] - 'a' + 10);
    return number;
}

bool journal_place_read(struct span text, struct journal_place *place)
{
    struct span kept;

    if (!journalctl_is_cursor(text))
        return false;
    memcpy(place->text, text.at, text.len);
    place->text[text.len] = '\0';
    place->len = text.len;
    kept = (struct span){place->text, text.len};
    place->id = part_of(kept, 's');
    place->number = number_of(part_of(kept, 'i'));
    return true;
}

void journal_place_copy(struct journal_place *to, const struct journal_place *from)
{
    memcpy(to->text, from->text, from->len + 1);
    to->len = from->len;
    to->number = from->number;
    to->id = from->id;
    if (from->id.at)
        to->id.at = to->text + (from->id.at - from->text);
}

bool journal_place_is_same(const struct journal_place *a, const struct journal_place *b)
{
    static const char letters[] = {'b', 'm', 't', 'x'};
    const struct span one = {a->text, a->len}, other = {b->text, b->len};

    if (span_equal(one, other))
        return a->len > 0;
    for (size_t i = 0; i < sizeof(letters); i++) {
        struct span part = part_of(one, letters[i]);

        if (!part.at || !span_equal(part, part_of(other, letters[i])))
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
    buffer_append(out, (struct span){cursor->place.text, cursor->place.len});
}

bool journal_cursor_decode(struct span value, struct journal_cursor *cursor)
{
    struct journal_place place = {.len = 0};

    if (value.len < HEAD_BYTES || value.at[0] != CURSOR_VERSION)
        return false;
    if (value.len > HEAD_BYTES && !journal_place_read(span_from(value, HEAD_BYTES), &place))
        return false;
    journal_place_copy(&cursor->place, &place);
    cursor->is_foreign = value.at[1] & 1;
    cursor->position = 0;
    for (int i = 0; i < 8; i++)
        cursor->position |= (uint64_t)(unsigned char)value.at[2 + i] << (8 * i);
    return true;
}
