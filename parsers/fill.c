/* SPDX-License-Identifier: MIT
 *
 * From candidates to fields. A candidate that can't be expanded, is empty, too
 * long or not of its field's kind is passed over, never repaired or cut.
 */
#include "fill.h"

#include "value_kind.h"

typedef bool is_usable(const struct rule *rule, struct span value);

static struct span first_usable(
    const struct fill *fill, const struct candidates *candidates, is_usable *usable)
{
    struct span value;

    for (size_t i = 0; i < candidates->count; i++) {
        if (!template_expand(candidates->items[i], &fill->scope, fill->arena, &value))
            continue;
        value = span_trim(value);
        if (value.len > 0 && value.len <= LIMIT_VALUE_BYTES && usable(fill->rule, value))
            return value;
    }
    return (struct span){NULL, 0};
}

static bool is_user(const struct rule *rule, struct span value)
{
    for (size_t i = 0; i < rule->placeholder_count; i++)
        if (span_equal(rule->placeholders[i], value))
            return false;
    return true;
}

static bool is_text(const struct rule *rule, struct span value)
{
    (void)rule;
    return !span_is(value, "-");
}

static bool is_any(const struct rule *rule, struct span value)
{
    (void)rule;
    (void)value;
    return true;
}

static struct span type_of_user(const struct rule *rule, struct span user)
{
    enum user_id_type type = rule->event.user_id_type;

    if (type == USER_ID_AUTO)
        type = value_is_email(user) ? USER_ID_EMAIL : USER_ID_USERNAME;
    return span_of(user_id_type_names[type]);
}

static bool fill_address(const struct fill *fill, struct address *address)
{
    const struct candidates *candidates = &fill->rule->event.ip_addr;
    const struct engine_settings *settings = fill->settings;
    struct span value;

    for (size_t i = 0; i < candidates->count; i++)
        if (template_expand(candidates->items[i], &fill->scope, fill->arena, &value) &&
            address_parse(value, address))
            return true;
    return settings->missing_address == MISSING_HOST && settings->host_address.at &&
           address_parse(settings->host_address, address);
}

/* The time that the rule names; else the record's own; else the reference. Only
 * the first of these can fail: a rule that names a time means it. */
static bool fill_time(const struct fill *fill, struct timestamp *time, bool *has_time)
{
    const struct time_context *context = &fill->source->time;
    const struct candidates *candidates = &fill->rule->time;
    size_t used;

    *has_time = true;
    for (size_t i = 0; i < candidates->count; i++) {
        struct span value;

        if (template_expand(candidates->items[i], &fill->scope, fill->arena, &value) &&
            timestamp_parse(span_trim(value), context, time, &used) == PARSE_OK &&
            time->unix_s >= 0)
            return true;
    }
    if (candidates->count > 0)
        return false;
    if (!fill->scope.record->time.at ||
        timestamp_parse(fill->scope.record->time, context, time, &used) != PARSE_OK ||
        time->unix_s < 0) {
        *time = (struct timestamp){.unix_s = context->reference_s};
        *has_time = false;
    }
    return true;
}

static struct span first_present(struct span a, struct span b, struct span c)
{
    return a.at ? a : b.at ? b : c;
}

static struct span rename_activity(const struct engine_rules *rules, struct span ours)
{
    for (size_t i = 0; i < rules->activity_count; i++)
        if (span_equal(rules->activities[i].ours, ours))
            return rules->activities[i].theirs;
    return ours;
}

static void fill_meta(const struct fill *fill, struct fill_room *room, struct event *event)
{
    const struct rule_event *wanted = &fill->rule->event;

    event->meta = room->meta;
    for (size_t i = 0; i < wanted->meta_count && event->meta_count < LIMIT_META_FIELDS; i++) {
        struct span value = first_usable(fill, &wanted->meta[i].value, is_any);

        if (value.at)
            room->meta[event->meta_count++] = (struct field){wanted->meta[i].name, value};
    }
}

struct event fill_constants(const struct engine_rules *rules, const struct rule *rule)
{
    const struct span absent = {NULL, 0};

    return (struct event){
        .source = first_present(rules->source, rule->event.source, SPAN("TELEMETRY")),
        .activity_type = rename_activity(rules, rule->event.activity_type),
        .environment = first_present(rules->environment, rule->event.environment, absent),
        .product_id = first_present(rules->product_id, rules->file->product, absent),
        .product = rules->file->product,
        .rule = rule->name,
    };
}

bool fill_event(const struct fill *fill, struct fill_room *room, struct event *event,
    const char **field, const char **reason)
{
    const struct rule *rule = fill->rule;
    struct event_identity identity;
    struct timestamp time;
    struct event e = fill_constants(fill->rules, rule);

    e.user_id = first_usable(fill, &rule->event.user_id, is_user);
    e.user_agent = first_usable(fill, &rule->event.user_agent, is_text);
    e.offset = fill->offset;
    if (!fill_time(fill, &time, &e.has_time)) {
        *field = "event_at";
        *reason = "the time that the rule names is missing or not understood";
        return false;
    }
    if (!e.user_id.at && !e.user_agent.at) {
        *field = "user_id";
        *reason = "no usable user, and no user_agent in its place";
        return false;
    }
    if (!fill_address(fill, &room->address)) {
        *field = "ip_addr";
        *reason = "no usable address";
        return false;
    }
    e.at_s = time.unix_s;
    e.ip_addr = span_of(room->address.text);
    if (e.user_id.at)
        e.user_id_type = type_of_user(rule, e.user_id);
    fill_meta(fill, room, &e);

    identity = (struct event_identity){
        .instance = fill->settings->instance,
        .product = fill->rules->file->product,
        .rule = rule->name,
        .source_id = fill->source->source_id,
        .offset = fill->offset,
        .line = fill->line,
        .has_generation = !time.has_full_date,
        .generation = fill->source->generation,
    };
    event_identify(fill->hasher, &identity, e.id);
    *event = e;
    return true;
}
