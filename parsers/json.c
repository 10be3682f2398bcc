/* SPDX-License-Identifier: MIT
 *
 * json-c reads, and we walk its tree, which the record keeps: names and texts of the
 * outermost object are the tree's own. json-c is a little laxer than
 * RFC 8259 even when strict: keys in single quotes, NaN, raw control bytes. It
 * ends a key at a NUL byte.
 */
#include "json.h"

#include "limits.h"
#include "timestamp_shape.h"

#include <json-c/json.h>
#include <stdlib.h>

enum { SHORTEST_TIME_BYTES = 8, DIGITS_MOST = 20 /* of 64 bits */ };

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

/* In decimal, up to `end`; returns where they begin. */
static char *write_digits(uint64_t n, char *end)
{
    do
        *--end = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return end;
}

static bool add_value(struct record *record, struct span path, struct json_object *value);

static bool add_members(struct record *record, struct span path, struct json_object *object)
{
    json_object_object_foreach(object, key, member)
    {
        struct span name = span_of(key);

        if (path.len > 0)
            name = join_path(record->arena, path, SPAN("."), name);

        if (!name.at || !add_value(record, name, member))
            return false;
    }
    return true;
}

static bool add_elements(struct record *record, struct span path, struct json_object *array)
{
    size_t count = json_object_array_length(array);

    for (size_t i = 0; i < count; i++) {
        char digits[DIGITS_MOST + 1], *end = digits + DIGITS_MOST;
        struct span name;

        *end = ']';
        name =
            join_path(record->arena, path, SPAN("["), span_between(write_digits(i, end), end + 1));
        if (!name.at || !add_value(record, name, json_object_array_get_idx(array, i)))
            return false;
    }
    return true;
}

/* json-c clamps what does not fit into 64 bits; no value is better than a wrong one. */
static bool is_clamped(struct json_object *value)
{
    return json_object_get_uint64(value) == UINT64_MAX || json_object_get_int64(value) == INT64_MIN;
}

static bool add_integer(struct record *record, struct span path, struct json_object *value)
{
    int64_t n = json_object_get_int64(value);
    char text[DIGITS_MOST + 1], *end = text + sizeof(text), *p;
    struct span copy;

    p = write_digits(n < 0 ? -(uint64_t)n : json_object_get_uint64(value), end);
    if (n < 0)
        *--p = '-';
    copy = arena_copy(record->arena, span_between(p, end));
    return copy.at && record_add(record, path, copy);
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
        return record_add(record, path, text);
    case json_type_int:
        return is_clamped(value) || add_integer(record, path, value);
    default:
        text.at = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, &text.len);
        return record_add(record, path, text);
    }
}

/* Only among this text's own fields: an outer JSON may have used the same names. */
static struct span find_field(const struct record *record, size_t first, struct span name)
{
    for (size_t i = first; i < record->count; i++)
        if (span_equal(record->fields[i].name, name))
            return record->fields[i].value;
    return (struct span){NULL, 0};
}

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static void note_meaning(struct record *record, size_t first)
{
    static const struct span messages[] = {
        NAME("message"), NAME("msg"), NAME("@message"), NAME("MESSAGE"), NAME("log"), NAME("@m")};
    static const struct span times[] = {NAME("@timestamp"), NAME("timestamp"), NAME("time"),
        NAME("ts"), NAME("t"), NAME("t.$date"), NAME("@t"), NAME("datetime"), NAME("date"),
        NAME("asctime"), NAME("eventTime"), NAME("created_at"), NAME("published"),
        NAME("stageTimestamp"), NAME("time_iso8601"), NAME("time_local"), NAME("StartUTC"),
        NAME("timestamp.epochSecond"), NAME("instant.epochSecond"), NAME("EventTime"),
        NAME("CreationTime"), NAME("eventTimestamp"), NAME("__REALTIME_TIMESTAMP")};
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

/* The tokener costs more to make than a short line to parse. */
static struct json_tokener *tokener_of(struct record *record, int flags)
{
    if (!record->tokener) {
        record->tokener = json_tokener_new_ex(LIMIT_NESTING);
        if (!record->tokener)
            abort(); /* out of memory, as in memory.c */
    }
    json_tokener_set_flags(record->tokener, JSON_TOKENER_STRICT | flags);
    json_tokener_reset(record->tokener);
    return record->tokener;
}

static struct json_object *trees_of(struct record *record)
{
    if (!record->trees)
        record->trees = json_object_new_array();
    if (!record->trees)
        abort();
    return record->trees;
}

/* NULL with *offset set when the text is not one whole JSON value. */
static struct json_object *read_tree(struct record *record, struct span text, size_t *offset)
{
    struct json_tokener *tokener = tokener_of(record, 0);
    struct json_object *tree = json_tokener_parse_ex(tokener, text.at, (int)text.len);

    *offset = json_tokener_get_parse_end(tokener);
    if (tree && *offset < text.len) {
        json_object_put(tree);
        tree = NULL;
    }
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
    tree = read_tree(record, trimmed, &offset);
    if (!tree) {
        *at = (size_t)(trimmed.at - text.at) + offset;
        return PARSE_BAD;
    }
    json_object_array_add(trees_of(record), tree);
    is_whole = add_members(record, (struct span){NULL, 0}, tree);
    note_meaning(record, first);
    if (is_whole)
        return PARSE_OK;
    *at = text.len;
    return PARSE_BAD;
}

/* --- text before an object ------------------------------------------------- */

/* The next `{` that a quote follows, blanks between them allowed; NULL if there is none. */
static const char *find_start(const char *p, const char *end)
{
    while ((p = memchr(p, '{', (size_t)(end - p)))) {
        const char *inside = ++p;

        while (inside < end && byte_is_blank(*inside))
            inside++;
        if (inside < end && *inside == '"')
            return p - 1;
    }
    return NULL;
}

/* The first object in text; *before: the text in front of it. NULL if there is none. */
static struct json_object *find_object(struct record *record, struct span text, struct span *before)
{
    const char *end = span_end(text), *start = find_start(text.at, end);

    for (unsigned i = 0; start && i < LIMIT_JSON_STARTS; i++) {
        struct json_tokener *tokener = tokener_of(record, JSON_TOKENER_ALLOW_TRAILING_CHARS);
        struct json_object *tree = json_tokener_parse_ex(tokener, start, (int)(end - start));

        *before = span_between(text.at, start);
        if (tree)
            return tree;
        start = find_start(start + 1, end);
    }
    return NULL;
}

enum parse_result text_json_parse(struct span text, struct record *record, size_t *at)
{
    struct span before, time = text;
    struct timestamp_parts parts;
    struct json_object *tree = find_object(record, text, &before);
    size_t first = record->count, used;
    bool is_whole;

    if (!tree)
        return PARSE_NO;
    json_object_array_add(trees_of(record), tree);
    is_whole = record_add(record, SPAN("prefix"), span_trim(before)) &&
               add_members(record, (struct span){NULL, 0}, tree);
    if (time.at[0] == '[' || time.at[0] == '<')
        time = span_from(time, 1);
    if (timestamp_shape_find(time, NULL, &parts, &used))
        record_offer_time(record, time);
    note_meaning(record, first);
    if (is_whole)
        return PARSE_OK;
    *at = text.len;
    return PARSE_BAD;
}
