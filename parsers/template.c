/* SPDX-License-Identifier: MIT
 *
 * Looking names up, running their filters, and joining what comes out. The grammar
 * is template_parse.c's.
 */
#include "template.h"

#include "memory.h"
#include "template_parts.h"

#include <stdlib.h>

struct template *template_compile(struct span text, struct template_fault *fault)
{
    struct template *template = memory_new(sizeof(*template));

    if (!text.at)
        text = SPAN("");
    template->source = text;
    if (template_parse(template, text, fault))
        return template;
    template_free(template);
    return NULL;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    for (size_t i = 0; i < template->count; i++)
        free(template->parts[i].calls);
    free(template->parts);
    free(template);
}

struct span template_text(const struct template *template)
{
    return template->source;
}

size_t template_name_count(const struct template *template)
{
    size_t count = 0;

    for (size_t i = 0; i < template->count; i++)
        count += template->parts[i].is_name;
    return count;
}

struct span template_name(const struct template *template, size_t i, size_t *offset)
{
    const struct template_part *part = template->parts;

    while (!part->is_name || i-- > 0)
        part++;
    *offset = (size_t)(part->text.at - template->source.at);
    return part->text;
}

struct span scope_get(const struct scope *scope, struct span name)
{
    if (span_is(name, template_self_names[SELF_IP]))
        return scope->self_ip;
    if (span_is(name, template_self_names[SELF_NAME]))
        return scope->self_name;
    for (size_t i = 0; i < scope->capture_count; i++)
        if (span_equal(scope->captures[i].name, name))
            return scope->captures[i].value;
    return record_get(scope->record, name);
}

/* filter: NULL for any that hides. */
static bool has_filter(const struct template_part *part, const struct filter *filter)
{
    for (size_t i = 0; i < part->call_count; i++)
        if (filter ? part->calls[i].filter == filter : part->calls[i].filter->hides)
            return true;
    return false;
}

bool template_hides(const struct template *template)
{
    for (size_t i = 0; i < template->count; i++)
        if (has_filter(&template->parts[i], NULL))
            return true;
    return false;
}

bool template_has_filter(const struct template *template, const struct filter *filter)
{
    for (size_t i = 0; i < template->count; i++)
        if (has_filter(&template->parts[i], filter))
            return true;
    return false;
}

static bool run_filters(
    const struct template_part *part, const struct filter_context *context, struct span *value)
{
    for (size_t i = 0; i < part->call_count && value->len > 0; i++) {
        const struct filter_call *call = &part->calls[i];

        if (call->filter->hides && context->is_raw)
            continue;
        if (!call->filter->run(context, call->argument, value))
            return false;
    }
    return true;
}

static bool expand_part(const struct template_part *part, const struct scope *scope,
    struct arena *arena, struct span *value)
{
    const struct filter_context context = {arena, scope->hash_secret, scope->is_raw};
    struct span found = part->is_name ? scope_get(scope, part->text) : part->text;

    if (found.at && !run_filters(part, &context, &found))
        found = (struct span){NULL, 0};
    if (found.len == 0 && part->fallback.at)
        found = part->fallback;
    if (!found.at)
        return false;
    *value = found;
    return true;
}

bool template_expand(const struct template *template, const struct scope *scope,
    struct arena *arena, struct span *value)
{
    size_t count = template->count, len = 0;
    struct span *values;
    char *to;

    if (count == 1)
        return expand_part(&template->parts[0], scope, arena, value);
    values = arena_alloc(arena, count * sizeof(*values));
    if (!values)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!expand_part(&template->parts[i], scope, arena, &values[i]))
            return false;
        len += values[i].len;
    }
    to = arena_alloc(arena, len);
    if (!to)
        return false;
    *value = (struct span){to, len};
    for (size_t i = 0; i < count; i++) {
        memcpy(to, values[i].at, values[i].len);
        to += values[i].len;
    }
    return true;
}
