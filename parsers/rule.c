/* SPDX-License-Identifier: MIT
 *
 * One rule from its map. Patterns come before the event, since what they capture
 * decides which names may stand in it. A rule that would take every line, or
 * that says two things at once, is an error.
 */
#include "rule.h"

#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"

#include <stdlib.h>

const struct span rule_placeholders[] = {
    SPAN("-"), SPAN("--"), SPAN("anonymous"), SPAN("unknown"), SPAN("null"), SPAN("")};
const size_t rule_placeholder_count = sizeof(rule_placeholders) / sizeof(*rule_placeholders);

struct rule_keys {
    const struct node *name, *where, *match, *requires, *unless, *event, *time, *placeholders,
        *count, *once, *pair, *remember, *recall, *samples;
    bool ignore, continue_;
};

#define ROW(member, kind, text)                                                                    \
    .name = #member, .type = kind, .offset = offsetof(struct rule_keys, member), .help = text

static const struct key_shape where_shape = SHAPE_OF(SHAPE_NAMED, &condition_shape);
static const struct key_shape match_shape = SHAPE_OF(SHAPE_EITHER, &shape_text, &shape_named_text);

static const struct key rule_keys[] = {
    {ROW(name, KEY_NODE, "unique in the file; part of every event's id"), .is_required = true,
        .shape = &shape_text},
    {ROW(where, KEY_NODE, "conditions on fields; all must hold"), .shape = &where_shape},
    {ROW(match, KEY_NODE, "a pattern on the message, or a map of fields and patterns"),
        .shape = &match_shape},
    {ROW(requires, KEY_NODE, "a text, or a list of them, that stands in every line it takes"),
        .shape = &shape_texts},
    {ROW(unless, KEY_NODE, "a line in which this pattern finds something is left alone"),
        .shape = &match_shape},
    {ROW(ignore, KEY_BOOL, "true: takes the line and makes no event")},
    {.name = "continue",
        .type = KEY_BOOL,
        .offset = offsetof(struct rule_keys, continue_),
        .help = "true: lets the line go on to the rules below"},
    {ROW(event, KEY_NODE, "what to send"), .shape = &rule_event_shape},
    {ROW(time, KEY_NODE, "which of several times counts, and how it is to be read"),
        .shape = &rule_time_shape},
    {ROW(placeholders, KEY_NODE, "values of user_id that are no user"), .shape = &shape_texts},
    {ROW(count, KEY_NODE, "sends counts of its events: {every: 1h, by: [ip_addr]}"),
        .shape = &rule_count_shape},
    {ROW(once, KEY_NODE, "sends an event once in a window: {per: [user_id], every: 1d}"),
        .shape = &rule_once_shape},
    {ROW(pair, KEY_NODE, "two lines of one event: a template that has the same value in both"),
        .shape = &rule_pair_shape},
    {ROW(remember, KEY_NODE, "keeps values for other lines: {key: TEMPLATE, keep: [NAME]}"),
        .shape = &rule_remember_shape},
    {ROW(recall, KEY_NODE, "uses what was remembered under this key: a template"),
        .shape = &shape_texts},
    {ROW(samples, KEY_NODE, "lines, each with what the rule must make of it"), .is_required = true,
        .shape = &rule_samples_shape},
    {0},
};

const struct key_shape rule_shape = SHAPE_OF_MAP(rule_keys);

static void read_where(
    const struct node *map, const struct rule_context *context, struct rule *rule)
{
    const struct rule_names fields = {
        .chain = context->chain, .is_field = true, .is_open = context->is_open};

    if (map->kind != NODE_MAP || map->count == 0) {
        error_hint(errors_add(context->errors, map->place, "\"where\" must be a map of conditions"),
            "Write it like {program: sshd}.");
        return;
    }
    rule->where = memory_new(map->count * sizeof(*rule->where));
    for (size_t i = 0; i < map->count; i++) {
        const struct node *field = map->pairs[i].key;

        rule_names_check(&fields, field->value, field->place, context->errors);
        if (condition_parse(&map->pairs[i], context->patterns, &rule->where[rule->where_count],
                context->errors))
            rule->where_count++;
    }
}

/* A pattern, or a map of fields and patterns; *matches has those that compiled. */
static bool read_matches(const struct node *node, const char *what,
    const struct rule_context *context, struct rule_match **matches, size_t *count)
{
    const struct rule_names fields = {
        .chain = context->chain, .is_field = true, .is_open = context->is_open};
    bool is_map = node->kind == NODE_MAP;
    size_t wanted = is_map ? node->count : 1;

    if (node->kind == NODE_LIST || wanted == 0) {
        error_hint(errors_add(context->errors, node->place,
                       "\"%s\" must be a pattern or a map of fields and patterns", what),
            "Join alternatives in one pattern with |.");
        return false;
    }
    *matches = memory_new(wanted * sizeof(**matches));
    for (size_t i = 0; i < wanted; i++) {
        struct rule_match match = {.field = {NULL, 0}};

        if (is_map) {
            match.field = node->pairs[i].key->value;
            rule_names_check(&fields, match.field, node->pairs[i].key->place, context->errors);
        }
        match.pattern = rule_text_pattern(
            is_map ? node->pairs[i].value : node, what, context->patterns, context->errors);
        if (match.pattern)
            (*matches)[(*count)++] = match;
    }
    return *count == wanted;
}

/* The engine has room for so many, and leaves out those that are over. */
static void check_captures(const struct node *node, const struct rule *rule, struct errors *errors)
{
    size_t count = 0;

    for (size_t i = 0; i < rule->match_count; i++)
        count += pattern_capture_count(rule->matches[i].pattern);
    if (count > LIMIT_CAPTURES)
        error_hint(errors_add(errors, node->place, "%zu captures in one rule, the most is %u",
                       count, LIMIT_CAPTURES),
            "Write (?:…) and %%{NAME} where no value is needed.");
}

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20)
            return true;
    return false;
}

static void read_unless(
    const struct node *node, const struct rule_context *context, struct rule *rule)
{
    struct rule_match *matches = NULL;
    size_t count = 0;

    if (node->kind == NODE_MAP && node->count > 1) {
        error_hint(errors_add(context->errors, node->place, "\"unless\" takes one pattern"),
            "Write a rule with `ignore: true` before this one for each of the others.");
        return;
    }
    read_matches(node, "unless", context, &matches, &count);
    if (count > 0)
        rule->unless = matches[0];
    free(matches);
}

/* Texts as they stand in the log, escapes and all: at least as long as what is worth
 * looking for, and on one line. */
static void read_requires(
    const struct node *node, const struct rule_context *context, struct rule *rule)
{
    size_t count = node->kind == NODE_LIST ? node->count : 1;

    rule->requires = memory_new(count * sizeof(*rule->requires));
    for (size_t i = 0; i < count; i++) {
        const struct node *item = node->kind == NODE_LIST ? node->items[i] : node;
        struct span text;

        if (!rule_text_read(item, "requires", &text, context->errors))
            continue;
        if (text.len < LITERAL_BYTES_LEAST)
            error_hint(errors_add(context->errors, item->place,
                           "\"requires\" needs a text of at least %d bytes", LITERAL_BYTES_LEAST),
                "A shorter one stands in nearly every line.");
        else if (has_control(text))
            error_hint(errors_add(context->errors, item->place,
                           "a control character or line end in \"requires\""),
                "Write the part before or behind it.");
        else
        rule->requires[rule->require_count++] = text;
    }
}

/* node may be NULL: the usual ones. */
static void read_placeholders(const struct node *node, struct rule *rule, struct errors *errors)
{
    size_t count = !node ? rule_placeholder_count : node->kind == NODE_LIST ? node->count : 1;

    rule->placeholders = memory_new(count * sizeof(*rule->placeholders));
    rule->placeholder_count = count;
    if (!node)
        memcpy(rule->placeholders, rule_placeholders, sizeof(rule_placeholders));
    for (size_t i = 0; node && i < count; i++) {
        const struct node *item = node->kind == NODE_LIST ? node->items[i] : node;

        if (item->kind != NODE_SCALAR || rule_text_is_missing(item))
            error_hint(errors_add(errors, item->place, "\"placeholders\" must be texts"),
                "Write one text, or several as [guest, nobody].");
        rule->placeholders[i] = item->value;
    }
}

/* What a rule does with the lines that it takes: exactly one thing. What seems to
 * be missing may be there under a misspelt key. */
static void check_purpose(const struct rule_keys *keys, bool are_known, const struct rule *rule,
    const struct rule_context *context)
{
    struct errors *errors = context->errors;

    if (are_known && !keys->where && !keys->match && !keys->requires)
        error_hint(errors_add(errors, rule->place, "this rule takes every line"),
            "Say which lines with `match` or `where`, or a text that they have with `requires`.");
    if (keys->ignore && keys->event)
        error_hint(errors_add(errors, keys->event->place, "an `ignore` rule makes no event"),
            "Take `event` or `ignore` away.");
    if (are_known && !keys->ignore && !keys->event && !keys->remember)
        error_hint(errors_add(errors, rule->place, "this rule has no \"event\""),
            "Say what to send with `event`, or drop the lines with `ignore: true`.");
    if (keys->ignore && keys->continue_)
        error_hint(errors_add(errors, rule->place, "this rule has both `ignore` and `continue`"),
            "A line is either dropped or goes on: take one of them away.");
}

void rule_parse(const struct node *node, const struct rule_context *context, struct rule *rule)
{
    struct errors *errors = context->errors;
    struct rule_names names = {.chain = context->chain, .is_open = context->is_open}, recalled;
    struct rule_keys keys = {0};
    bool are_known;

    *rule = (struct rule){.place = node->place};
    are_known = keys_read(node, "a rule", rule_keys, &keys, errors);
    if (node->kind != NODE_MAP)
        return;
    rule->is_ignore = keys.ignore;
    rule->is_continue = keys.continue_;
    if (keys.name && rule_text_read(keys.name, "name", &rule->name, errors))
        rule->place = keys.name->place;
    if (keys.where)
        read_where(keys.where, context, rule);
    if (keys.match) {
        names.is_open |=
            !read_matches(keys.match, "match", context, &rule->matches, &rule->match_count);
        check_captures(keys.match, rule, errors);
    }
    if (keys.requires)
        read_requires(keys.requires, context, rule);
    if (keys.unless)
        read_unless(keys.unless, context, rule);
    if (!are_known && !keys.match)
        names.is_open = true;
    check_purpose(&keys, are_known, rule, context);

    names.matches = rule->matches;
    names.match_count = rule->match_count;
    recalled = names;
    if (keys.recall) {
        recalled.recalled = context->remembered;
        recalled.recalled_count = context->remembered_count;
    }
    rule->has_event = keys.event && !keys.ignore;
    if (rule->has_event)
        rule_event_parse(keys.event, &recalled, &rule->event, errors);
    rule_keeps_parse(&(struct rule_keeps){keys.count, keys.once, keys.pair, keys.remember,
                         keys.recall, keys.event},
        &names, context->remembered_count > 0, rule, errors);
    rule->needs = needs_find(rule, context->chain, context->scratch, context->arena);
    rule_time_parse(keys.time, &names, context, &rule->time);
    read_placeholders(keys.placeholders, rule, errors);
    if (keys.samples)
        rule_samples_parse(keys.samples, rule, context->arena, errors);
}

void rule_finish(struct rule *rule)
{
    for (size_t i = 0; i < rule->where_count; i++)
        condition_finish(&rule->where[i]);
    free(rule->where);
    for (size_t i = 0; i < rule->match_count; i++)
        pattern_free(rule->matches[i].pattern);
    free(rule->matches);
    pattern_free(rule->unless.pattern);
    rule_event_finish(&rule->event);
    rule_time_finish(&rule->time);
    rule_keeps_finish(rule);
    free(rule->requires);
    free(rule->placeholders);
    free(rule->samples);
}
