/* SPDX-License-Identifier: MIT
 *
 * The samples of a rule: their shape only. Whether they hold is for the engine
 * to say (samples.h).
 */
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"
#include "rule_text.h"
#include "timestamp.h"

struct wanted_keys {
    const struct node *texts[8], *event_at, *count, *meta;
};

#define WANTED(i, key, text)                                                                       \
    {                                                                                              \
        .name = key, .type = KEY_NODE, .offset = offsetof(struct wanted_keys, texts[i]),           \
        .help = text, .shape = &shape_text                                                         \
    }

static const struct key wanted_keys[] = {
    WANTED(0, "user_id", "the user"),
    WANTED(1, "user_id_type", "EMAIL, USERNAME, …"),
    WANTED(2, "ip_addr", "the address, without port"),
    {.name = "event_at",
        .type = KEY_NODE,
        .offset = offsetof(struct wanted_keys, event_at),
        .help = "the time: '2026-11-23T10:11:12Z' or UNIX seconds",
        .shape = &shape_text},
    WANTED(3, "user_agent", "the user agent"),
    WANTED(4, "activity_type", "the activity, as the rule names it"),
    WANTED(5, "source", "TELEMETRY, …"),
    WANTED(6, "environment", "the environment"),
    WANTED(7, "product_id", "the product"),
    {.name = "count",
        .type = KEY_NODE,
        .offset = offsetof(struct wanted_keys, count),
        .help = "how many lines are counted in it",
        .shape = &shape_text},
    {.name = "meta",
        .type = KEY_NODE,
        .offset = offsetof(struct wanted_keys, meta),
        .help = "a map of further values",
        .shape = &shape_named_text},
    {0},
};

static const struct key_shape none_shape = {
    .kind = SHAPE_CHOICE, .choices = (const char *const[]){"none", NULL}};
static const struct key_shape wanted_shape = SHAPE_OF_MAP(wanted_keys);
static const struct key_shape event_shape = SHAPE_OF(SHAPE_EITHER, &none_shape, &wanted_shape);

struct sample_keys {
    const struct node *line, *lines, *event, *fields;
    int64_t events;
};

static const struct key sample_keys[] = {
    {.name = "line",
        .type = KEY_NODE,
        .offset = offsetof(struct sample_keys, line),
        .help = "a line as the product logs it",
        .shape = &shape_text},
    {.name = "lines",
        .type = KEY_NODE,
        .offset = offsetof(struct sample_keys, lines),
        .help = "in its place, a list of lines that follow each other in one log",
        .shape = &shape_texts},
    {.name = "event",
        .type = KEY_NODE,
        .offset = offsetof(struct sample_keys, event),
        .help = "the fields that the event must have, or none; of several events, the last one",
        .shape = &event_shape},
    {.name = "events",
        .type = KEY_INTEGER,
        .offset = offsetof(struct sample_keys, events),
        .help = "how many events the rule makes of these lines",
        .least = 1,
        .most = 1000000},
    {.name = "fields",
        .type = KEY_NODE,
        .offset = offsetof(struct sample_keys, fields),
        .help = "what the source knows beside the line, like {peer.ip: 203.0.113.7}",
        .shape = &shape_named_text},
    {0},
};

static const struct key_shape sample_shape = SHAPE_OF_MAP(sample_keys);
const struct key_shape rule_samples_shape = SHAPE_OF(SHAPE_LIST, &sample_shape);

static void check_time(const struct node *node, struct errors *errors)
{
    const struct time_context context = {.zone = &zone_utc};
    struct timestamp time;
    struct span text;
    uint64_t unix_s;
    size_t used;

    if (!rule_text_read(node, "event_at", &text, errors) || span_to_u64(text, &unix_s))
        return;
    if (timestamp_parse(text, &context, &time, &used) != PARSE_OK || used != text.len ||
        !time.has_full_date)
        error_hint(errors_add(errors, node->place, "\"event_at\" must be a time with its date"),
            "Write it like '2026-11-23T10:11:12Z', or as UNIX seconds.");
}

static void check_count(const struct node *node, struct errors *errors)
{
    struct span text;
    uint64_t count;

    if (rule_text_read(node, "count", &text, errors) && !span_to_u64(text, &count))
        error_hint(errors_add(errors, node->place, "\"count\" must be a whole number"),
            "Write it in digits, like 3.");
}

static void check_wanted(const struct node *map, struct errors *errors)
{
    struct wanted_keys keys = {0};
    struct span text;

    keys_read(map, "the event of a sample", wanted_keys, &keys, errors);
    for (const struct key *key = wanted_keys; key->name; key++) {
        const struct node *node = node_get(map, key->name);

        if (node && node != keys.event_at && node != keys.count && node != keys.meta)
            rule_text_read(node, key->name, &text, errors);
    }
    if (keys.event_at)
        check_time(keys.event_at, errors);
    if (keys.count)
        check_count(keys.count, errors);
    if (keys.meta && keys.meta->kind != NODE_MAP)
        errors_add(errors, keys.meta->place, "\"meta\" must be a map of names and texts");
    for (size_t i = 0; keys.meta && keys.meta->kind == NODE_MAP && i < keys.meta->count; i++)
        rule_text_read(keys.meta->pairs[i].value, "meta", &text, errors);
}

static void read_event(
    const struct node *node, const struct rule *rule, struct sample *sample, struct errors *errors)
{
    if (rule->is_ignore) {
        error_hint(
            errors_add(errors, node->place, "a sample of an `ignore` rule that names an event"),
            "Its samples are the lines that it takes: leave `event` away.");
    } else if (node->kind == NODE_SCALAR && span_is(node->value, "none")) {
        sample->is_none = true;
    } else if (node->kind != NODE_MAP) {
        error_hint(errors_add(errors, node->place, "not an event"),
            "Write the fields that it must have, {user_id: alice}, or none.");
    } else {
        check_wanted(node, errors);
        sample->wanted = node->pairs;
        sample->wanted_count = node->count;
    }
}

static void read_fields(const struct node *node, struct sample *sample, struct errors *errors)
{
    struct span text;

    if (node->kind != NODE_MAP) {
        error_hint(errors_add(errors, node->place, "\"fields\" must be a map of names and texts"),
            "Write what the source knows beside the line, like {peer.ip: 203.0.113.7}.");
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        rule_text_read(node->pairs[i].value, "fields", &text, errors);
    sample->fields = node->pairs;
    sample->field_count = node->count < LIMIT_SAMPLE_FIELDS ? node->count : LIMIT_SAMPLE_FIELDS;
}

static void read_lines(
    const struct node *list, struct sample *sample, struct arena *arena, struct errors *errors)
{
    struct span line;
    size_t bytes = 0;
    char *to;

    sample->place = list->place;
    if (list->kind != NODE_LIST || list->count == 0) {
        error_hint(errors_add(errors, list->place, "\"lines\" must be a list of lines"),
            "Write each as - '…'; a single one goes under `line`.");
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        bytes += list->items[i]->value.len + 1;
    to = arena_alloc(arena, bytes);
    if (!to) {
        errors_add(errors, list->place, "these lines are too long");
        return;
    }
    sample->line = (struct span){to, bytes};
    for (size_t i = 0; i < list->count; i++) {
        if (!rule_text_read_logged(list->items[i], "lines", &line, errors))
            line = SPAN("");
        memcpy(to, line.at, line.len);
        to[line.len] = '\n';
        to += line.len + 1;
    }
    sample->line.len = (size_t)(to - sample->line.at);
}

static void read_sample(const struct node *node, const struct rule *rule, struct sample *sample,
    struct arena *arena, struct errors *errors)
{
    struct sample_keys keys = {0};
    bool are_known;

    if (node->kind == NODE_SCALAR) {
        error_hint(errors_add(errors, node->place, "a sample must be a map, not a text"),
            "Write - line: '…' as the product logs it, and below it event: what it must make.");
        return;
    }
    are_known = keys_read(node, "a sample", sample_keys, &keys, errors);
    if (node->kind == NODE_MAP && are_known && !keys.line == !keys.lines)
        error_hint(errors_add(errors, node->place, "a sample with %s",
                       keys.line ? "both \"line\" and \"lines\"" : "no \"line\""),
            "Write - line: '…' as the product logs it.");
    if (keys.line && rule_text_read_logged(keys.line, "line", &sample->line, errors)) {
        sample->place = keys.line->place;
        sample->node = keys.line;
    }
    if (keys.lines)
        read_lines(keys.lines, sample, arena, errors);
    sample->events = keys.events;
    if (keys.event)
        read_event(keys.event, rule, sample, errors);
    if (keys.fields)
        read_fields(keys.fields, sample, errors);
}

void rule_samples_parse(
    const struct node *node, struct rule *rule, struct arena *arena, struct errors *errors)
{
    bool has_taken = false;

    if (node->kind != NODE_LIST) {
        error_hint(errors_add(errors, node->place, "\"samples\" must be a list"),
            "Write each as - line: '…' with its event below.");
        return;
    }
    rule->samples = memory_new(node->count * sizeof(*rule->samples));
    rule->sample_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        read_sample(node->items[i], rule, &rule->samples[i], arena, errors);
        has_taken = has_taken || !rule->samples[i].is_none;
    }
    if (!has_taken)
        error_hint(errors_add(errors, node->place, "no sample of a line that the rule takes"),
            "Add a line as the product logs it, and the event that it must make.");
}
