/* SPDX-License-Identifier: MIT
 *
 * `ignore` rules make no events, and are not shown.
 */
#include "shipper/status_rules.h"

#include "parsers/memory.h"
#include "parsers/timestamp.h"
#include "shipper/event_table.h"
#include "shipper/wanted_rules.h"

#include <stdlib.h>

enum { BLANK_MOST = 10 };

/* --- gathering ----------------------------------------------------------------- */

static struct status_rule *add(struct status_rules *rules)
{
    rules->items = memory_room(rules->items, rules->count, &rules->room, sizeof(*rules->items));
    rules->items[rules->count] = (struct status_rule){0};
    return &rules->items[rules->count++];
}

void status_rules_take(void *arg, uint64_t key, struct span row)
{
    struct status_rule *rule = add(arg);

    (void)key;
    buffer_append(&rule->row, row);
    if (!rule_figure_read(buffer_span(&rule->row), &rule->figure)) {
        buffer_finish(&rule->row);
        ((struct status_rules *)arg)->count--;
    }
}

static struct status_rule *find(
    const struct status_rules *rules, struct span product, struct span name)
{
    for (size_t i = 0; i < rules->count; i++)
        if (span_equal(rules->items[i].figure.rule, name) &&
            span_equal(rules->items[i].figure.product, product))
            return &rules->items[i];
    return NULL;
}

void status_rules_configure(struct status_rules *rules, const struct config *config)
{
    rules->is_configured = true;
    for (size_t i = 0; i < config->input_count; i++)
        for (size_t j = 0; j < config->inputs[i].settings.rules_count; j++) {
            const struct engine_rules *file = &config->inputs[i].settings.rules[j];

            for (size_t k = 0; k < wanted_rules_count(file); k++) {
                const struct rule *rule = wanted_rules_get(file, k);
                struct status_rule *known = find(rules, file->file->product, rule->name);

                if (rule->is_ignore)
                    continue;
                if (!known) {
                    known = add(rules);
                    known->figure.product = file->file->product;
                    known->figure.rule = rule->name;
                }
                known->is_running = true;
            }
        }
}

static int compare(const void *a, const void *b)
{
    const struct status_rule *one = a, *other = b;
    int order = span_compare(one->figure.product, other->figure.product);

    return order ? order : span_compare(one->figure.rule, other->figure.rule);
}

void status_rules_sort(struct status_rules *rules)
{
    if (rules->count > 0)
        qsort(rules->items, rules->count, sizeof(*rules->items), compare);
}

void status_rules_finish(struct status_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        buffer_finish(&rules->items[i].row);
    free(rules->items);
    *rules = (struct status_rules){0};
}

/* --- showing ------------------------------------------------------------------- */

static bool is_shown(const struct status_rules *rules, const struct status_rule *rule, bool is_all)
{
    return is_all || !rules->is_configured || rule->is_running;
}

static void put_name(const struct rule_figure *figure, struct buffer *out)
{
    event_table_text(figure->product, out);
    buffer_append_byte(out, '/');
    event_table_text(figure->rule, out);
}

static void put_row(const struct rule_figure *figure, struct buffer *out)
{
    char last[TIMESTAMP_TEXT_BYTES] = "never";

    if (figure->events > 0)
        timestamp_write(figure->last_s, last);
    buffer_printf(out, "%10llu  %10llu  %6llu  %6llu  %-20s  ", (unsigned long long)figure->events,
        (unsigned long long)figure->incomplete, (unsigned long long)figure->near_misses,
        (unsigned long long)figure->errors, last);
    put_name(figure, out);
    if (figure->reason.len > 0) {
        buffer_append(out, SPAN("  (incomplete: "));
        event_table_text(figure->reason, out);
        buffer_append_byte(out, ')');
    }
    buffer_append_byte(out, '\n');
}

/* It has nothing to tell but its name. */
static bool is_blank(const struct rule_figure *figure)
{
    return figure->events + figure->incomplete + figure->near_misses + figure->errors == 0;
}

static size_t count_blank(const struct status_rules *rules)
{
    size_t count = 0;

    for (size_t i = 0; i < rules->count; i++)
        count += is_shown(rules, &rules->items[i], false) && is_blank(&rules->items[i].figure);
    return count;
}

void status_rules_text(const struct status_rules *rules, bool is_all, struct buffer *out)
{
    size_t blank = is_all ? 0 : count_blank(rules), shown = 0;
    bool is_short = blank > BLANK_MOST;

    for (size_t i = 0; i < rules->count; i++) {
        const struct status_rule *rule = &rules->items[i];

        if (!is_shown(rules, rule, is_all) || (is_short && is_blank(&rule->figure)))
            continue;
        if (shown++ == 0)
            buffer_append(out,
                SPAN("\n    events  incomplete    near  errors  latest event made     rule\n"));
        put_row(&rule->figure, out);
    }
    if (is_short)
        buffer_printf(
            out, "%s(%zu rules that made none: --all shows them)\n", shown == 0 ? "\n" : "", blank);
}

static void put_json_time(const char *name, int64_t at_s, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_BYTES];

    timestamp_write(at_s, text);
    if (at_s > 0)
        buffer_printf(out, ",\"%s\":\"%s\"", name, text);
    else
        buffer_printf(out, ",\"%s\":null", name);
}

static void put_json_bool(const char *name, bool value, struct buffer *out)
{
    buffer_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void put_json_tally(const struct rule_figure *figure, struct buffer *out)
{
    buffer_printf(out, ",\"candidates\":%llu,\"matched\":%llu,\"near_misses\":%llu,\"errors\":%llu",
        (unsigned long long)figure->candidates, (unsigned long long)figure->matched,
        (unsigned long long)figure->near_misses, (unsigned long long)figure->errors);
}

void status_rules_json(const struct status_rules *rules, int64_t now_s, struct buffer *out)
{
    buffer_append(out, SPAN("\"rules\":["));
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule_figure *figure = &rules->items[i].figure;

        buffer_append(out, i > 0 ? SPAN(",\n{\"product\":") : SPAN("\n{\"product\":"));
        event_write_string(figure->product, out);
        buffer_append(out, SPAN(",\"rule\":"));
        event_write_string(figure->rule, out);
        buffer_printf(out, ",\"events\":%llu,\"incomplete\":%llu,\"days\":%llu",
            (unsigned long long)figure->events, (unsigned long long)figure->incomplete,
            (unsigned long long)figure->days);
        put_json_time("first_made_at", figure->first_s, out);
        put_json_time("latest_made_at", figure->last_s, out);
        put_json_time("latest_event_at", figure->last_at_s, out);
        buffer_append(out, SPAN(",\"incomplete_reason\":"));
        event_write_string(figure->reason.at ? figure->reason : SPAN(""), out);
        put_json_tally(figure, out);
        put_json_bool("quiet", rule_figure_is_quiet(figure, now_s), out);
        put_json_bool("outdated", rule_figure_is_outdated(figure, now_s), out);
        buffer_append_byte(out, '}');
    }
    buffer_append(out, SPAN("],\n"));
}
