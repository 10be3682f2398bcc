/* SPDX-License-Identifier: MIT
 *
 * The grammar of templates:
 *
 *     template = *(text | "$$" | name)
 *     name     = "${" 1*(any byte but "{}|$:" and controls) *("|" filter) [ ":-" default ] "}"
 *     filter   = *blank word [ "(" quote *(any byte but that quote) quote ")" ] *blank
 *     default  = *(any byte but "${}")
 *
 * A `$` before anything but `{`, `$` or a letter is itself. Unquoted shell habits
 * ($name) and nested names are faults, not text: what they would yield is never
 * what was meant.
 */
#include "error.h"
#include "limits.h"
#include "memory.h"
#include "template_parts.h"

#include <stdarg.h>
#include <stdio.h>

const char *const template_self_names[SELF_NAMES] = {"self.ip", "self.name"};

/* A text being read, and what is wrong with it. */
struct reading {
    struct span text;
    const char *p, *end;
    struct template_fault *fault;
};

static bool fail(const struct reading *r, struct span where, const char *hint, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

static bool fail(
    const struct reading *r, struct span where, const char *hint, const char *format, ...)
{
    va_list arguments;

    *r->fault =
        (struct template_fault){.offset = (size_t)(where.at - r->text.at), .len = where.len};
    va_start(arguments, format);
    vsnprintf(r->fault->message, sizeof(r->fault->message), format, arguments);
    va_end(arguments);
    snprintf(r->fault->hint, sizeof(r->fault->hint), "%s", hint);
    return false;
}

/* A user's words in a message are cut to this. */
static int shown(struct span words)
{
    return words.len < 80 ? (int)words.len : 80;
}

static void skip_blanks(struct reading *r)
{
    while (r->p < r->end && byte_is_blank(*r->p))
        r->p++;
}

/* --- filters --------------------------------------------------------------- */

static bool is_word_byte(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == '-';
}

/* The whole `${…` up to what closes it, for faults that concern all of it. */
static struct span whole_name(const struct reading *r, const char *start)
{
    const char *close = span_find(span_between(start, r->end), '}');

    return span_between(start, close ? close + 1 : r->end);
}

/* Behind the opening parenthesis. */
static bool take_argument(struct reading *r, const char *open, struct span *argument)
{
    char quote;
    const char *close;

    skip_blanks(r);
    if (r->p == r->end || (*r->p != '\'' && *r->p != '"'))
        return fail(r, span_between(open, r->p < r->end ? r->p + 1 : r->p),
            "Write it like before('@') or before(\"@\").", "an argument without quotes");
    quote = *r->p++;
    close = span_find(span_between(r->p, r->end), quote);
    if (!close)
        return fail(r, span_between(r->p - 1, r->end), "Close it with the quote that opens it.",
            "an argument without its closing quote");
    *argument = span_between(r->p, close);
    r->p = close + 1;
    skip_blanks(r);
    if (argument->len == 0)
        return fail(
            r, span_between(open, r->p), "Write the text that is looked for.", "an empty argument");
    if (r->p == r->end || *r->p != ')')
        return fail(r, span_between(open, r->p), "A filter takes one argument: before('@').",
            "( without its )");
    r->p++;
    return true;
}

static bool fail_unknown(const struct reading *r, struct span name)
{
    const char *names[32], *nearest;
    char hint[sizeof(r->fault->hint)];
    size_t count = 0, len;

    for (; filters[count].name && count < sizeof(names) / sizeof(*names); count++)
        names[count] = filters[count].name;
    nearest = error_nearest(name, names, count);
    if (nearest) {
        snprintf(hint, sizeof(hint), "Did you mean \"%s\"?", nearest);
    } else {
        len = (size_t)snprintf(hint, sizeof(hint), "There are");
        for (size_t i = 0; i < count && len < sizeof(hint); i++)
            len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s %s%s", i > 0 ? "," : "",
                names[i], i + 1 == count ? "." : "");
    }
    return fail(r, name, hint, "unknown filter \"%.*s\"", shown(name), name.at);
}

static bool check_argument(
    const struct reading *r, const struct filter_call *call, struct span where)
{
    const struct filter *filter = call->filter;
    char hint[sizeof(r->fault->hint)];

    snprintf(hint, sizeof(hint), "Write it like ${name|%s}.", filter->example);
    if (filter->argument == ARGUMENT_REQUIRED && !call->argument.at)
        return fail(r, where, hint, "\"%s\" needs an argument", filter->name);
    if (filter->argument == ARGUMENT_NONE && call->argument.at)
        return fail(r, where, hint, "\"%s\" takes no argument", filter->name);
    if (filter->only && call->argument.at && !span_is(call->argument, filter->only))
        return fail(
            r, where, hint, "\"%s\" takes no argument but '%s'", filter->name, filter->only);
    return true;
}

/* Behind the bar. */
static bool take_filter(struct reading *r, struct template_part *part)
{
    const char *bar = r->p - 1, *start;
    struct filter_call call = {.argument = {NULL, 0}};
    struct span name;

    skip_blanks(r);
    start = r->p;
    while (r->p < r->end && is_word_byte(*r->p))
        r->p++;
    name = span_between(start, r->p);
    if (name.len == 0)
        return fail(r, span_between(bar, r->p < r->end ? r->p + 1 : r->p),
            "Write a filter behind the bar, like ${name|lower}.", "a filter is missing");
    call.filter = filter_find(name);
    if (!call.filter)
        return fail_unknown(r, name);
    if (r->p < r->end && *r->p == '(' && !(r->p++, take_argument(r, r->p - 1, &call.argument)))
        return false;
    if (!check_argument(r, &call, span_between(start, r->p)))
        return false;
    skip_blanks(r);
    if (part->call_count == LIMIT_TEMPLATE_FILTERS)
        return fail(r, span_between(start, r->p), "Capture the part that you want in `match`.",
            "more than %u filters on one name", LIMIT_TEMPLATE_FILTERS);
    part->calls =
        memory_room(part->calls, part->call_count, &part->call_room, sizeof(*part->calls));
    part->calls[part->call_count++] = call;
    return true;
}

/* --- names ----------------------------------------------------------------- */

static bool fail_nested(const struct reading *r, const char *start)
{
    return fail(r, span_between(start, r->p + 1),
        "Names don't nest: try several with a list, ['${a}', '${b}'].", "\"%c\" inside ${", *r->p);
}

static bool fail_unclosed(const struct reading *r, const char *start)
{
    return fail(r, (struct span){start, 2}, "Write ${name}, or $${ for these two characters.",
        "${ without its }");
}

static bool check_name(const struct reading *r, struct span name, struct span whole)
{
    if (name.len == 0)
        return fail(
            r, whole, "Name a capture of the rule or a field of the record.", "a name is missing");
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
            return fail(r, whole, "", "a control character in a name");
    if (!span_has_prefix(name, SPAN("self.")))
        return true;
    for (size_t i = 0; i < SELF_NAMES; i++)
        if (span_is(name, template_self_names[i]))
            return true;
    return fail(r, name, "This host has ${self.ip} and ${self.name}.", "unknown name \"%.*s\"",
        shown(name), name.at);
}

/* Up to the closing brace, which is left. Behind the colon. */
static bool take_default(struct reading *r, const char *start, struct span *fallback)
{
    struct span inside = whole_name(r, start);
    const char *text;

    if (r->p == r->end || *r->p != '-') {
        if (span_end(inside) == r->end && r->end[-1] != '}')
            return fail_unclosed(r, start);
        inside = span_between(start + 2, span_end(inside) - 1);
        return fail(r, whole_name(r, start), "A default is written ${name:-default}.",
            "a colon without - in \"${%.*s}\"", shown(inside), inside.at);
    }
    text = ++r->p;
    for (; r->p < r->end && *r->p != '}'; r->p++)
        if (*r->p == '{' || *r->p == '$')
            return fail_nested(r, start);
    *fallback = span_between(text, r->p);
    return true;
}

static bool is_name_end(char c)
{
    return c == '{' || c == '}' || c == '|' || c == '$' || c == ':';
}

/* One `${…}`, at its dollar sign; on success the reading is behind it. */
static bool take_name(struct reading *r, struct template_part *part)
{
    const char *start = r->p, *name = r->p + 2;

    r->p = name;
    while (r->p < r->end && !is_name_end(*r->p))
        r->p++;
    part->text = span_between(name, r->p);
    if (r->p < r->end && *r->p == '|')
        while (part->text.len > 0 && byte_is_blank(span_end(part->text)[-1]))
            part->text.len--;
    if (r->p < r->end && (*r->p == '{' || *r->p == '$'))
        return fail_nested(r, start);
    if (r->p < r->end && !check_name(r, part->text, whole_name(r, start)))
        return false;
    while (r->p < r->end && *r->p == '|') {
        r->p++;
        if (!take_filter(r, part))
            return false;
    }
    if (r->p < r->end && *r->p == ':' && (r->p++, !take_default(r, start, &part->fallback)))
        return false;
    if (r->p == r->end)
        return fail_unclosed(r, start);
    if (*r->p != '}')
        return fail(r, (struct span){r->p, 1},
            "Filters stand behind bars: ${name|lower|before('@')}.", "\"%c\" behind a filter",
            *r->p);
    r->p++;
    return true;
}

/* --- templates ------------------------------------------------------------- */

/* The new part, the last one. */
static struct template_part *add_part(struct template *template)
{
    template->parts =
        memory_room(template->parts, template->count, &template->room, sizeof(*template->parts));
    template->parts[template->count] = (struct template_part){.is_name = false};
    return &template->parts[template->count++];
}

static void add_text(struct template *template, struct span text)
{
    if (text.len > 0)
        add_part(template)->text = text;
}

bool template_parse(struct template *template, struct span text, struct template_fault *fault)
{
    struct reading r = {text, text.at, span_end(text), fault};
    const char *plain = r.p;
    size_t names = 0;

    while (r.p < r.end) {
        struct template_part *part;

        if (*r.p == '%' && r.end - r.p > 2 && r.p[1] == '{' && byte_is_alpha(r.p[2]))
            return fail(&r, (struct span){r.p, 2}, "Write ${name} for what a pattern captured.",
                "a pattern's %%{ in a template");
        if (*r.p != '$' || r.p + 1 == r.end) {
            r.p++;
            continue;
        }
        if (byte_is_alpha(r.p[1]))
            return fail(&r, (struct span){r.p, 2},
                "Write ${name} for a value, $$ for a dollar sign.", "a name without braces");
        if (r.p[1] == '$') {
            add_text(template, span_between(plain, r.p + 1));
            plain = r.p += 2;
        } else if (r.p[1] == '{') {
            add_text(template, span_between(plain, r.p));
            if (++names > LIMIT_TEMPLATE_NAMES)
                return fail(&r, (struct span){r.p, 2},
                    "Leave some out, or send the values in fields of `meta` each.",
                    "more than %u names in one template", LIMIT_TEMPLATE_NAMES);
            part = add_part(template);
            part->is_name = true;
            if (!take_name(&r, part))
                return false;
            plain = r.p;
        } else {
            r.p++;
        }
    }
    add_text(template, span_between(plain, r.end));
    return true;
}
