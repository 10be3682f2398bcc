/* SPDX-License-Identifier: MIT
 *
 * Goes through the rules of every input as the engine would fill their events; reads
 * no line.
 */
#include "shipper/emitted.h"

#include "parsers/fill.h"
#include "parsers/memory.h"
#include "shipper/wanted_rules.h"

#include <stdlib.h>

static bool is_same(const struct emitted *item, const struct event *event)
{
    return span_equal(item->product_id, event->product_id) &&
           span_equal(item->environment, event->environment) &&
           span_equal(item->source, event->source) &&
           span_equal(item->activity_type, event->activity_type);
}

static struct emitted *find(struct emitted_list *list, const struct event *event)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same(&list->items[i], event))
            return &list->items[i];
    list->items = memory_room(list->items, list->count, &list->room, sizeof(*list->items));
    list->items[list->count] = (struct emitted){
        .product_id = event->product_id,
        .environment = event->environment,
        .source = event->source,
        .activity_type = event->activity_type,
    };
    return &list->items[list->count++];
}

/* Several inputs may use one rule: it is named once. */
static void add_rule(struct buffer *rules, const struct event *event)
{
    struct buffer name = {0};
    struct span rest = buffer_span(rules), one;
    bool is_there = false;

    buffer_printf(&name, "%.*s/%.*s", (int)event->product.len, event->product.at,
        (int)event->rule.len, event->rule.at);
    while (rest.len > 0) {
        one = span_trim(span_cut(&rest, ','));
        is_there |= span_equal(one, buffer_span(&name));
    }
    if (!is_there)
        buffer_printf(rules, "%s%.*s", rules->len > 0 ? ", " : "", (int)name.len, name.bytes);
    buffer_finish(&name);
}

static int compare(const void *a, const void *b)
{
    const struct emitted *one = a, *other = b;
    int order = span_compare(one->product_id, other->product_id);

    return order ? order : span_compare(one->activity_type, other->activity_type);
}

void emitted_gather(const struct config *config, struct emitted_list *list)
{
    *list = (struct emitted_list){NULL, 0, 0};
    for (size_t i = 0; i < config->input_count; i++) {
        const struct engine_settings *settings = &config->inputs[i].settings;

        for (size_t j = 0; j < settings->rules_count; j++)
            for (size_t k = 0; k < wanted_rules_count(&settings->rules[j]); k++) {
                const struct rule *rule = wanted_rules_get(&settings->rules[j], k);
                struct event event;

                if (!rule->has_event)
                    continue;
                event = fill_constants(&settings->rules[j], rule);
                add_rule(&find(list, &event)->rules, &event);
            }
    }
    qsort(list->items, list->count, sizeof(*list->items), compare);
}

void emitted_finish(struct emitted_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        buffer_finish(&list->items[i].rules);
    free(list->items);
}
