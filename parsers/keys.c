/* SPDX-License-Identifier: MIT
 *
 * One walker over a table of keys. A value is the text that the file shows,
 * never YAML 1.1's idea of a type: `no` and 0123 are those letters, a boolean is
 * true or false and nothing else. What is wrong is said in the user's words,
 * with how to write it as the hint.
 */
#include "keys.h"

#include "limits.h"
#include "memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct key_shape text_list = SHAPE_OF(SHAPE_LIST, &shape_text);
const struct key_shape shape_text = {.kind = SHAPE_TEXT};
const struct key_shape shape_texts = SHAPE_OF(SHAPE_EITHER, &shape_text, &text_list);
const struct key_shape shape_named_text = SHAPE_OF(SHAPE_NAMED, &shape_text);
const struct key_shape shape_named_texts = SHAPE_OF(SHAPE_NAMED, &shape_texts);

struct unit {
    const char *name;
    int64_t worth;
};

/* Largest first, as numbers are shown. */
static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit size_units[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct {
    const char *is_not, *hint;
    const struct unit *units; /* of numbers */
} types[] = {
    [KEY_STRING] = {"a text", "Write one value here.", NULL},
    [KEY_STRINGS] = {"a text or a list of texts", "Write one text, or several as [a, b].", NULL},
    [KEY_BOOL] = {"true or false", "Write true or false, without quotes.", NULL},
    [KEY_INTEGER] = {"a whole number", "Write it in digits, without quotes, like 32.", no_units},
    [KEY_DURATION] = {"a duration",
        "Write it as a number with a unit, like 250ms, 30s, 5m, 1h or 2d.", duration_units},
    [KEY_SIZE] = {"a size", "Write it in bytes or with a unit, like 512, 64KiB, 10MiB or 1GiB.",
        size_units},
    [KEY_CHOICE] = {"one of the possible values", "", NULL},
    [KEY_NODE] = {"", "", NULL},
};

/* What one call reads: kept together for the functions below. */
struct reading {
    const char *what;
    const struct key *keys;
    char *target;
    struct errors *errors;
};

static bool is_missing(const struct node *node)
{
    return node->kind == NODE_SCALAR && !node->is_quoted && node->value.len == 0;
}

static const char *kind_name(const struct node *node)
{
    static const char *const names[] = {"a text", "a list", "a map"};

    return is_missing(node) ? "empty" : names[node->kind];
}

static int shown_len(struct span s)
{
    return s.len < 100 ? (int)s.len : 100;
}

/* --- texts to values ------------------------------------------------------- */

/* Digits and one of the units, nothing between them; a number with a leading
 * zero could be meant as octal and is refused. */
static bool parse_number(struct span text, const struct unit *units, int64_t *value)
{
    bool is_negative = units == no_units && span_has_prefix(text, SPAN("-"));
    struct span digits = span_from(text, is_negative);
    size_t n = 0;
    uint64_t number;

    while (n < digits.len && byte_is_digit(digits.at[n]))
        n++;
    if (n > 1 && *digits.at == '0')
        return false;
    if (!span_to_u64((struct span){digits.at, n}, &number))
        return false;
    while (units->name && !span_is(span_from(digits, n), units->name))
        units++;
    if (!units->name || number > (uint64_t)(INT64_MAX / units->worth))
        return false;
    *value = (is_negative ? -1 : 1) * (int64_t)number * units->worth;
    return true;
}

bool keys_parse_duration(struct span text, int64_t *ms)
{
    return parse_number(text, duration_units, ms);
}

/* As one would write it in the file: 60000 ms is 1m. */
static void write_number(int64_t value, const struct unit *units, char *out, size_t room)
{
    while (units[1].name && (value == 0 || value % units->worth != 0))
        units++;
    snprintf(out, room, "%lld%s", (long long)(value / units->worth), units->name);
}

static bool find_choice(const char *const *choices, struct span text, int *index)
{
    for (int i = 0; choices[i]; i++)
        if (span_is(text, choices[i])) {
            *index = i;
            return true;
        }
    return false;
}

/* --- errors ---------------------------------------------------------------- */

/* "Did you mean …" or, where nothing is near, "Write a, b or c." */
static void hint_names(struct error *err, struct span word, const char *const *names, size_t count,
    const char *before, const char *last)
{
    const char *nearest = error_nearest(word, names, count);
    struct buffer list = {0};

    if (nearest) {
        error_hint(err, "Did you mean \"%s\"?", nearest);
        return;
    }
    for (size_t i = 0; i < count; i++)
        buffer_printf(&list, "%s%s", i == 0 ? "" : i + 1 == count ? last : ", ", names[i]);
    error_hint(err, "%s %.*s.", before, (int)list.len, buffer_span(&list).at);
    buffer_finish(&list);
}

/* The names of all keys, to be freed. */
/* Each once: several kinds of a thing may have a key of the same name. */
static const char **list_names(const struct key *keys, size_t *count)
{
    const char **names = NULL;
    size_t room = 0;

    for (*count = 0; keys->name; keys++) {
        size_t i = 0;

        while (i < *count && !span_is(span_of(names[i]), keys->name))
            i++;
        if (i < *count)
            continue;
        names = memory_room(names, *count, &room, sizeof(*names));
        names[(*count)++] = keys->name;
    }
    return names;
}

static bool has_key(const struct key_shape *shape, struct span name)
{
    const struct key *const *table = shape && shape->kind == SHAPE_MAP ? shape->tables : NULL;

    for (; table && *table; table++)
        for (const struct key *key = *table; key->name; key++)
            if (span_is(name, key->name))
                return true;
    return false;
}

/* The key of this map whose own map has a key of that name, or NULL. */
static const char *find_home(const struct reading *r, struct span name)
{
    for (const struct key *key = r->keys; key->name; key++)
        if (has_key(key->shape, name))
            return key->name;
    return NULL;
}

static void add_unknown_key(const struct reading *r, const struct node *name)
{
    const char *home = find_home(r, name->value);
    size_t count;
    const char **names = list_names(r->keys, &count);
    struct error *err = errors_add(r->errors, name->place, "unknown key \"%.*s\" in %s",
        shown_len(name->value), name->value.at, r->what);

    if (home)
        error_hint(err, "It belongs to \"%s\": indent it further than that.", home);
    else
        hint_names(err, name->value, names, count, "Its keys are", " and ");
    free(names);
}

/* These return false, for the reader of a value to return. */
static bool add_wrong_type(const struct reading *r, const struct key *key, const struct pair *pair)
{
    const struct node *value = pair->value;
    const char *is_not = types[key->type].is_not;
    struct error *err;

    if (is_missing(value)) {
        err = errors_add(r->errors, pair->key->place, "\"%s\" has no value", key->name);
        error_hint(err, "Write one behind the colon, or take the line away.");
        return false;
    }
    if (value->kind != NODE_SCALAR)
        err = errors_add(r->errors, value->place, "\"%s\" must be %s, not %s", key->name, is_not,
            kind_name(value));
    else
        err = errors_add(r->errors, value->place, "\"%.*s\" is not %s", shown_len(value->value),
            value->value.at, is_not);
    error_hint(err, "%s", types[key->type].hint);
    return false;
}

static bool add_wrong_item(const struct reading *r, const struct key *key, const struct node *item)
{
    error_hint(errors_add(r->errors, item->place, "each of \"%s\" must be a text, not %s",
                   key->name, kind_name(item)),
        "%s", types[key->type].hint);
    return false;
}

static bool add_wrong_choice(
    const struct reading *r, const struct key *key, const struct node *value)
{
    size_t count = 0;
    struct error *err = errors_add(r->errors, value->place, "\"%.*s\" is not a value of \"%s\"",
        shown_len(value->value), value->value.at, key->name);

    while (key->choices[count])
        count++;
    hint_names(err, value->value, key->choices, count, "Write", " or ");
    return false;
}

static bool add_out_of_range(
    const struct reading *r, const struct key *key, const struct node *value)
{
    const struct unit *units = types[key->type].units;
    char least[40], most[40];
    struct error *err = errors_add(r->errors, value->place, "\"%.*s\" is out of range for \"%s\"",
        shown_len(value->value), value->value.at, key->name);

    write_number(key->least, units, least, sizeof(least));
    write_number(key->most, units, most, sizeof(most));
    error_hint(err, "It can be %s to %s.", least, most);
    return false;
}

static void add_missing_key(const struct reading *r, const struct key *key, const struct node *map)
{
    struct place place = map->count > 0 ? map->pairs[0].key->place : map->place;

    error_hint(errors_add(r->errors, place, "%s needs \"%s\"", r->what, key->name),
        "Add \"%s\": %s.", key->name, key->help);
}

/* --- one value ------------------------------------------------------------- */

static bool is_text(const struct node *node)
{
    return node->kind == NODE_SCALAR && !is_missing(node);
}

/* A C string cannot hold NUL, which "\0" in double quotes gives. */
static char *copy_text(const struct reading *r, const struct node *node)
{
    const char *nul = span_find(node->value, '\0');

    if (nul)
        errors_add(r->errors, node_place_within(node, (size_t)(nul - node->value.at), 1),
            "a NUL byte cannot stand here");
    return memory_string(node->value);
}

/* One text or a list of them. */
static bool read_strings(const struct reading *r, const struct key *key, const struct pair *pair,
    struct strings *strings)
{
    const struct node *value = pair->value;
    bool is_list = value->kind == NODE_LIST;
    size_t count = is_list ? value->count : 1;

    if (!is_list && !is_text(value))
        return add_wrong_type(r, key, pair);
    for (size_t i = 0; is_list && i < count; i++)
        if (!is_text(value->items[i]))
            return add_wrong_item(r, key, value->items[i]);
    *strings = (struct strings){memory_new(count * sizeof(*strings->items)), count};
    for (size_t i = 0; i < count; i++)
        strings->items[i] = copy_text(r, is_list ? value->items[i] : value);
    return true;
}

static bool read_bool(const struct node *value, bool *to)
{
    bool is_true = span_is(value->value, "true");

    if (value->is_quoted || (!is_true && !span_is(value->value, "false")))
        return false;
    *to = is_true;
    return true;
}

static bool read_number(
    const struct reading *r, const struct key *key, const struct pair *pair, int64_t *to)
{
    const struct node *value = pair->value;
    bool has_range = key->least != 0 || key->most != 0;
    int64_t number;

    if ((value->is_quoted && key->type == KEY_INTEGER) ||
        !parse_number(value->value, types[key->type].units, &number))
        return add_wrong_type(r, key, pair);
    if (has_range && (number < key->least || number > key->most))
        return add_out_of_range(r, key, value);
    *to = number;
    return true;
}

/* False when the member was not set; the error has then been added. */
static bool read_value(const struct reading *r, const struct key *key, const struct pair *pair)
{
    const struct node *value = pair->value;
    void *member = r->target + key->offset;

    switch (key->type) {
    case KEY_NODE:
        *(const struct node **)member = value;
        return true;
    case KEY_STRINGS:
        return read_strings(r, key, pair, member);
    case KEY_STRING:
        if (!is_text(value))
            return add_wrong_type(r, key, pair);
        *(char **)member = copy_text(r, value);
        return true;
    case KEY_BOOL:
        return (is_text(value) && read_bool(value, member)) || add_wrong_type(r, key, pair);
    case KEY_CHOICE:
        if (!is_text(value))
            return add_wrong_type(r, key, pair);
        return find_choice(key->choices, value->value, member) || add_wrong_choice(r, key, value);
    case KEY_INTEGER:
    case KEY_DURATION:
    case KEY_SIZE:
        return is_text(value) ? read_number(r, key, pair, member) : add_wrong_type(r, key, pair);
    }
    return false;
}

/* A default is a row of ours: it is right, or we are wrong. */
static void read_default(const struct reading *r, const struct key *key)
{
    struct node value = {.kind = NODE_SCALAR, .value = span_of(key->default_text)};
    bool is_read = !key->default_text || read_value(r, key, &(struct pair){NULL, &value});

    assert(is_read);
    (void)is_read;
}

static const struct pair *find_pair(const struct node *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++)
        if (span_is(map->pairs[i].key->value, name))
            return &map->pairs[i];
    return NULL;
}

static const struct key *find_key(const struct key *keys, struct span name)
{
    for (; keys->name; keys++)
        if (span_is(name, keys->name))
            return keys;
    return NULL;
}

/* A misspelt key is not missing, too. */
static bool is_misspelt(const struct reading *r, const struct key *key, const struct node *map)
{
    size_t count;
    const char **names = list_names(r->keys, &count);
    bool is_one = false;

    for (size_t i = 0; i < map->count && !is_one; i++) {
        struct span name = map->pairs[i].key->value;
        const char *nearest = find_key(r->keys, name) ? NULL : error_nearest(name, names, count);

        is_one = nearest && span_is(span_of(nearest), key->name);
    }
    free(names);
    return is_one;
}

bool keys_read(const struct node *node, const char *what, const struct key *keys, void *target,
    struct errors *errors)
{
    const struct reading r = {what, keys, target, errors};
    bool is_map = node && node->kind == NODE_MAP, are_known = true;

    if (node && !is_map)
        error_hint(errors_add(errors, node->place, "%s must be a map, not %s", what,
                       is_missing(node)          ? "empty"
                       : node->kind == NODE_LIST ? "a list"
                                                 : "a text"),
            is_missing(node)
                ? "Write it as lines of \"key: value\", indented further than it."
                : "Write it as lines of \"key: value\", with a blank behind the colon.");
    for (const struct key *key = keys; key->name; key++) {
        const struct pair *pair = is_map ? find_pair(node, key->name) : NULL;

        if (!pair || !read_value(&r, key, pair))
            read_default(&r, key);
        if (is_map && !pair && key->is_required && !is_misspelt(&r, key, node))
            add_missing_key(&r, key, node);
    }
    for (size_t i = 0; is_map && i < node->count; i++)
        if (!find_key(keys, node->pairs[i].key->value)) {
            add_unknown_key(&r, node->pairs[i].key);
            are_known = false;
        }
    return are_known;
}

static bool are_equal_texts(const char *a, const char *b)
{
    return a && b ? span_is(span_of(a), b) : a == b;
}

static bool are_equal_lists(const struct strings *a, const struct strings *b)
{
    for (size_t i = 0; i < a->count && a->count == b->count; i++)
        if (!are_equal_texts(a->items[i], b->items[i]))
            return false;
    return a->count == b->count;
}

static bool are_equal(enum key_type type, const void *a, const void *b)
{
    switch (type) {
    case KEY_STRING:
        return are_equal_texts(*(char *const *)a, *(char *const *)b);
    case KEY_STRINGS:
        return are_equal_lists(a, b);
    case KEY_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case KEY_CHOICE:
        return *(const int *)a == *(const int *)b;
    case KEY_INTEGER:
    case KEY_DURATION:
    case KEY_SIZE:
        return *(const int64_t *)a == *(const int64_t *)b;
    case KEY_NODE:
        break;
    }
    return true;
}

bool keys_equal(const struct key *keys, const void *a, const void *b)
{
    for (const struct key *key = keys; key->name; key++)
        if (!are_equal(key->type, (const char *)a + key->offset, (const char *)b + key->offset))
            return false;
    return true;
}

void keys_finish(const struct key *keys, void *target)
{
    for (const struct key *key = keys; key->name; key++) {
        void *member = (char *)target + key->offset;

        if (key->type == KEY_STRING) {
            free(*(char **)member);
            *(char **)member = NULL;
        } else if (key->type == KEY_STRINGS) {
            struct strings *strings = member;

            for (size_t i = 0; i < strings->count; i++)
                free(strings->items[i]);
            free(strings->items);
            *strings = (struct strings){0};
        }
    }
}
