/* SPDX-License-Identifier: MIT
 *
 * Lines are gathered, sorted, and written once each: the order of inputs and of rules
 * in a file says nothing about what can be sent.
 */
#include "shipper/manifest.h"

#include "parsers/fill.h"
#include "parsers/memory.h"
#include "shipper/event_table.h"
#include "shipper/wanted_rules.h"

#include <stdlib.h>

static const char head[] =
    "# All that usage-shipper can send with this configuration, and where to: kept by\n"
    "# `usage-shipper check --manifest`, compared by `usage-shipper check --manifest=FILE`.\n"
    "# Behind each ${name} is what the rule captures, or a field of the line.\n"
    "# Every event also has event_id (a hash) and event_at (UNIX seconds).\n";

struct lines {
    struct span *items;
    size_t count, room;
};

/* --- lines ----------------------------------------------------------------- */

static void add(struct lines *lines, struct span line)
{
    lines->items = memory_room(lines->items, lines->count, &lines->room, sizeof(*lines->items));
    lines->items[lines->count++] = line;
}

static void split(struct span text, struct lines *lines)
{
    while (text.len > 0) {
        struct span line = span_cut(&text, '\n');

        if (line.len > 0 && line.at[0] != '#')
            add(lines, line);
    }
}

static int compare(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static void sort(struct lines *lines)
{
    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof(*lines->items), compare);
}

/* --- what can be sent ------------------------------------------------------ */

/* A value that steers no terminal, and that stays on its line. */
static void put(const char *what, const char *name, struct span value, struct buffer *out)
{
    if (!value.at)
        return;
    buffer_printf(out, "%s  %s  ", what, name);
    event_table_text(value, out);
    buffer_append_byte(out, '\n');
}

/* `as`: what becomes of each value, or "". */
static void put_candidates(const char *what, const char *name, const struct candidates *candidates,
    const char *as, struct buffer *out)
{
    struct buffer text = {0};

    for (size_t i = 0; i < candidates->count; i++) {
        buffer_append(&text, i > 0 ? SPAN(" | ") : SPAN(""));
        buffer_append(&text, template_text(candidates->items[i]));
    }
    buffer_append(&text, span_of(as));
    if (candidates->count > 0)
        put(what, name, buffer_span(&text), out);
    buffer_finish(&text);
}

/* `count` and `once`. */
static void put_windows(const char *what, const char *name, const struct rule_windows *windows,
    const char *tail, struct buffer *out)
{
    static const char *const fields[] = {"user_id", "ip_addr", "user_agent", "meta."};
    struct buffer text = {0};

    if (windows->every_s == 0)
        return;
    for (size_t i = 0; i < windows->by_count; i++) {
        buffer_printf(&text, "%s%s", i > 0 ? ", " : "of ", fields[windows->by[i].kind]);
        if (windows->by[i].kind == BY_META)
            buffer_append(&text, windows->by[i].meta);
    }
    buffer_printf(&text, " in %lld s%s", (long long)windows->every_s, tail);
    put(what, name, buffer_span(&text), out);
    buffer_finish(&text);
}

static void put_list(const char *key, const struct strings *strings, struct buffer *out)
{
    for (size_t i = 0; i < strings->count; i++)
        buffer_printf(out, " %s %s", key, strings->items[i]);
}

static void describe_input(const struct input_config *input, struct buffer *out)
{
    switch (input->kind) {
    case INPUT_FILE:
        buffer_printf(out, "file %s", input->file.pattern);
        break;
    case INPUT_JOURNAL:
        buffer_append(out, SPAN("journal"));
        put_list("unit", &input->journal.unit, out);
        put_list("identifier", &input->journal.identifier, out);
        put_list("match", &input->journal.match, out);
        if (input->journal.namespace_name)
            buffer_printf(out, " namespace %s", input->journal.namespace_name);
        if (input->journal.directory)
            buffer_printf(out, " directory %s", input->journal.directory);
        break;
    case INPUT_STDIN:
        buffer_append(out, SPAN("stdin"));
        break;
    case INPUT_SYSLOG:
        buffer_printf(out, "syslog %s", input->syslog.name);
        break;
    case INPUT_KINDS:
        break;
    }
}

static bool sends_host_address(const struct config *config, const struct rule *rule)
{
    bool is_for_missing =
        config->missing_address == MISSING_HOST && !rule->event.is_without_address;
    bool is_for_private = config->private_address == PRIVATE_HOST && rule->event.ip_addr.count > 0;

    return config->host_address && (is_for_missing || is_for_private);
}

static void put_rule(const struct config *config, const struct input_config *input,
    const struct engine_rules *rules, const struct rule *rule, struct buffer *out)
{
    const struct event event = fill_constants(rules, rule);
    struct buffer what = {0}, text = {0};

    buffer_printf(&what, "%.*s/%.*s%c", (int)event.product.len, event.product.at,
        (int)rule->name.len, rule->name.at, '\0');
    describe_input(input, &text);
    put(what.bytes, "from", buffer_span(&text), out);
    put(what.bytes, "activity_type", event.activity_type, out);
    put(what.bytes, "source", event.source, out);
    put(what.bytes, "environment", event.environment, out);
    put(what.bytes, "product_id", event.product_id, out);
    put_candidates(what.bytes, "user_id", &rule->event.user_id,
        config->privacy.hash_users ? ", as a hash" : "", out);
    if (rule->event.user_id.count > 0)
        put(what.bytes, "user_id_type",
            span_of(user_id_type_names[config->privacy.hash_users ? USER_ID_USERNAME
                                                                  : rule->event.user_id_type]),
            out);
    put_candidates(what.bytes, "ip_addr", &rule->event.ip_addr,
        config->privacy.truncate_addresses ? ", its network" : "", out);
    if (sends_host_address(config, rule))
        put(what.bytes, "ip_addr", span_of(config->host_address), out);
    put_candidates(what.bytes, "user_agent", &rule->event.user_agent, "", out);
    for (size_t i = 0; i < rule->event.meta_count; i++) {
        buffer_clear(&text);
        buffer_printf(&text, "meta.%.*s%c", (int)rule->event.meta[i].name.len,
            rule->event.meta[i].name.at, '\0');
        put_candidates(what.bytes, text.bytes, &rule->event.meta[i].value, "", out);
    }
    put_windows(what.bytes, "count", &rule->count,
        rule_windows_has(&rule->count, BY_USER_ID) ? ", mode USER" : ", mode DOMAIN", out);
    put_windows(what.bytes, "once", &rule->once, "", out);
    buffer_finish(&what);
    buffer_finish(&text);
}

/* Counts go to an address of their own. */
static void put_endpoint(
    const struct endpoint_config *endpoint, bool is_counting, struct buffer *out)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"endpoint", endpoint->url},
        {"endpoint", is_counting ? endpoint->aggregate_url : NULL},
        {"proxy", endpoint->proxy},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].value)
            buffer_printf(out, "%s  %s\n", rows[i].name, rows[i].value);
}

/* Without it more could be sent. */
static void put_exclusion(const char *name, const struct strings *excluded, struct buffer *out)
{
    for (size_t i = 0; i < excluded->count; i++)
        put("excluded", name, span_of(excluded->items[i]), out);
}

void manifest_write(const struct config *config, struct buffer *out)
{
    struct buffer text = {0};
    struct lines lines = {0};
    bool is_counting = false;

    put_exclusion("user_id", &config->exclusion.users, &text);
    put_exclusion("ip_addr", &config->exclusion.addresses, &text);
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->inputs[i];

        for (size_t j = 0; j < input->settings.rules_count; j++)
            for (size_t k = 0; k < wanted_rules_count(&input->settings.rules[j]); k++) {
                const struct rule *rule = wanted_rules_get(&input->settings.rules[j], k);

                if (rule->has_event)
                    put_rule(config, input, &input->settings.rules[j], rule, &text);
                is_counting = is_counting || rule->count.every_s > 0;
            }
    }
    put_endpoint(&config->endpoint, is_counting, &text);
    if (config->private_address == PRIVATE_DROP)
        buffer_append(&text, SPAN("private addresses  not sent\n"));
    split(buffer_span(&text), &lines);
    sort(&lines);
    buffer_append(out, span_of(head));
    for (size_t i = 0; i < lines.count; i++)
        if (i == 0 || !span_equal(lines.items[i], lines.items[i - 1])) {
            buffer_append(out, lines.items[i]);
            buffer_append_byte(out, '\n');
        }
    free(lines.items);
    buffer_finish(&text);
}

/* --- comparing ------------------------------------------------------------- */

static void put_difference(char sign, struct span line, struct buffer *out)
{
    buffer_append_byte(out, sign);
    buffer_append_byte(out, ' ');
    event_table_text(line, out);
    buffer_append_byte(out, '\n');
}

bool manifest_compare(struct span then, struct span now, struct buffer *out)
{
    struct lines before = {0}, after = {0};
    size_t i = 0, j = 0, start = out->len;

    split(then, &before);
    split(now, &after);
    sort(&before);
    sort(&after);
    while (i < before.count || j < after.count) {
        int order = i == before.count  ? 1
                    : j == after.count ? -1
                                       : span_compare(before.items[i], after.items[j]);

        if (order < 0)
            put_difference('-', before.items[i], out);
        if (order > 0)
            put_difference('+', after.items[j], out);
        i += order <= 0;
        j += order >= 0;
    }
    free(before.items);
    free(after.items);
    return out->len > start;
}
