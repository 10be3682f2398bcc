/* SPDX-License-Identifier: MIT
 *
 * A flat array searched from the front: records have a handful of fields, and
 * only lines that may match a rule become records.
 */
#include "record.h"

#include "limits.h"
#include "memory.h"

#include <json-c/json.h>
#include <stdlib.h>

void record_init(struct record *record)
{
    *record = (struct record){.arena = arena_new(LIMIT_ARENA_BYTES)};
}

void record_finish(struct record *record)
{
    arena_free(record->arena);
    if (record->tokener)
        json_tokener_free(record->tokener);
    json_object_put(record->trees);
    free(record->fields);
    *record = (struct record){0};
}

void record_reset(struct record *record, struct span line)
{
    arena_reset(record->arena);
    if (record->trees)
        json_object_array_del_idx(record->trees, 0, json_object_array_length(record->trees));
    record->line = record->message = line;
    record->time = (struct span){NULL, 0};
    record->count = record->detected_count = 0;
}

bool record_add(struct record *record, struct span name, struct span value)
{
    if (record->count == LIMIT_RECORD_FIELDS)
        return false;
    record->fields =
        memory_room(record->fields, record->count, &record->room, sizeof(*record->fields));
    record->fields[record->count++] = (struct field){name, value};
    return true;
}

void record_offer_time(struct record *record, struct span time)
{
    if (record->time.len == 0 || byte_is_alpha(record->time.at[0]))
        record->time = time;
}

/* `list[?key=value].rest`: finds the field `list[N].key` with that value, then
 * `list[N].rest`. Absent also for a name of another form. */
static struct span get_by_query(const struct record *record, struct span name)
{
    const struct span absent = {NULL, 0};
    const char *open = span_find(name, '[');
    struct span list, query, key, rest;

    if (!open || span_end(name) - open < 2 || open[1] != '?')
        return absent;
    list = span_between(name.at, open);
    query = span_between(open + 2, span_end(name));
    if (!span_find(query, ']'))
        return absent;
    rest = query;
    query = span_cut(&rest, ']');
    key = span_cut(&query, '=');
    if (!query.at)
        return absent;

    for (size_t i = 0; i < record->count; i++) {
        struct span found = record->fields[i].name;
        const char *close;
        struct span element;

        if (!span_has_prefix(found, list) || found.len == list.len || found.at[list.len] != '[' ||
            !span_equal(record->fields[i].value, query))
            continue;
        close = span_find(span_from(found, list.len), ']');
        if (!close || close + 1 >= span_end(found) || close[1] != '.' ||
            !span_equal(span_between(close + 2, span_end(found)), key))
            continue;
        element = span_between(found.at, close + 1);
        for (size_t j = 0; j < record->count; j++) {
            struct span other = record->fields[j].name;
            if (span_has_prefix(other, element) && span_equal(span_from(other, element.len), rest))
                return record->fields[j].value;
        }
        return absent;
    }
    return absent;
}

struct span record_get(const struct record *record, struct span name)
{
    for (size_t i = 0; i < record->count; i++)
        if (span_equal(record->fields[i].name, name))
            return record->fields[i].value;
    return get_by_query(record, name);
}
