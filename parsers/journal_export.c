/* SPDX-License-Identifier: MIT
 *
 * One state for each part of a field, so that a piece may end anywhere. Values are
 * collected in one buffer; since it may move while it grows, fields become spans only
 * when the entry is complete.
 */
#include "journal_export.h"

#include "buffer.h"
#include "memory.h"

#include <stdlib.h>

enum part { PART_LINE, PART_LENGTH, PART_VALUE, PART_NEWLINE };

struct range {
    size_t name, name_len, value, value_len;
};

struct journal_export {
    enum part part;
    struct buffer bytes; /* of the entry: names and values */
    size_t start;        /* of the line or value under way */
    uint64_t left;       /* PART_VALUE: bytes to come */
    unsigned char length[8];
    unsigned length_bytes;
    struct range binary; /* the field whose value is under way */
    struct range ranges[LIMIT_JOURNAL_FIELDS];
    struct field fields[LIMIT_JOURNAL_FIELDS];
    size_t count;
    bool is_line, is_cut, is_complete;
};

struct journal_export *journal_export_new(void)
{
    return memory_new(sizeof(struct journal_export));
}

void journal_export_free(struct journal_export *entry)
{
    if (entry)
        buffer_finish(&entry->bytes);
    free(entry);
}

void journal_export_restart(struct journal_export *entry)
{
    entry->part = PART_LINE;
    entry->start = entry->count = 0;
    entry->is_line = entry->is_cut = entry->is_complete = false;
    buffer_clear(&entry->bytes);
}

/* As much as the limits let in. */
static void keep(struct journal_export *entry, struct span piece)
{
    size_t line = entry->bytes.len - entry->start;
    size_t room = LIMIT_LINE_BYTES - (line < LIMIT_LINE_BYTES ? line : LIMIT_LINE_BYTES);

    if (room > LIMIT_JOURNAL_ENTRY_BYTES - entry->bytes.len)
        room = LIMIT_JOURNAL_ENTRY_BYTES - entry->bytes.len;
    if (piece.len > room) {
        entry->is_cut = true;
        piece.len = room;
    }
    buffer_append(&entry->bytes, piece);
}

static void add_field(struct journal_export *entry, struct range range)
{
    entry->start = entry->bytes.len;
    if (entry->count == LIMIT_JOURNAL_FIELDS)
        entry->is_cut = true;
    else
        entry->ranges[entry->count++] = range;
}

/* The line at `start` is complete. */
static void end_line(struct journal_export *entry)
{
    struct span line;
    const char *equals;

    if (!entry->is_line) {
        entry->is_complete = entry->count > 0;
        return;
    }
    line = (struct span){entry->bytes.bytes + entry->start, entry->bytes.len - entry->start};
    equals = span_find(line, '=');
    if (equals) {
        size_t name = (size_t)(equals - line.at);

        add_field(entry,
            (struct range){entry->start, name, entry->start + name + 1, line.len - name - 1});
    } else {
        entry->part = PART_LENGTH;
        entry->length_bytes = 0;
    }
    entry->is_line = false;
}

static void take_line(struct journal_export *entry, struct span *rest)
{
    const char *newline = span_find(*rest, '\n');
    struct span piece = newline ? span_between(rest->at, newline) : *rest;

    entry->is_line |= piece.len > 0;
    keep(entry, piece);
    *rest = span_from(*rest, piece.len + (newline ? 1 : 0));
    if (newline)
        end_line(entry);
}

static void take_length(struct journal_export *entry, struct span *rest)
{
    entry->length[entry->length_bytes++] = (unsigned char)rest->at[0];
    *rest = span_from(*rest, 1);
    if (entry->length_bytes < sizeof(entry->length))
        return;
    entry->left = 0;
    for (unsigned i = 0; i < sizeof(entry->length); i++)
        entry->left |= (uint64_t)entry->length[i] << (8 * i);
    entry->binary =
        (struct range){.name = entry->start, .name_len = entry->bytes.len - entry->start};
    entry->start = entry->bytes.len;
    entry->part = entry->left > 0 ? PART_VALUE : PART_NEWLINE;
}

static void take_value(struct journal_export *entry, struct span *rest)
{
    struct span piece = {rest->at, entry->left < rest->len ? (size_t)entry->left : rest->len};

    keep(entry, piece);
    entry->left -= piece.len;
    *rest = span_from(*rest, piece.len);
    if (entry->left == 0)
        entry->part = PART_NEWLINE;
}

static void take_newline(struct journal_export *entry, struct span *rest)
{
    entry->binary.value = entry->start;
    entry->binary.value_len = entry->bytes.len - entry->start;
    add_field(entry, entry->binary);
    *rest = span_from(*rest, 1);
    entry->part = PART_LINE;
}

static void complete(struct journal_export *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        const struct range *range = &entry->ranges[i];
        const char *bytes = entry->bytes.bytes;

        entry->fields[i] = (struct field){
            {bytes + range->name, range->name_len}, {bytes + range->value, range->value_len}};
    }
}

bool journal_export_read(struct journal_export *entry, struct span *rest)
{
    if (entry->is_complete)
        journal_export_restart(entry);
    while (rest->len > 0 && !entry->is_complete) {
        switch (entry->part) {
        case PART_LINE:
            take_line(entry, rest);
            break;
        case PART_LENGTH:
            take_length(entry, rest);
            break;
        case PART_VALUE:
            take_value(entry, rest);
            break;
        case PART_NEWLINE:
            take_newline(entry, rest);
            break;
        }
    }
    if (entry->is_complete)
        complete(entry);
    return entry->is_complete;
}

const struct field *journal_export_fields(const struct journal_export *entry, size_t *count)
{
    *count = entry->count;
    return entry->fields;
}

bool journal_export_is_cut(const struct journal_export *entry)
{
    return entry->is_cut;
}

struct span journal_export_get(const struct journal_export *entry, struct span name)
{
    for (size_t i = 0; i < entry->count; i++)
        if (span_equal(entry->fields[i].name, name))
            return entry->fields[i].value;
    return (struct span){NULL, 0};
}
