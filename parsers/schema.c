/* SPDX-License-Identifier: MIT
 *
 * A walk over shapes and their tables. A value that the loader takes as text may look like
 * a number or a boolean to YAML.
 */
#include "schema.h"

#include "event.h"

enum { INDENT = 2 };

static void write_shape(const struct key_shape *shape, size_t depth, struct buffer *out);

static void begin_line(size_t depth, struct buffer *out)
{
    buffer_append_byte(out, '\n');
    for (size_t i = 0; i < depth * INDENT; i++)
        buffer_append_byte(out, ' ');
}

/* A property of the schema under way, behind a comma unless it is the first. */
static void put_name(const char *name, size_t depth, struct buffer *out)
{
    if (out->bytes[out->len - 1] != '{')
        buffer_append_byte(out, ',');
    begin_line(depth, out);
    event_write_string(span_of(name), out);
    buffer_append(out, SPAN(": "));
}

static void put_string(const char *name, const char *value, size_t depth, struct buffer *out)
{
    put_name(name, depth, out);
    event_write_string(span_of(value), out);
}

static void put_choices(const char *const *choices, size_t depth, struct buffer *out)
{
    put_name("enum", depth, out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; choices[i]; i++) {
        buffer_append(out, i > 0 ? SPAN(", ") : SPAN(""));
        event_write_string(span_of(choices[i]), out);
    }
    buffer_append_byte(out, ']');
}

static void put_text(size_t depth, struct buffer *out)
{
    put_name("type", depth, out);
    buffer_append(out, SPAN("[\"string\", \"number\", \"boolean\"]"));
}

/* --- keys ------------------------------------------------------------------------ */

static void put_number(const struct key *key, size_t depth, struct buffer *out)
{
    bool has_range = key->least != 0 || key->most != 0;

    switch (key->type) {
    case KEY_DURATION:
        put_string("type", "string", depth, out);
        put_string("pattern", "^[0-9]+(ms|s|m|h|d)$", depth, out);
        return;
    case KEY_SIZE:
        put_name("type", depth, out);
        buffer_append(out, SPAN("[\"integer\", \"string\"]"));
        put_string("pattern", "^[0-9]+([KMG]iB)?$", depth, out);
        return;
    default:
        put_string("type", "integer", depth, out);
    }
    if (!has_range)
        return;
    put_name("minimum", depth, out);
    buffer_printf(out, "%lld", (long long)key->least);
    put_name("maximum", depth, out);
    buffer_printf(out, "%lld", (long long)key->most);
}

static void put_default(const struct key *key, size_t depth, struct buffer *out)
{
    bool is_bare = key->type == KEY_INTEGER || key->type == KEY_BOOL;

    if (!key->default_text)
        return;
    put_name("default", depth, out);
    if (is_bare)
        buffer_append(out, span_of(key->default_text));
    else
        event_write_string(span_of(key->default_text), out);
}

static void write_shape_body(const struct key_shape *shape, size_t depth, struct buffer *out);

static void write_key(const struct key *key, size_t depth, struct buffer *out)
{
    buffer_append_byte(out, '{');
    put_string("description", key->help, depth + 1, out);
    put_default(key, depth + 1, out);
    switch (key->type) {
    case KEY_STRING:
        put_text(depth + 1, out);
        break;
    case KEY_STRINGS:
        write_shape_body(&shape_texts, depth + 1, out);
        break;
    case KEY_BOOL:
        put_string("type", "boolean", depth + 1, out);
        break;
    case KEY_INTEGER:
    case KEY_DURATION:
    case KEY_SIZE:
        put_number(key, depth + 1, out);
        break;
    case KEY_CHOICE:
        put_choices(key->choices, depth + 1, out);
        break;
    case KEY_NODE:
        if (key->shape)
            write_shape_body(key->shape, depth + 1, out);
        break;
    }
    begin_line(depth, out);
    buffer_append_byte(out, '}');
}

/* --- shapes ----------------------------------------------------------------------- */

static void put_required(const struct key_shape *map, size_t depth, struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; map->tables[i]; i++)
        for (const struct key *key = map->tables[i]; key->name; key++) {
            if (!key->is_required)
                continue;
            if (count++ == 0) {
                put_name("required", depth, out);
                buffer_append_byte(out, '[');
            } else {
                buffer_append(out, SPAN(", "));
            }
            event_write_string(span_of(key->name), out);
        }
    if (count > 0)
        buffer_append_byte(out, ']');
}

static void put_map(const struct key_shape *map, size_t depth, struct buffer *out)
{
    put_string("type", "object", depth, out);
    put_name("additionalProperties", depth, out);
    buffer_append(out, SPAN("false"));
    put_required(map, depth, out);
    put_name("properties", depth, out);
    buffer_append_byte(out, '{');
    for (size_t i = 0; map->tables[i]; i++)
        for (const struct key *key = map->tables[i]; key->name; key++) {
            put_name(key->name, depth + 1, out);
            write_key(key, depth + 1, out);
        }
    begin_line(depth, out);
    buffer_append_byte(out, '}');
}

static void put_either(const struct key_shape *shape, size_t depth, struct buffer *out)
{
    put_name("anyOf", depth, out);
    buffer_append_byte(out, '[');
    for (size_t i = 0; shape->of[i]; i++) {
        buffer_append(out, i > 0 ? SPAN(", ") : SPAN(""));
        write_shape(shape->of[i], depth, out);
    }
    buffer_append_byte(out, ']');
}

static void write_shape_body(const struct key_shape *shape, size_t depth, struct buffer *out)
{
    switch (shape->kind) {
    case SHAPE_TEXT:
        put_text(depth, out);
        break;
    case SHAPE_CHOICE:
        put_choices(shape->choices, depth, out);
        break;
    case SHAPE_MAP:
        put_map(shape, depth, out);
        break;
    case SHAPE_NAMED:
        put_string("type", "object", depth, out);
        put_name("additionalProperties", depth, out);
        write_shape(shape->of[0], depth, out);
        break;
    case SHAPE_LIST:
        put_string("type", "array", depth, out);
        put_name("items", depth, out);
        write_shape(shape->of[0], depth, out);
        break;
    case SHAPE_EITHER:
        put_either(shape, depth, out);
        break;
    }
}

static void write_shape(const struct key_shape *shape, size_t depth, struct buffer *out)
{
    buffer_append_byte(out, '{');
    write_shape_body(shape, depth + 1, out);
    begin_line(depth, out);
    buffer_append_byte(out, '}');
}

void schema_write(const struct key_shape *root, const char *title, struct buffer *out)
{
    buffer_append_byte(out, '{');
    put_string("$schema", "http://json-schema.org/draft-07/schema#", 1, out);
    put_string("title", title, 1, out);
    write_shape_body(root, 1, out);
    buffer_append(out, SPAN("\n}\n"));
}
