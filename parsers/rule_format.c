/* SPDX-License-Identifier: MIT
 *
 * The `format:` of a rule file. A format with columns is one of the file's own, since its
 * names are.
 */
#include "columns.h"
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"
#include "rule_text.h"

#include <stdlib.h>

struct column_keys {
    const struct node *columns, *separator;
};

static const struct key column_keys[] = {
    {.name = "columns",
        .type = KEY_NODE,
        .offset = offsetof(struct column_keys, columns),
        .help = "their names, from the left; - for one that nobody wants",
        .shape = &shape_texts,
        .is_required = true},
    {.name = "separator",
        .type = KEY_NODE,
        .offset = offsetof(struct column_keys, separator),
        .help = "the character between columns, if it is not the format's own",
        .shape = &shape_text},
    {0},
};

static const struct key_shape map_shape = SHAPE_OF_MAP(column_keys);
static const struct key_shape columns_shape = SHAPE_OF(SHAPE_EITHER, &shape_texts, &map_shape);
static const struct key_shape named_shape = SHAPE_OF(SHAPE_NAMED, &columns_shape);
static const struct key_shape one_shape = SHAPE_OF(SHAPE_EITHER, &shape_text, &named_shape);
static const struct key_shape list_shape = SHAPE_OF(SHAPE_LIST, &one_shape);
const struct key_shape rule_format_shape = SHAPE_OF(SHAPE_EITHER, &one_shape, &list_shape);

static const struct format *find_format(const struct node *node, struct errors *errors)
{
    const char *names[32];
    const struct format *format;
    const char *nearest;
    struct span name;
    struct error *err;
    size_t count = 0;

    if (!rule_text_read(node, "format", &name, errors))
        return NULL;
    format = format_find(name);
    if (format)
        return format;
    err = errors_add(errors, node->place, "unknown format \"%.*s\"",
        name.len < 100 ? (int)name.len : 100, name.at);
    while (formats[count].name && count < sizeof(names) / sizeof(*names)) {
        names[count] = formats[count].name;
        count++;
    }
    nearest = error_nearest(name, names, count);
    if (nearest)
        error_hint(err, "Did you mean \"%s\"?", nearest);
    else
        error_hint(err, "A line without a structure of its own is `plain`.");
    return NULL;
}

/* --- columns --------------------------------------------------------------- */

/* The place of the first column of that name among the first `count`; NULL if none. */
static const struct node *find_column(const struct node *list, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal(list->items[i]->value, name))
            return list->items[i];
    return NULL;
}

static bool read_name(const struct node *list, size_t i, struct arena *arena, struct span *name,
    struct errors *errors)
{
    const struct node *node = list->items[i];
    char *copy;

    if (node->kind != NODE_SCALAR || node->value.len == 0) {
        error_hint(errors_add(errors, node->place, "the name of a column must be a text"),
            "Write - for a column that nobody wants.");
        return false;
    }
    *name = SPAN("");
    if (span_is(node->value, "-"))
        return true;
    if (find_column(list, i, node->value)) {
        error_hint(errors_add(errors, node->place, "a second column \"%.*s\"",
                       node->value.len < 100 ? (int)node->value.len : 100, node->value.at),
            "Write - for a column that nobody wants.");
        return false;
    }
    copy = arena_alloc(arena, node->value.len + 1);
    if (!copy)
        return false;
    memcpy(copy, node->value.at, node->value.len);
    copy[node->value.len] = '\0';
    *name = (struct span){copy, node->value.len};
    return true;
}

static bool read_names(
    const struct node *list, struct columns *columns, const struct rule_context *context)
{
    struct span *names;
    bool is_fine = true;

    if (list->kind != NODE_LIST || list->count == 0 || list->count > LIMIT_COLUMNS) {
        error_hint(errors_add(context->errors, list->place,
                       "columns must be a list of 1 to %u names", LIMIT_COLUMNS),
            "Write them as they stand in the line, like [time, user, client].");
        return false;
    }
    names = arena_alloc(context->arena, list->count * sizeof(*names));
    if (!names)
        return false;
    for (size_t i = 0; i < list->count; i++)
        is_fine = read_name(list, i, context->arena, &names[i], context->errors) && is_fine;
    columns->names = names;
    columns->count = list->count;
    return is_fine;
}

static bool read_separator(const struct node *node, struct columns *columns, struct errors *errors)
{
    char c = node->kind == NODE_SCALAR && node->value.len == 1 ? *node->value.at : '\0';

    if ((c < ' ' && c != '\t') || c == 0x7f || c == '"') {
        error_hint(errors_add(errors, node->place, "a separator is one character, and no quote"),
            "Write it like ';' or \"\\t\".");
        return false;
    }
    columns->separator = c;
    return true;
}

/* {csv: [a, b]} or {csv: {columns: [a, b], separator: ';'}}. */
static const struct format *read_columns(const struct node *map, const struct rule_context *context)
{
    const struct node *value = map->count == 1 ? map->pairs[0].value : NULL;
    const struct format *base;
    struct column_keys keys = {0};
    struct columns *columns;
    struct format *own;

    if (!value) {
        error_hint(errors_add(context->errors, map->place, "\"format\" has %zu names here, not one",
                       map->count),
            "Formats that unwrap in turn are a list: [syslog, csv: [time, user]].");
        return NULL;
    }
    base = find_format(map->pairs[0].key, context->errors);
    if (!base)
        return NULL;
    if (!base->columns) {
        error_hint(errors_add(context->errors, value->place, "\"%s\" has no columns", base->name),
            "Those of csv, tsv and pipe are named; of other formats write the name alone.");
        return NULL;
    }
    columns = arena_alloc(context->arena, sizeof(*columns));
    own = arena_alloc(context->arena, sizeof(*own));
    if (!columns || !own)
        return NULL;
    *columns = *base->columns;
    *own = *base;
    own->columns = columns;
    if (value->kind == NODE_MAP) {
        if (!keys_read(value, "a format", column_keys, &keys, context->errors) || !keys.columns)
            return NULL;
        if (keys.separator && !read_separator(keys.separator, columns, context->errors))
            return NULL;
        value = keys.columns;
    }
    return read_names(value, columns, context) ? own : NULL;
}

/* --- the chain ------------------------------------------------------------- */

static void put_runtime_first(
    const struct format *runtime, const struct format **chain, size_t count)
{
    if (!runtime || count == 0 || chain[0]->read_part)
        return;
    memmove(&chain[1], chain, count * sizeof(*chain));
    chain[0] = runtime;
}

bool rule_format_parse(
    const struct node *node, const struct rule_context *context, const struct format ***chain)
{
    bool is_list = node && node->kind == NODE_LIST;
    size_t wanted = is_list ? node->count : 1, count = 0;

    *chain = memory_new((wanted + 2) * sizeof(**chain));
    if (!node) {
        (*chain)[0] = format_find(SPAN("plain"));
        put_runtime_first(context->runtime, *chain, 1);
        return true;
    }
    if (wanted == 0)
        errors_add(context->errors, node->place, "\"format\" is an empty list");
    for (size_t i = 0; i < wanted; i++) {
        const struct node *item = is_list ? node->items[i] : node;
        const struct format *format = item->kind == NODE_MAP ? read_columns(item, context)
                                                             : find_format(item, context->errors);

        if (format)
            (*chain)[count++] = format;
    }
    put_runtime_first(context->runtime, *chain, count);
    return wanted > 0 && count == wanted;
}
