/* SPDX-License-Identifier: MIT
 *
 * json-c reads, we walk its tree and copy names and values to the record's
 * arena, since the tree is freed before we return. json-c is a little laxer than
 * RFC 8259 even when strict: keys in single quotes, NaN, raw control bytes. It
 * ends a key at a NUL byte.
 */
#include "json.h"

#include "limits.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHORTEST_TIME_BYTES = 8 };

/* path, separator and step as one name. */
static struct span join_path(
    struct arena *arena, struct span path, struct span separator, struct span step)
{
    size_t len = path.len + separator.len + step.len;
    char *joined = arena_alloc(arena, len);

    if (!joined)
        return (struct span){NULL, 0};
    if (path.len > 0)
        memcpy(joined, path.at, path.len);
    memcpy(joined + path.len, separator.at, separator.len);
    memcpy(joined + path.len + separator.len, step.at, step.len);
    return (struct span){joined, len};
}

static bool add_text(struct record *record, struct span path, struct span text)
{
    struct span copy = arena_copy(record->arena, text);

    return copy.at && record_add(record, path, copy);
}

static bool add_value(struct record *record, struct span path, struct json_object *value);

static bool add_members(struct record *record, struct span path, struct json_object *object)
{
    const struct span separator = path.len > 0 ? SPAN(".") : SPAN("");

    json_object_object_foreach(object, key, member)
    {
        struct span name = join_path(record->arena, path, separator, span_of(key));

        if (!name.at || !add_value(record, name, member))
            return false;
    }
    return true;
}

static bool add_elements(struct record *record, struct span path, struct json_object *array)
{
    size_t count = json_object_array_length(array);

    for (size_t i = 0; i < count; i++) {
        char step[24];
        struct span name;

        snprintf(step, sizeof(step), "%zu]", i);
        name = join_path(record->arena, path, SPAN("["), span_of(step));
        if (!name.at || !add_value(record, name, json_object_array_get_idx(array, i)))
            return false;
    }
    return true;
}

/* json-c clamps what does not fit into 64 bits; no value is better than a wrong one. */
static bool is_clamped(struct json_object *value)
{
    return json_object_get_type(value) == json_type_int &&
           (json_object_get_uint64(value) == UINT64_MAX ||
               json_object_get_int64(value) == INT64_MIN);
}

/* Recursion is bounded by the tokener's depth. */
static bool add_value(struct record *record, struct span path, struct json_object *value)
{
    struct span text;

    switch (json_object_get_type(value)) {
    case json_type_null:
        return true;
    case json_type_object:
        return add_members(record, path, value);
    case json_type_array:
        return add_elements(record, path, value);
    case json_type_string:
        text.at = json_object_get_string(value);
        text.len = (size_t)json_object_get_string_len(value);
        return add_text(record, path, text);
    default:
        if (is_clamped(value))
            return true;
        text.at = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, &text.len);
        return add_text(record, path, text);
    }
}

/* Only among this text's own fields: an outer JSON may have used the same names. */
static struct span find_field(const struct record *record, size_t first, const char *name)
{
    for (size_t i = first; i < record->count; i++)
        if (span_is(record->fields[i].name, name))
            return record->fields[i].value;
    return (struct span){NULL, 0};
}

static void note_meaning(struct record *record, size_t first)
{
    static const char *const messages[] = {"message", "msg", "@message", "MESSAGE", "log", "@m"};
    static const char *const times[] = {"@timestamp", "timestamp", "time", "ts", "t", "t.$date",
        "@t", "datetime", "date", "asctime", "eventTime", "created_at", "published",
        "stageTimestamp", "time_iso8601", "time_local", "StartUTC", "__REALTIME_TIMESTAMP"};
    struct span found = {NULL, 0};

    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages) && !found.at; i++)
        found = find_field(record, first, messages[i]);
    if (found.at)
        record->message = found;
    found = (struct span){NULL, 0};
    for (size_t i = 0; i < sizeof(times) / sizeof(*times) && found.len < SHORTEST_TIME_BYTES; i++)
        found = find_field(record, first, times[i]);
    if (found.len >= SHORTEST_TIME_BYTES)
        record_offer_time(record, found);
}

/* NULL with *offset set when the text is not one whole JSON value. */
static struct json_object *read_tree(struct span text, size_t *offset)
{
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_NESTING);
    struct json_object *tree;

    if (!tokener)
        abort(); /* out of memory, as in memory.c */
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    tree = json_tokener_parse_ex(tokener, text.at, (int)text.len);
    *offset = json_tokener_get_parse_end(tokener);
    if (tree && *offset < text.len) {
        json_object_put(tree);
        tree = NULL;
    }
    json_tokener_free(tokener);
    return tree;
}

enum parse_result json_parse(struct span text, struct record *record, size_t *at)
{
    struct span trimmed = span_trim(text);
    size_t first = record->count, offset;
    struct json_object *tree;
    bool is_whole;

    if (trimmed.len == 0 || trimmed.at[0] != '{')
        return PARSE_NO;
    tree = read_tree(trimmed, &offset);
    if (!tree) {
        *at = (size_t)(trimmed.at - text.at) + offset;
        return PARSE_BAD;
    }
    is_whole = add_members(record, (struct span){NULL, 0}, tree);
    json_object_put(tree);
    note_meaning(record, first);
    if (is_whole)
        return PARSE_OK;
    *at = text.len;
    return PARSE_BAD;
}
