/* SPDX-License-Identifier: MIT
 *
 * One row of a `where`. Comparisons are of texts, byte by byte; only a range
 * reads numbers: decimal, with a fraction and an exponent, nothing around them.
 */
#include "condition.h"

#include "memory.h"

#include <stdlib.h>

enum { EXPONENT_MAX = 400 }; /* beyond a double's */

struct condition_keys {
    const struct node *matches, *in, *from, *below;
    bool exists;
};

#define ROW(member, kind, text)                                                                    \
    .name = #member, .type = kind, .offset = offsetof(struct condition_keys, member), .help = text

static const struct key condition_keys[] = {
    {ROW(matches, KEY_NODE, "a pattern that finds something in the field"), .shape = &shape_text},
    {ROW(in, KEY_NODE, "a list of values, one of which it equals"), .shape = &shape_texts},
    {ROW(exists, KEY_BOOL, "true: there and not empty; false: not there or empty")},
    {ROW(from, KEY_NODE, "a number, the least that it may be"), .shape = &shape_text},
    {ROW(below, KEY_NODE, "a number that it stays below"), .shape = &shape_text},
    {0},
};

static const struct key_shape map_shape = SHAPE_OF_MAP(condition_keys);
const struct key_shape condition_shape = SHAPE_OF(SHAPE_EITHER, &shape_text, &map_shape);

/* All of s as a number. strtod would read the locale's decimal point. */
static bool parse_number(struct span s, double *number)
{
    bool is_negative = span_has_prefix(s, SPAN("-"));
    const char *p = s.at + is_negative, *end = span_end(s), *digits = p;
    double value = 0, scale = 1;
    uint64_t exponent = 0;

    for (; p < end && byte_is_digit(*p); p++)
        value = value * 10 + (*p - '0');
    if (p == digits)
        return false;
    if (p < end && *p == '.') {
        digits = ++p;
        for (; p < end && byte_is_digit(*p); p++, scale *= 10)
            value = value * 10 + (*p - '0');
        if (p == digits)
            return false;
    }
    if (p < end && byte_lower(*p) == 'e') {
        bool is_small = ++p < end && *p == '-';

        p += p < end && (*p == '-' || *p == '+');
        if (!span_to_u64(span_between(p, end), &exponent))
            return false;
        exponent = exponent < EXPONENT_MAX ? exponent : EXPONENT_MAX;
        for (; exponent > 0; exponent--) {
            if (is_small)
                scale *= 10;
            else
                value *= 10;
        }
        p = end;
    }
    *number = (is_negative ? -value : value) / scale;
    return p == end;
}

static bool read_bound(
    const struct node *node, const char *what, bool *has, double *bound, struct errors *errors)
{
    struct span text;

    if (!node)
        return true;
    if (!rule_text_read(node, what, &text, errors))
        return false;
    if (node->is_quoted || !parse_number(text, bound)) {
        error_hint(errors_add(errors, node->place, "\"%s\" must be a number", what),
            "Write it in digits, without quotes, like 200.");
        return false;
    }
    *has = true;
    return true;
}

static bool read_range(const struct node *map, const struct condition_keys *keys,
    struct condition *condition, struct errors *errors)
{
    condition->kind = CONDITION_RANGE;
    if (!read_bound(keys->from, "from", &condition->has_from, &condition->from, errors) ||
        !read_bound(keys->below, "below", &condition->has_below, &condition->below, errors))
        return false;
    if (condition->has_from && condition->has_below && condition->from >= condition->below) {
        error_hint(errors_add(errors, map->place, "no number is in this range"),
            "A value meets {from: A, below: B} when A <= value < B.");
        return false;
    }
    return true;
}

static bool read_values(const struct node *list, struct condition *condition, struct errors *errors)
{
    condition->kind = CONDITION_IN;
    if (list->kind != NODE_LIST || list->count == 0) {
        error_hint(errors_add(errors, list->place, "\"in\" must be a list of values"),
            "Write it as [a, b].");
        return false;
    }
    condition->values = memory_new(list->count * sizeof(*condition->values));
    condition->value_count = list->count;
    for (size_t i = 0; i < list->count; i++)
        if (!rule_text_read(list->items[i], "in", &condition->values[i], errors))
            return false;
    return true;
}

static bool read_map(const struct node *map, struct file_patterns *patterns,
    struct condition *condition, struct errors *errors)
{
    struct condition_keys keys = {0};
    size_t before = errors->count + errors->dropped;
    bool has_exists = node_get(map, "exists") != NULL;
    int kinds;

    keys_read(map, "a condition", condition_keys, &keys, errors);
    if (errors->count + errors->dropped > before)
        return false;
    kinds = (keys.matches != NULL) + (keys.in != NULL) + has_exists + (keys.from || keys.below);
    if (kinds != 1) {
        error_hint(errors_add(errors, map->place, "%s for one field",
                       kinds == 0 ? "no condition" : "more than one condition"),
            "Write one of {matches: …}, {in: […]}, {exists: …}, {from: …, below: …}.");
        return false;
    }
    if (keys.matches) {
        condition->kind = CONDITION_MATCHES;
        condition->pattern = rule_text_pattern(keys.matches, "matches", patterns, errors);
        return condition->pattern != NULL;
    }
    if (keys.in)
        return read_values(keys.in, condition, errors);
    if (!has_exists)
        return read_range(map, &keys, condition, errors);
    condition->kind = CONDITION_EXISTS;
    condition->exists = keys.exists;
    return true;
}

/* As other languages compare; what a value would never be: "<unknown>" may be one. */
static bool is_expression(struct span text)
{
    static const char *const signs[] = {"!=", "==", "=~", "!~"};
    struct span rest;

    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
        if (span_has_prefix(text, span_of(signs[i])))
            return true;
    if (text.len < 2 || !strchr("<>", *text.at))
        return false;
    rest = span_trim(span_from(text, text.at[1] == '=' ? 2 : 1));
    return rest.len > 0 && byte_is_digit(*rest.at);
}

static bool read_equals(
    const struct node *value, struct condition *condition, struct errors *errors)
{
    if (rule_text_is_missing(value)) {
        error_hint(errors_add(errors, value->place, "a condition without a value"),
            "Write {exists: false} for a field that is not there or empty.");
        return false;
    }
    if (is_expression(value->value)) {
        error_hint(errors_add(errors, value->place, "a text is compared as it is, without signs"),
            "Write {from: 200, below: 400} for numbers, {matches: '^…'} for a pattern, `unless` "
            "for "
            "what it must not be.");
        return false;
    }
    condition->kind = CONDITION_EQUALS;
    condition->values = memory_new(sizeof(*condition->values));
    condition->values[0] = value->value;
    condition->value_count = 1;
    return true;
}

bool condition_parse(const struct pair *pair, struct file_patterns *patterns,
    struct condition *condition, struct errors *errors)
{
    struct condition read = {.field = pair->key->value};
    bool is_read;

    if (pair->value->kind == NODE_LIST) {
        error_hint(errors_add(errors, pair->value->place, "a condition cannot be a list"),
            "Write {in: [a, b]} for one of several values.");
        return false;
    }
    is_read = pair->value->kind == NODE_MAP ? read_map(pair->value, patterns, &read, errors)
                                            : read_equals(pair->value, &read, errors);
    if (is_read)
        *condition = read;
    else
        condition_finish(&read);
    return is_read;
}

void condition_finish(struct condition *condition)
{
    free(condition->values);
    pattern_free(condition->pattern);
    *condition = (struct condition){0};
}

static bool is_one_of(struct span value, const struct condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++)
        if (span_equal(value, condition->values[i]))
            return true;
    return false;
}

static bool is_in_range(struct span value, const struct condition *condition)
{
    double number;

    return parse_number(value, &number) && (!condition->has_from || number >= condition->from) &&
           (!condition->has_below || number < condition->below);
}

enum pattern_result condition_check(
    const struct condition *condition, const struct record *record, struct matcher *matcher)
{
    struct span value = record_get(record, condition->field);
    bool is_met = false;

    if (condition->kind == CONDITION_EXISTS)
        return condition->exists == (value.len > 0) ? PATTERN_MATCH : PATTERN_NO;
    if (!value.at)
        return PATTERN_NO;
    switch (condition->kind) {
    case CONDITION_MATCHES:
        return pattern_match(condition->pattern, matcher, value, NULL, 0, NULL);
    case CONDITION_EQUALS:
    case CONDITION_IN:
        is_met = is_one_of(value, condition);
        break;
    case CONDITION_RANGE:
        is_met = is_in_range(value, condition);
        break;
    case CONDITION_EXISTS:
        break;
    }
    return is_met ? PATTERN_MATCH : PATTERN_NO;
}
