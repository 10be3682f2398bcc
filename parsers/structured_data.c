/* SPDX-License-Identifier: MIT
 *
 *     data    = "-" | 1*element
 *     element = "[" id *(" " name "=" DQUOTE value DQUOTE) "]"
 *
 * Names are not held to their 32 bytes and printable ASCII: nothing here
 * depends on it.
 */
#include "structured_data.h"

#include "escape.h"

/* `id.name`, as one name. */
static struct span join_name(struct arena *arena, struct span id, struct span name)
{
    char *joined = arena_alloc(arena, id.len + 1 + name.len);

    if (!joined)
        return (struct span){NULL, 0};
    memcpy(joined, id.at, id.len);
    joined[id.len] = '.';
    memcpy(joined + id.len + 1, name.at, name.len);
    return (struct span){joined, id.len + 1 + name.len};
}

/* RFC 5424 section 6.3.3: a backslash escapes quote, backslash and closing
 * bracket; before anything else it is itself. */
static bool decode_param(struct span *value, struct arena *arena)
{
    char *start, *to;

    if (!span_find(*value, '\\'))
        return true;
    start = to = arena_alloc(arena, value->len);
    if (!start)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        char next = i + 1 < value->len ? value->at[i + 1] : '\0';

        if (value->at[i] == '\\' && (next == '"' || next == '\\' || next == ']'))
            i++;
        *to++ = value->at[i];
    }
    *value = span_between(start, to);
    arena_trim(arena, start, value->len);
    return true;
}

/* SD-NAME: up to a blank, `=`, `]` or quote; *rest goes behind it. */
static struct span take_name(struct span *rest)
{
    struct span name = {rest->at, 0};

    while (name.len < rest->len && !memchr(" =]\"", name.at[name.len], 4))
        name.len++;
    *rest = span_from(*rest, name.len);
    return name;
}

/* name="value"; on failure *rest stands on what is wrong. */
static bool take_param(struct span *rest, struct span id, struct record *record)
{
    struct span name = take_name(rest), value;
    const char *close;

    if (name.len == 0 || !span_has_prefix(*rest, SPAN("=\"")))
        return false;
    close = escape_find_close(rest->at + 2, span_end(*rest), '"');
    if (!close)
        return false;
    value = span_between(rest->at + 2, close);
    name = join_name(record->arena, id, name);
    if (!name.at || !decode_param(&value, record->arena) || !record_add(record, name, value))
        return false;
    *rest = span_between(close + 1, span_end(*rest));
    return true;
}

bool structured_data_take(struct span *rest, struct record *record)
{
    if (rest->len > 0 && rest->at[0] == '-') {
        *rest = span_from(*rest, 1);
        return rest->len == 0 || rest->at[0] == ' ';
    }
    do {
        struct span id;

        if (rest->len == 0 || rest->at[0] != '[')
            return false;
        *rest = span_from(*rest, 1);
        id = take_name(rest);
        if (id.len == 0)
            return false;
        while (rest->len > 0 && rest->at[0] == ' ') {
            *rest = span_from(*rest, 1);
            if (!take_param(rest, id, record))
                return false;
        }
        if (rest->len == 0 || rest->at[0] != ']')
            return false;
        *rest = span_from(*rest, 1);
    } while (rest->len > 0 && rest->at[0] != ' ');
    return true;
}
