/* SPDX-License-Identifier: MIT
 *
 * From candidates to fields. A candidate that can't be expanded, is empty, too
 * long or not of its field's kind is passed over, never repaired or cut.
 */
#include "fill.h"

#include "filter.h"
#include "value_kind.h"

typedef bool is_usable(const struct rule *rule, struct span value);

/* False if the candidate has no value, or none of a length that can be sent. */
static bool expand(const struct fill *fill, const struct scope *scope,
    const struct template *template, struct span *value)
{
    if (!template_expand(template, scope, fill->arena, value))
        return false;
    *value = span_trim(*value);
    return value->len > 0 && value->len <= LIMIT_VALUE_BYTES;
}

static struct span first_usable(
    const struct fill *fill, const struct candidates *candidates, is_usable *usable)
{
    struct span value;

    for (size_t i = 0; i < candidates->count; i++)
        if (expand(fill, &fill->scope, candidates->items[i], &value) && usable(fill->rule, value))
            return value;
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

struct span fill_first(const struct fill *fill, const struct candidates *candidates)
{
    return first_usable(fill, candidates, is_any);
}

/* By the shape that the user has in the log; what a hash was made of, nobody shall tell. */
static struct span type_of_user(const struct fill *fill, struct span user, bool is_hashed)
{
    enum user_id_type type = fill->rule->event.user_id_type;

    if (is_hashed && (type == USER_ID_AUTO || fill->settings->hash_users))
        type = USER_ID_USERNAME;
    else if (type == USER_ID_AUTO)
        type = value_is_email(user) ? USER_ID_EMAIL : USER_ID_USERNAME;
    return span_of(user_id_type_names[type]);
}

/* Whether a user is one is judged by what the log has; what is sent may be its hash. */
static void fill_user(const struct fill *fill, struct fill_room *room, struct event *event)
{
    const struct candidates *candidates = &fill->rule->event.user_id;
    struct scope raw = fill->scope;

    raw.is_raw = true;
    room->seen_user = (struct span){NULL, 0};
    for (size_t i = 0; i < candidates->count && !event->user_id.at; i++) {
        const struct template *template = candidates->items[i];
        bool is_hashed = template_has_filter(template, filter_hash);
        struct span user, sent;

        if (!expand(fill, &raw, template, &user) || !is_user(fill->rule, user))
            continue;
        sent = user;
        if (template_hides(template) && !expand(fill, &fill->scope, template, &sent))
            continue;
        if (fill->settings->hash_users && !is_hashed) {
            const struct filter_context context = {fill->arena, fill->scope.hash_secret, false};

            is_hashed = true;
            if (!filter_hash_value(&context, &sent))
                continue;
        }
        event->user_id = sent;
        room->seen_user = user;
        event->user_id_type = type_of_user(fill, user, is_hashed);
    }
}

static bool fill_address(const struct fill *fill, struct fill_room *room)
{
    struct address *address = &room->address;
    const struct candidates *candidates = &fill->rule->event.ip_addr;
    const struct engine_settings *settings = fill->settings;
    struct scope raw = fill->scope;
    struct span value;

    raw.is_raw = true;
    room->seen_address.text[0] = '\0';
    for (size_t i = 0; i < candidates->count; i++) {
        if (!template_expand(candidates->items[i], &raw, fill->arena, &value) ||
            !address_parse(value, address) ||
            (address->is_private && settings->private_address == PRIVATE_DROP))
            continue;
        room->seen_address = *address;
        if (address->is_private && settings->private_address == PRIVATE_HOST &&
            settings->host_address.at)
            address_parse(settings->host_address, address);
        if (settings->truncate_addresses ||
            template_has_filter(candidates->items[i], filter_truncate))
            address_truncate(address);
        return true;
    }
    return settings->missing_address == MISSING_HOST && settings->host_address.at &&
           address_parse(settings->host_address, address);
}

/* In the formats and the zone that the rule has, if it has any. */
static bool parse_time(const struct fill *fill, struct span text, struct moment *moment)
{
    const struct rule_time *wanted = &fill->rule->time;
    struct time_context context = fill->source->time;
    enum parse_result result;
    size_t used;

    if (!text.at)
        return false;
    context.names = fill->settings->zone_names;
    if (wanted->zone_name.at)
        context.zone = &wanted->zone;
    result = wanted->shape_count > 0 ? timestamp_parse_as(wanted->shapes, wanted->shape_count, text,
                                           &context, &moment->time, &used)
                                     : timestamp_parse(text, &context, &moment->time, &used);
    if (result != PARSE_OK || moment->time.unix_s < 0)
        return false;
    moment->text = (struct span){text.at, used};
    return true;
}

bool fill_time(
    const struct fill *fill, struct moment *moment, const char **field, const char **reason)
{
    const struct rule_time *wanted = &fill->rule->time;

    moment->has_time = true;
    for (size_t i = 0; i < wanted->from.count; i++) {
        struct span value;

        if (template_expand(wanted->from.items[i], &fill->scope, fill->arena, &value) &&
            parse_time(fill, span_trim(value), moment))
            return true;
    }
    if (wanted->from.count == 0 && parse_time(fill, fill->scope.record->time, moment))
        return true;
    if (wanted->from.count > 0 || wanted->shape_count > 0) {
        *field = "event_at";
        *reason = wanted->from.count > 0
                      ? "the time that the rule names is missing or not understood"
                      : "the time is missing, or in none of the rule's formats";
        return false;
    }
    *moment = (struct moment){.time = {.unix_s = fill->source->time.reference_s}};
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
    struct event e = fill_constants(fill->rules, rule);

    fill_user(fill, room, &e);
    e.user_agent = first_usable(fill, &rule->event.user_agent, is_text);
    e.offset = fill->offset;
    if (!e.user_id.at && !e.user_agent.at) {
        *field = "user_id";
        *reason = "no usable user, and no user_agent in its place";
        return false;
    }
    if (!rule->event.is_without_address && !fill_address(fill, room)) {
        *field = "ip_addr";
        *reason = "no usable address";
        return false;
    }
    if (!rule->event.is_without_address)
        e.ip_addr = span_of(room->address.text);
    e.at_s = fill->moment.time.unix_s;
    e.has_time = fill->moment.has_time;
    fill_meta(fill, room, &e);

    identity = (struct event_identity){
        .instance = fill->settings->instance,
        .product = fill->rules->file->product,
        .rule = rule->name,
        .source_id = fill->source->source_id,
        .offset = fill->offset,
        .line = fill->line,
        .has_generation = !fill->moment.time.has_full_date,
        .generation = fill->source->generation,
    };
    event_identify(fill->hasher, &identity, e.id);
    *event = e;
    return true;
}

void fill_refused(const struct fill *fill, const char *field, char value[INCOMPLETE_VALUE_BYTES])
{
    struct span first = fill_first(fill, rule_candidates(fill->rule, field));
    size_t len;

    for (len = first.len < INCOMPLETE_VALUE_BYTES ? first.len : INCOMPLETE_VALUE_BYTES - 1;
         len > 0 && len < first.len && ((unsigned char)first.at[len] & 0xC0) == 0x80;)
        len--;
    if (len > 0)
        memcpy(value, first.at, len);
    value[len] = '\0';
}
