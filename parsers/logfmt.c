/* SPDX-License-Identifier: MIT
 *
 * One pass over the text, pair by pair:
 *
 *     text  = pair *(blanks pair)
 *     pair  = key [ "=" value ]
 *     key   = 1*(any byte but blank, "=", DQUOTE)
 *     value = DQUOTE *(char | escape) DQUOTE | *(any byte but blank)
 *
 * Dialects that separate pairs by commas or quote with ' are not read here.
 */
#include "logfmt.h"

#include "escape.h"

struct cursor {
    const char *p, *end;
};

static struct span take_key(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && !byte_is_blank(*c->p) && *c->p != '=' && *c->p != '"')
        c->p++;
    return span_between(start, c->p);
}

static struct span take_bare_value(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && !byte_is_blank(*c->p))
        c->p++;
    return span_between(start, c->p);
}

/* The cursor stands on the opening quote, and on failure on what is wrong. */
static bool take_quoted_value(struct cursor *c, struct arena *arena, struct span *value)
{
    const char *close = escape_find_close(c->p + 1, c->end, '"');

    if (!close || !escape_decode(span_between(c->p + 1, close), arena, value))
        return false;
    c->p = close + 1;
    return c->p == c->end || byte_is_blank(*c->p);
}

/* Which fields tell message and time. */
static void note_meaning(struct record *record, const struct field *field)
{
    static const char *const times[] = {"time", "ts", "t", "timestamp"};

    if (span_is(field->name, "msg") || span_is(field->name, "message"))
        record->message = field->value;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        if (span_is(field->name, times[i]))
            record_offer_time(record, field->value);
}

/* A text of words without one `=` is prose, not logfmt. */
static bool has_pair(struct span text)
{
    const char *equals = span_find(text, '=');

    return equals && equals > text.at && !byte_is_blank(equals[-1]) && equals[-1] != '"';
}

enum parse_result logfmt_parse(struct span text, struct record *record, size_t *at)
{
    struct cursor c = {text.at, span_end(text)};

    if (!has_pair(text))
        return PARSE_NO;
    for (;;) {
        struct field field = {.value = SPAN("true")};

        while (c.p < c.end && byte_is_blank(*c.p))
            c.p++;
        if (c.p == c.end)
            return PARSE_OK;
        field.name = take_key(&c);
        if (field.name.len == 0)
            break;
        if (c.p < c.end && *c.p == '=') {
            c.p++;
            if (c.p == c.end || *c.p != '"')
                field.value = take_bare_value(&c);
            else if (!take_quoted_value(&c, record->arena, &field.value))
                break;
        } else if (c.p < c.end && *c.p == '"') {
            break;
        }
        if (!record_add(record, field.name, field.value))
            break;
        note_meaning(record, &field);
    }
    *at = (size_t)(c.p - text.at);
    return PARSE_BAD;
}

bool logfmt_is_likely(struct span text)
{
    const char *equals = span_find(text, '=');

    if (!equals || equals == text.at)
        return false;
    for (const char *p = text.at; p < equals; p++)
        if (!byte_is_alpha(*p) && !byte_is_digit(*p) && !memchr("_.-@", *p, 4))
            return false;
    return true;
}
