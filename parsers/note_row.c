/* SPDX-License-Identifier: MIT
 *
 * A row begins with its version and kind, a byte each.
 */
#include "note_row.h"

#include "pack.h"

enum { ROW_VERSION = 1 };

void note_row_write(const struct note *note, struct buffer *row)
{
    buffer_clear(row);
    buffer_append_byte(row, ROW_VERSION);
    buffer_append_byte(row, (char)note->kind);
    pack_number(row, note->log ? note->log->number : 0);
    pack_number(row, note->count);
    pack_number(row, (uint64_t)note->time_s);
    pack_number(row, (uint64_t)note->ends_s);
    pack_number(row, (uint64_t)note->silence_s);
    pack_number(row, (uint64_t)note->touched_s);
    pack_number(row, note->cursor);
    pack_number(row, note->position);
    pack_text(row, note->key);
    pack_text(row, note->value);
}

bool note_row_read(struct span bytes, struct note_row *row)
{
    uint64_t time, ends, silence, touched;

    if (bytes.len < 2 || bytes.at[0] != ROW_VERSION || (unsigned char)bytes.at[1] >= NOTE_KINDS)
        return false;
    *row = (struct note_row){.start.kind = (enum note_kind)bytes.at[1]};
    bytes = span_from(bytes, 2);
    if (!pack_take_number(&bytes, &row->log) || !pack_take_number(&bytes, &row->count) ||
        !pack_take_number(&bytes, &time) || !pack_take_number(&bytes, &ends) ||
        !pack_take_number(&bytes, &silence) || !pack_take_number(&bytes, &touched) ||
        !pack_take_number(&bytes, &row->cursor) || !pack_take_number(&bytes, &row->position) ||
        !pack_take_text(&bytes, &row->start.key) || !pack_take_text(&bytes, &row->start.value))
        return false;
    row->start.time_s = (int64_t)time;
    row->start.ends_s = (int64_t)ends;
    row->start.silence_s = (int64_t)silence;
    row->touched_s = (int64_t)touched;
    return bytes.len == 0 && row->start.key.at && row->start.silence_s >= 0;
}
