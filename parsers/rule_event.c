/* SPDX-License-Identifier: MIT
 *
 * The `event:` of a rule. An event that could never be sent, without an activity
 * or with neither user nor user agent, is an error here; a missing address is
 * not, since the configuration may fill it.
 */
#include "address.h"
#include "filter.h"
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"
#include "rule_text.h"

#include <stdlib.h>

const char *const user_id_type_names[] = {
    "auto", "EMAIL", "SOCIAL", "LINKEDIN", "GITHUB", "USERNAME", NULL};

static const char *const sources[] = {"TELEMETRY", "SAAS_PRODUCT", "PRODUCT_CLOUD", NULL};

enum { SHOWN_BYTES = 80 };

struct event_keys {
    const struct node *activity_type, *environment, *user_id, *ip_addr, *user_agent, *meta;
    int source, user_id_type;
};

#define ROW(member, kind, text)                                                                    \
    .name = #member, .type = kind, .offset = offsetof(struct event_keys, member), .help = text

static const struct key event_keys[] = {
    {ROW(activity_type, KEY_NODE, "what the user did, e.g. LOGIN"), .is_required = true,
        .shape = &shape_text},
    {ROW(user_id, KEY_NODE, "who did it: a template or a list of them"), .shape = &shape_texts},
    {ROW(user_id_type, KEY_CHOICE, "what the user is known by"), .choices = user_id_type_names},
    {ROW(ip_addr, KEY_NODE, "from which address: a template or a list of them"),
        .shape = &shape_texts},
    {ROW(user_agent, KEY_NODE, "with which client; required where there is no user"),
        .shape = &shape_texts},
    {ROW(source, KEY_CHOICE, "the kind of source; TELEMETRY if left out"), .choices = sources},
    {ROW(environment, KEY_NODE, "plain text, e.g. PRODUCTION"), .shape = &shape_text},
    {ROW(meta, KEY_NODE, "further values: a map of templates"), .shape = &shape_named_texts},
    {0},
};

const struct key_shape rule_event_shape = SHAPE_OF_MAP(event_keys);

/* A text that goes out as it is. */
static void read_plain(
    const struct node *node, const char *what, struct span *text, struct errors *errors)
{
    const char *name;

    if (!node || !rule_text_read(node, what, text, errors))
        return;
    name = memmem(text->at, text->len, "${", 2);
    if (name)
        error_hint(errors_add(errors, node_place_within(node, (size_t)(name - text->at), 2),
                       "\"%s\" is plain text, without ${…}", what),
            "Write a rule for each, with a condition that tells them apart.");
}

static void read_meta(const struct node *map, const struct rule_names *names,
    struct rule_event *event, struct errors *errors)
{
    if (map->kind != NODE_MAP) {
        error_hint(errors_add(errors, map->place, "\"meta\" must be a map of names and templates"),
            "Write it like {method: '${method}'}.");
        return;
    }
    if (map->count > LIMIT_META_FIELDS) {
        errors_add(errors, map->place, "\"meta\" has %zu fields, the most is %u", map->count,
            LIMIT_META_FIELDS);
        return;
    }
    event->meta = memory_new(map->count * sizeof(*event->meta));
    event->meta_count = map->count;
    for (size_t i = 0; i < map->count; i++) {
        event->meta[i].name = map->pairs[i].key->value;
        if (event->meta[i].name.len == 0)
            errors_add(errors, map->pairs[i].key->place, "a field of \"meta\" without a name");
        candidates_parse(map->pairs[i].value, "meta", names, &event->meta[i].value, errors);
    }
}

static void add_constant(const struct template *template, const struct node *node, const char *what,
    struct errors *errors)
{
    struct span text = template_text(template);
    int len = text.len < SHOWN_BYTES ? (int)text.len : SHOWN_BYTES;

    error_hint(errors_add(errors, node->place, "\"%.*s\" is plain text, %s", len, text.at, what),
        "Write ${name} for a capture or a field.");
}

/* What comes out of `hash` is no address, nor is any text. */
static void check_address(
    const struct node *node, const struct candidates *candidates, struct errors *errors)
{
    struct address address;

    for (size_t i = 0; i < candidates->count; i++) {
        const struct template *template = candidates->items[i];

        if (template_has_filter(template, filter_hash))
            error_hint(errors_add(errors, node->place, "the hash of an address is no address"),
                "Leave it as it is, or hide a part of it: ${name|truncate}.");
        if (template_name_count(template) == 0 && !address_parse(template_text(template), &address))
            add_constant(template, node, "and no address", errors);
    }
}

/* Every event would have the name of the capture itself. */
static void check_captured(const struct node *node, const struct candidates *candidates,
    const struct rule_names *names, struct errors *errors)
{
    for (size_t i = 0; i < candidates->count; i++)
        if (rule_names_is_captured(names, template_text(candidates->items[i])))
            add_constant(candidates->items[i], node, "the same in every event", errors);
}

void rule_event_parse(const struct node *node, const struct rule_names *names,
    struct rule_event *event, struct errors *errors)
{
    struct event_keys keys = {0};
    struct place start = node->place;
    bool are_known = keys_read(node, "an event", event_keys, &keys, errors);

    if (node->kind != NODE_MAP)
        return;
    if (node->count > 0)
        start = node->pairs[0].key->place;
    read_plain(keys.activity_type, "activity_type", &event->activity_type, errors);
    read_plain(keys.environment, "environment", &event->environment, errors);
    if (node_get(node, "source"))
        event->source = span_of(sources[keys.source]);
    event->user_id_type = (enum user_id_type)keys.user_id_type;
    candidates_parse(keys.user_id, "user_id", names, &event->user_id, errors);
    if (keys.user_id)
        check_captured(keys.user_id, &event->user_id, names, errors);
    candidates_parse(keys.ip_addr, "ip_addr", names, &event->ip_addr, errors);
    if (keys.ip_addr)
        check_address(keys.ip_addr, &event->ip_addr, errors);
    candidates_parse(keys.user_agent, "user_agent", names, &event->user_agent, errors);
    if (keys.user_agent)
        check_captured(keys.user_agent, &event->user_agent, names, errors);
    if (keys.meta)
        read_meta(keys.meta, names, event, errors);

    if (are_known && !keys.user_id && !keys.user_agent)
        error_hint(
            errors_add(errors, start, "an event with neither \"user_id\" nor \"user_agent\""),
            "The endpoint wants one of the two in every event.");
    if (are_known && !keys.user_id && node_get(node, "user_id_type"))
        errors_add(errors, node_get(node, "user_id_type")->place,
            "\"user_id_type\" without a \"user_id\"");
}

void rule_event_finish(struct rule_event *event)
{
    candidates_finish(&event->user_id);
    candidates_finish(&event->ip_addr);
    candidates_finish(&event->user_agent);
    for (size_t i = 0; i < event->meta_count; i++)
        candidates_finish(&event->meta[i].value);
    free(event->meta);
    *event = (struct rule_event){0};
}

const struct candidates *rule_candidates(const struct rule *rule, const char *wire_field)
{
    struct span name = span_of(wire_field);

    return span_is(name, "event_at")  ? &rule->time.from
           : span_is(name, "ip_addr") ? &rule->event.ip_addr
                                      : &rule->event.user_id;
}

static bool has_hash(const struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        if (template_has_filter(candidates->items[i], filter_hash))
            return true;
    return false;
}

bool rule_hashes(const struct rule *rule)
{
    const struct rule_event *event = &rule->event;
    bool has = has_hash(&event->user_id) || has_hash(&event->user_agent);

    for (size_t i = 0; i < event->meta_count; i++)
        has |= has_hash(&event->meta[i].value);
    return has;
}
