/* SPDX-License-Identifier: MIT
 *
 *     template = *(text | "$$" | name)
 *     name     = "${" 1*(any byte but "{}|$:" and controls) [ ":-" default ] "}"
 *     default  = *(any byte but "${}")
 *
 * A `$` before anything but `{`, `$` or a letter is itself. Unquoted shell
 * habits ($name), filters and nested names are faults, not text: what they
 * would yield is never what was meant.
 */
#include "template.h"

#include "error.h"
#include "limits.h"
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Text, or a name with its default (absent: none). */
struct part {
    bool is_name;
    struct span text, fallback;
};

struct template
{
    struct span source;
    struct part *parts;
    size_t count, room;
};

static const char *const self_names[] = {"self.ip", "self.name"};

static bool fault_at(struct template_fault *fault, struct span text, struct span where,
    const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool fault_at(struct template_fault *fault, struct span text, struct span where,
    const char *hint, const char *format, ...)
{
    va_list arguments;

    *fault = (struct template_fault){.offset = (size_t)(where.at - text.at), .len = where.len};
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof(fault->message), format, arguments);
    va_end(arguments);
    snprintf(fault->hint, sizeof(fault->hint), "%s", hint);
    return false;
}

static void add_part(struct template *template, struct part part)
{
    if (!part.is_name && part.text.len == 0)
        return;
    template->parts =
        memory_room(template->parts, template->count, &template->room, sizeof(*template->parts));
    template->parts[template->count++] = part;
}

/* What stands between ${ and }, cut at the `:-` of a default. */
static bool read_name(
    struct span text, struct span inside, struct part *part, struct template_fault *fault)
{
    struct span name = inside, whole = {inside.at - 2, inside.len + 3};
    const char *colon = span_find(inside, ':'), *bar;

    *part = (struct part){.is_name = true};
    if (colon) {
        name = span_between(inside.at, colon);
        part->fallback = span_from(inside, name.len + 1);
        if (part->fallback.len == 0 || *part->fallback.at != '-')
            return fault_at(fault, text, whole, "A default is written ${name:-default}.",
                "a colon without - in \"${%.*s}\"", inside.len < 80 ? (int)inside.len : 80,
                inside.at);
        part->fallback = span_from(part->fallback, 1);
    }
    bar = span_find(name, '|');
    if (bar)
        return fault_at(fault, text, span_between(bar, span_end(name)),
            "Take the value as the log has it, or capture the part that you want.",
            "filters are not known in this version");
    if (name.len == 0)
        return fault_at(fault, text, whole, "Name a capture of the rule or a field of the record.",
            "a name is missing");
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
            return fault_at(fault, text, whole, "", "a control character in a name");
    if (span_has_prefix(name, SPAN("self.")) && !span_is(name, self_names[0]) &&
        !span_is(name, self_names[1]))
        return fault_at(fault, text, name, "This host has ${self.ip} and ${self.name}.",
            "unknown name \"%.*s\"", name.len < 80 ? (int)name.len : 80, name.at);
    part->text = name;
    return true;
}

/* One `${…}`; on success *p is behind it. */
static bool take_name(
    struct span text, const char **p, struct part *part, struct template_fault *fault)
{
    const char *start = *p, *end = span_end(text);

    for (const char *q = start + 2; q < end; q++) {
        if (*q == '}') {
            *p = q + 1;
            return read_name(text, span_between(start + 2, q), part, fault);
        }
        if (*q == '{' || *q == '$')
            return fault_at(fault, text, span_between(start, q + 1),
                "Names don't nest: try several with a list, ['${a}', '${b}'].", "\"%c\" inside ${",
                *q);
    }
    return fault_at(fault, text, (struct span){start, 2},
        "Write ${name}, or $${ for these two characters.", "${ without its }");
}

static bool compile(struct template *template, struct span text, struct template_fault *fault)
{
    const char *p = text.at, *end = span_end(text), *plain = p;
    size_t names = 0;

    while (p < end) {
        struct part part;

        if (*p != '$' || p + 1 == end) {
            p++;
            continue;
        }
        if (byte_is_alpha(p[1]))
            return fault_at(fault, text, (struct span){p, 2},
                "Write ${name} for a value, $$ for a dollar sign.", "a name without braces");
        if (p[1] == '$') {
            add_part(template, (struct part){.text = span_between(plain, p + 1)});
            plain = p += 2;
        } else if (p[1] == '{') {
            add_part(template, (struct part){.text = span_between(plain, p)});
            if (++names > LIMIT_TEMPLATE_NAMES)
                return fault_at(fault, text, (struct span){p, 2},
                    "Leave some out, or send the values in fields of `meta` each.",
                    "more than %u names in one template", LIMIT_TEMPLATE_NAMES);
            if (!take_name(text, &p, &part, fault))
                return false;
            add_part(template, part);
            plain = p;
        } else {
            p++;
        }
    }
    add_part(template, (struct part){.text = span_between(plain, end)});
    return true;
}

struct template *template_compile(struct span text, struct template_fault *fault)
{
    struct template *template = memory_new(sizeof(*template));

    if (!text.at)
        text = SPAN("");
    template->source = text;
    if (compile(template, text, fault))
        return template;
    template_free(template);
    return NULL;
}

void template_free(struct template *template)
{
    if (!template)
        return;
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
    const struct part *part = template->parts;

    while (!part->is_name || i-- > 0)
        part++;
    *offset = (size_t)(part->text.at - template->source.at);
    return part->text;
}

struct span scope_get(const struct scope *scope, struct span name)
{
    if (span_is(name, self_names[0]))
        return scope->self_ip;
    if (span_is(name, self_names[1]))
        return scope->self_name;
    for (size_t i = 0; i < scope->capture_count; i++)
        if (span_equal(scope->captures[i].name, name))
            return scope->captures[i].value;
    return record_get(scope->record, name);
}

static bool expand_part(const struct part *part, const struct scope *scope, struct span *value)
{
    struct span found = part->is_name ? scope_get(scope, part->text) : part->text;

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
        return expand_part(&template->parts[0], scope, value);
    values = arena_alloc(arena, count * sizeof(*values));
    if (!values)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!expand_part(&template->parts[i], scope, &values[i]))
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
