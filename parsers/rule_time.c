/* SPDX-License-Identifier: MIT
 *
 * The `time:` of a rule: a template, a list of them, or a map that also says how the text
 * is to be read. Zones by name are left to who may read files.
 */
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"
#include "rule_text.h"
#include "timestamp_format.h"
#include "zone_text.h"

#include <stdlib.h>

struct time_keys {
    const struct node *from, *formats, *zone;
};

#define ROW(member, text, what)                                                                    \
    .name = #member, .type = KEY_NODE, .offset = offsetof(struct time_keys, member), .help = text, \
    .shape = what

static const struct key time_keys[] = {
    {ROW(from, "a template or a list of them; otherwise the record's own time", &shape_texts)},
    {ROW(formats, "the formats it can have, as of strptime; otherwise those that are known",
        &shape_texts)},
    {ROW(zone, "the zone of times that name none, like Europe/Berlin or +02:00", &shape_text)},
    {0},
};

static const struct key_shape map_shape = SHAPE_OF_MAP(time_keys);
const struct key_shape rule_time_shape = SHAPE_OF(SHAPE_EITHER, &shape_texts, &map_shape);

static void read_format(
    const struct node *node, const struct rule_context *context, struct rule_time *time)
{
    struct timestamp_format_fault fault;
    const char *shape;
    struct span format;

    if (!rule_text_read(node, "formats", &format, context->errors))
        return;
    shape = timestamp_format_compile(format, context->arena, &fault);
    if (shape)
        time->shapes[time->shape_count++] = shape;
    else
        error_hint(errors_add(context->errors, node_place_within(node, fault.offset, fault.len),
                       "%s", fault.message),
            "%s", fault.hint);
}

static void read_formats(
    const struct node *node, const struct rule_context *context, struct rule_time *time)
{
    size_t count = node->kind == NODE_LIST ? node->count : 1;

    if (count == 0 || count > LIMIT_TIME_FORMATS) {
        error_hint(errors_add(context->errors, node->place,
                       "\"formats\" must be a list of 1 to %u texts", LIMIT_TIME_FORMATS),
            "Write each like '%%d/%%m/%%Y %%H:%%M:%%S'.");
        return;
    }
    time->shapes = memory_new(count * sizeof(*time->shapes));
    for (size_t i = 0; i < count; i++)
        read_format(node->kind == NODE_LIST ? node->items[i] : node, context, time);
}

void rule_time_parse(const struct node *node, const struct rule_names *names,
    const struct rule_context *context, struct rule_time *time)
{
    struct time_keys keys = {.from = node};

    *time = (struct rule_time){0};
    if (node && node->kind == NODE_MAP) {
        keys.from = NULL;
        if (node->count == 0)
            error_hint(errors_add(context->errors, node->place, "\"time\" is an empty map"),
                "Say which time counts with `from`, how it is written with `formats`.");
        keys_read(node, "a time", time_keys, &keys, context->errors);
    }
    candidates_parse(
        keys.from, keys.from == node ? "time" : "from", names, &time->from, context->errors);
    if (keys.formats)
        read_formats(keys.formats, context, time);
    if (keys.zone && rule_text_read(keys.zone, "zone", &time->zone_name, context->errors)) {
        time->zone_place = keys.zone->place;
        zone_text_fixed(time->zone_name, &time->zone);
    }
}

void rule_time_finish(struct rule_time *time)
{
    candidates_finish(&time->from);
    free(time->shapes);
    zone_free(&time->zone);
}

bool rule_wants_zone(const struct rule *rule)
{
    struct zone zone;

    return rule->time.zone_name.at && !zone_text_fixed(rule->time.zone_name, &zone);
}

void rule_set_zone(struct rule *rule, struct zone zone)
{
    zone_free(&rule->time.zone);
    rule->time.zone = zone;
}
