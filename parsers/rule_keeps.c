/* SPDX-License-Identifier: MIT
 *
 * What a rule keeps between lines: `count`, `once`, `pair`, `remember`, `recall`.
 * What the endpoint would refuse of a count is an error here: it has a call of its
 * own for counts, which knows no user but with the source PRODUCT_CLOUD.
 */
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"
#include "rule_text.h"
#include "window.h"

#include <stdlib.h>

enum { MINUTE_MS = 60000, DAY_MS = 86400000, MS = 1000 };

#define LONGEST_MS ((int64_t)LIMIT_KEPT_DAYS * DAY_MS)

struct window_keys {
    int64_t every, grace;
    const struct node *by;
};

#define EVERY(text)                                                                                \
    {                                                                                              \
        .name = "every", .type = KEY_DURATION, .offset = offsetof(struct window_keys, every),      \
        .help = text, .is_required = true, .least = MINUTE_MS, .most = LONGEST_MS                  \
    }
#define GRACE                                                                                      \
    {                                                                                              \
        .name = "grace", .type = KEY_DURATION, .offset = offsetof(struct window_keys, grace),      \
        .help = "how much later than its end a window still takes lines", .default_text = "5m",    \
        .most = DAY_MS                                                                             \
    }
#define BY(key, text)                                                                              \
    {                                                                                              \
        .name = key, .type = KEY_NODE, .offset = offsetof(struct window_keys, by), .help = text,   \
        .is_required = true, .shape = &shape_texts                                                 \
    }

static const struct key count_keys[] = {
    EVERY("the length of a window: one count for each, like 1h"),
    BY("by", "what is counted for itself: ip_addr, user_id, user_agent, meta.NAME, or several"),
    GRACE,
    {0},
};

static const struct key once_keys[] = {
    BY("per", "what is sent once: user_id, ip_addr, user_agent, meta.NAME, or several"),
    EVERY("the length of a window: once in each, like 1d"),
    GRACE,
    {0},
};

struct keeping_keys {
    const struct node *key, *keep;
    int64_t for_;
};

#define KEY(text)                                                                                  \
    {                                                                                              \
        .name = "key", .type = KEY_NODE, .offset = offsetof(struct keeping_keys, key),             \
        .help = text, .is_required = true, .shape = &shape_text                                    \
    }
#define FOR(text)                                                                                  \
    {                                                                                              \
        .name = "for", .type = KEY_DURATION, .offset = offsetof(struct keeping_keys, for_),        \
        .help = text, .default_text = "1h", .least = MS, .most = LONGEST_MS                        \
    }

static const struct key pair_keys[] = {
    KEY("what the two lines have in common: a template"),
    FOR("how long after the first line the second may come"),
    {0},
};

static const struct key remember_keys[] = {
    KEY("what the later lines have in common with this one: a template"),
    {.name = "keep",
        .type = KEY_NODE,
        .offset = offsetof(struct keeping_keys, keep),
        .help = "the captures or fields that they may use",
        .is_required = true,
        .shape = &shape_texts},
    FOR("how long they may"),
    {0},
};

const struct key_shape rule_count_shape = SHAPE_OF_MAP(count_keys);
const struct key_shape rule_once_shape = SHAPE_OF_MAP(once_keys);
const struct key_shape rule_remember_shape = SHAPE_OF_MAP(remember_keys);
static const struct key_shape pair_map = SHAPE_OF_MAP(pair_keys);
const struct key_shape rule_pair_shape = SHAPE_OF(SHAPE_EITHER, &shape_text, &pair_map);

/* --- once and count ---------------------------------------------------------- */

static const struct {
    const char *name;
    enum window_key_kind kind;
} key_kinds[] = {
    {"user_id", BY_USER_ID},
    {"ip_addr", BY_IP_ADDR},
    {"user_agent", BY_USER_AGENT},
};

static const struct candidates *field_of(const struct rule_event *event, const struct span *name)
{
    if (span_is(*name, "user_id"))
        return &event->user_id;
    if (span_is(*name, "ip_addr"))
        return &event->ip_addr;
    if (span_is(*name, "user_agent"))
        return &event->user_agent;
    for (size_t i = 0; span_has_prefix(*name, SPAN("meta.")) && i < event->meta_count; i++)
        if (span_equal(event->meta[i].name, span_from(*name, 5)))
            return &event->meta[i].value;
    return NULL;
}

static bool has_key(const struct rule_windows *windows, const struct window_key *key)
{
    for (size_t i = 0; i < windows->by_count; i++)
        if (windows->by[i].kind == key->kind &&
            (key->kind != BY_META || span_equal(windows->by[i].meta, key->meta)))
            return true;
    return false;
}

bool rule_windows_has(const struct rule_windows *windows, enum window_key_kind kind)
{
    return has_key(windows, &(struct window_key){.kind = kind});
}

/* False with an error added if it is no field that a window can have. */
static bool read_key(const struct node *node, const char *what, struct span name,
    struct window_key *key, struct errors *errors)
{
    const char *names[] = {"user_id", "ip_addr", "user_agent"};
    const char *nearest;
    struct error *err;

    for (size_t i = 0; i < sizeof(key_kinds) / sizeof(*key_kinds); i++)
        if (span_is(name, key_kinds[i].name)) {
            key->kind = key_kinds[i].kind;
            return true;
        }
    if (span_has_prefix(name, SPAN("meta.")) && name.len > 5) {
        *key = (struct window_key){BY_META, span_from(name, 5)};
        return true;
    }
    err = errors_add(errors, node->place, "\"%.*s\" can't stand in \"%s\"",
        name.len < 100 ? (int)name.len : 100, name.at, what);
    nearest = error_nearest(name, names, 3);
    if (nearest)
        error_hint(err, "Did you mean \"%s\"?", nearest);
    else
        error_hint(err, "It can be user_id, ip_addr, user_agent, or meta.NAME.");
    return false;
}

static void add_key(const struct node *node, const char *what, const struct rule *rule,
    struct rule_windows *windows, struct errors *errors)
{
    const struct candidates *field;
    struct window_key key = {0};
    struct span name;

    if (!rule_text_read(node, what, &name, errors) || !read_key(node, what, name, &key, errors))
        return;
    field = field_of(&rule->event, &name);
    if (rule->has_event && (!field || field->count == 0) && key.kind != BY_IP_ADDR)
        error_hint(errors_add(errors, node->place, "the event has no \"%.*s\"",
                       name.len < 100 ? (int)name.len : 100, name.at),
            "Fill it in `event`, or take it out of `%s`.", what);
    else if (has_key(windows, &key))
        errors_add(errors, node->place, "\"%.*s\" stands here twice",
            name.len < 100 ? (int)name.len : 100, name.at);
    else
        windows->by[windows->by_count++] = key;
}

static void read_windows(const struct node *node, bool is_count, const struct rule *rule,
    struct rule_windows *windows, struct errors *errors)
{
    const struct key *keys = is_count ? count_keys : once_keys;
    const char *by = is_count ? "by" : "per";
    struct window_keys read = {0};
    size_t count;

    keys_read(node, is_count ? "a count" : "`once`", keys, &read, errors);
    if (read.every > 0 && (read.every % MS != 0 || !window_is_length(read.every / MS)))
        error_hint(errors_add(errors, node_get(node, "every")->place,
                       "a day can't be cut into windows of that length"),
            "Take a part that a day has a whole number of, like 15m, 1h or 6h, or whole days.");
    windows->every_s = read.every / MS;
    windows->grace_s = read.grace / MS;
    if (!read.by)
        return;
    count = read.by->kind == NODE_LIST ? read.by->count : 1;
    if (count == 0)
        error_hint(errors_add(errors, read.by->place, "\"%s\" is an empty list", by),
            "Write [ip_addr] or [user_id].");
    windows->by = memory_new((count + 1) * sizeof(*windows->by));
    for (size_t i = 0; i < count; i++)
        add_key(
            read.by->kind == NODE_LIST ? read.by->items[i] : read.by, by, rule, windows, errors);
}

/* What the call for counts takes. A value that is not counted by would be that of some
 * line: of a user or an address that says something false. */
static void check_count(
    const struct node *node, const struct node *event, struct rule *rule, struct errors *errors)
{
    const struct node *by = node_get(node, "by"), *user = node_get(event, "user_id"),
                      *address = node_get(event, "ip_addr"), *source = node_get(event, "source");
    bool has_user = rule_windows_has(&rule->count, BY_USER_ID);
    bool has_address = rule_windows_has(&rule->count, BY_IP_ADDR);
    bool is_cloud = span_is(rule->event.source, "PRODUCT_CLOUD");

    if (!by || rule->count.by_count == 0)
        return;
    if (span_is(rule->event.source, "SAAS_PRODUCT"))
        error_hint(errors_add(errors, source->place, "SAAS_PRODUCT takes no counts"),
            "Counts go out with TELEMETRY or PRODUCT_CLOUD.");
    else if (has_user && !is_cloud)
        error_hint(errors_add(errors, by->place, "only PRODUCT_CLOUD takes counts of a user"),
            "Say `source: PRODUCT_CLOUD` in `event` if that is what it is, or count by ip_addr.");
    else if (!has_user && !has_address)
        error_hint(errors_add(errors, by->place, "a count of neither a user nor an address"),
            "Add ip_addr to `by`%s.", is_cloud ? ", or user_id" : "");
    if (user && !has_user)
        error_hint(errors_add(errors, user->place, "\"user_id\" is not in `by` of `count`"),
            "A count has a user only if it is counted by user: leave it out here, or add it "
            "there.");
    if (address && !has_address)
        error_hint(errors_add(errors, address->place, "\"ip_addr\" is not in `by` of `count`"),
            "A count has an address only if it is counted by it: leave it out here, or add it "
            "there.");
    rule->event.is_without_address = !has_address;
}

/* --- pair, remember, recall -------------------------------------------------- */

static void read_pair(const struct node *node, const struct rule_names *names, struct rule *rule,
    struct errors *errors)
{
    struct keeping_keys keys = {0};
    bool is_map = node->kind == NODE_MAP;

    keys_read(is_map ? node : NULL, "`pair`", pair_keys, &keys, errors);
    rule->pair.for_s = keys.for_ / MS;
    candidates_parse(is_map ? keys.key : node, "pair", names, &rule->pair.key, errors);
}

static void read_remember(const struct node *node, const struct rule_names *names,
    struct rule *rule, struct errors *errors)
{
    struct rule_keeping *remember = &rule->remember;
    struct keeping_keys keys = {0};
    size_t count;

    if (node->kind != NODE_MAP) {
        error_hint(errors_add(errors, node->place, "\"remember\" must be a map"),
            "Write it like {key: '${pid}', keep: [ip], for: 1h}.");
        return;
    }
    keys_read(node, "`remember`", remember_keys, &keys, errors);
    remember->for_s = keys.for_ / MS;
    candidates_parse(keys.key, "key", names, &remember->key, errors);
    if (!keys.keep)
        return;
    count = keys.keep->kind == NODE_LIST ? keys.keep->count : 1;
    if (count == 0 || count > LIMIT_KEPT_VALUES)
        errors_add(errors, keys.keep->place, "\"keep\" has %zu names, it must be 1 to %u", count,
            LIMIT_KEPT_VALUES);
    remember->names = memory_new((count + 1) * sizeof(*remember->names));
    for (size_t i = 0; i < count && i < LIMIT_KEPT_VALUES; i++) {
        const struct node *item = keys.keep->kind == NODE_LIST ? keys.keep->items[i] : keys.keep;
        struct span *name = &remember->names[remember->name_count];

        if (!rule_text_read(item, "keep", name, errors))
            continue;
        rule_names_check(names, *name, item->place, errors);
        remember->name_count++;
    }
}

static void read_recall(const struct node *node, const struct rule_names *names, bool is_remembered,
    struct rule *rule, struct errors *errors)
{
    if (!is_remembered)
        error_hint(errors_add(errors, node->place, "no rule of this file remembers anything"),
            "Add `remember: {key: …, keep: […]}` to the rule that takes the earlier line.");
    candidates_parse(node, "recall", names, &rule->recall, errors);
}

/* --- all of them ------------------------------------------------------------- */

static void refuse(const struct node *node, const char *name, const char *why, const char *hint,
    struct errors *errors)
{
    if (node)
        error_hint(errors_add(errors, node->place, "\"%s\" %s", name, why), "%s", hint);
}

void rule_keeps_parse(const struct rule_keeps *keeps, const struct rule_names *names,
    bool is_remembered, struct rule *rule, struct errors *errors)
{
    const struct {
        const struct node *node;
        const char *name;
    } of_events[] = {{keeps->count, "count"}, {keeps->once, "once"}, {keeps->pair, "pair"},
        {keeps->recall, "recall"}};

    for (size_t i = 0; i < sizeof(of_events) / sizeof(*of_events); i++)
        if (!rule->has_event)
            refuse(of_events[i].node, of_events[i].name,
                "is about events, and this rule makes none", "Add `event`, or take it away.",
                errors);
    if (rule->is_ignore)
        refuse(keeps->remember, "remember", "in a rule with `ignore`",
            "A rule without `event` that remembers drops its lines as well: take `ignore` away.",
            errors);
    if (keeps->count && rule->has_event)
        refuse(keeps->once, "once", "beside \"count\"", "Take one of them away.", errors);

    if (keeps->count) {
        read_windows(keeps->count, true, rule, &rule->count, errors);
        if (rule->has_event)
            check_count(keeps->count, keeps->event, rule, errors);
    }
    if (keeps->once)
        read_windows(keeps->once, false, rule, &rule->once, errors);
    if (keeps->pair)
        read_pair(keeps->pair, names, rule, errors);
    if (keeps->remember)
        read_remember(keeps->remember, names, rule, errors);
    if (keeps->recall)
        read_recall(keeps->recall, names, is_remembered, rule, errors);
}

void rule_keeps_finish(struct rule *rule)
{
    free(rule->count.by);
    free(rule->once.by);
    candidates_finish(&rule->pair.key);
    candidates_finish(&rule->remember.key);
    free(rule->remember.names);
    candidates_finish(&rule->recall);
}
