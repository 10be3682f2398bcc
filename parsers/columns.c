/* SPDX-License-Identifier: MIT
 *
 * One pass, value by value. columns_is_open and take_quoted agree on what a quote is: the
 * text that framing.c takes for one record is one here, too.
 */
#include "columns.h"

#include <stdio.h>

const struct columns columns_csv = {.separator = ',', .has_quotes = true};
const struct columns columns_tsv = {.separator = '\t'};
const struct columns columns_pipe = {.separator = '|', .has_padding = true};

struct cursor {
    const char *p, *end;
};

/* --- values ---------------------------------------------------------------- */

static void skip_blanks(struct cursor *c, char separator)
{
    while (c->p < c->end && byte_is_blank(*c->p) && *c->p != separator)
        c->p++;
}

/* At a quote, or at blanks before one. */
static bool at_quote(const struct columns *columns, struct cursor c)
{
    skip_blanks(&c, columns->separator);
    return columns->has_quotes && c.p < c.end && *c.p == '"';
}

/* Where the value closes that opens just before p: at a quote that is not one of two. NULL if
 * it does not. */
static const char *find_close(const char *p, const char *end)
{
    while ((p = memchr(p, '"', (size_t)(end - p)))) {
        if (p + 1 == end || p[1] != '"')
            return p;
        p += 2;
    }
    return NULL;
}

/* "" as one quote. */
static bool halve_quotes(struct span inside, struct arena *arena, struct span *value)
{
    const char *p = inside.at, *end = span_end(inside);
    char *start, *to;

    *value = inside;
    if (!span_find(inside, '"'))
        return true;
    start = to = arena_alloc(arena, inside.len);
    if (!start)
        return false;
    while (p < end) {
        *to++ = *p;
        p += *p == '"' ? 2 : 1;
    }
    *value = span_between(start, to);
    return true;
}

/* On failure the cursor is at what is wrong. */
static bool take_quoted(
    const struct columns *columns, struct cursor *c, struct arena *arena, struct span *value)
{
    const char *close;

    skip_blanks(c, columns->separator);
    close = find_close(c->p + 1, c->end);
    if (!close || !halve_quotes(span_between(c->p + 1, close), arena, value))
        return false;
    c->p = close + 1;
    skip_blanks(c, columns->separator);
    return c->p == c->end || *c->p == columns->separator;
}

static struct span take_bare(const struct columns *columns, struct cursor *c)
{
    const char *separator = memchr(c->p, columns->separator, (size_t)(c->end - c->p));
    struct span value = span_between(c->p, separator ? separator : c->end);

    c->p = span_end(value);
    if (!columns->has_padding)
        return value;
    value = span_trim(value);
    if (value.len > 1 && value.at[0] == '"' &&
        find_close(value.at + 1, span_end(value)) == span_end(value) - 1)
        value = (struct span){value.at + 1, value.len - 2};
    return value;
}

/* --- records --------------------------------------------------------------- */

static bool is_one_of(struct span name, const char *const *names)
{
    for (; *names; names++)
        if (span_is(name, *names))
            return true;
    return false;
}

static void note_meaning(struct record *record, struct span name, struct span value)
{
    static const char *const times[] = {"time", "timestamp", "ts", "t", NULL};
    static const char *const messages[] = {"message", "msg", NULL};

    if (is_one_of(name, messages))
        record->message = value;
    if (is_one_of(name, times) && value.len > 0)
        record_offer_time(record, value);
}

/* The name of a column without one. */
static struct span number_column(struct arena *arena, size_t i)
{
    char name[32];

    snprintf(name, sizeof(name), "column%zu", i + 1);
    return arena_copy(arena, span_of(name));
}

/* An unnamed column between named ones is no field. */
static bool add_value(
    const struct columns *columns, struct record *record, size_t i, struct span value)
{
    struct span name = i < columns->count ? columns->names[i] : number_column(record->arena, i);

    if (!name.at)
        return false;
    if (name.len == 0)
        return true;
    if (!record_add(record, name, value))
        return false;
    if (i < columns->count)
        note_meaning(record, name, value);
    return true;
}

static bool is_header(const struct columns *columns, struct span value)
{
    return columns->count > 1 && columns->names[0].len > 0 &&
           span_equal_nocase(value, columns->names[0]);
}

enum parse_result columns_parse(
    const struct columns *columns, struct span text, struct record *record, size_t *at)
{
    struct cursor c = {text.at, span_end(text)};

    if (text.len == 0 || (columns->count != 1 && !span_find(text, columns->separator)))
        return PARSE_NO;
    for (size_t i = 0;; i++) {
        struct span value;

        if (!at_quote(columns, c))
            value = take_bare(columns, &c);
        else if (!take_quoted(columns, &c, record->arena, &value))
            break;
        if (i == 0 && is_header(columns, value))
            return PARSE_NO;
        if (!add_value(columns, record, i, value))
            break;
        if (c.p == c.end)
            return PARSE_OK;
        c.p++;
    }
    *at = (size_t)(c.p - text.at);
    return PARSE_BAD;
}

bool columns_is_open(const struct columns *columns, struct span line, bool is_open)
{
    struct cursor c = {line.at, span_end(line)};

    if (!columns->has_quotes || (!is_open && !span_find(line, '"')))
        return is_open;
    for (;;) {
        if (is_open || at_quote(columns, c)) {
            const char *close;

            if (!is_open) {
                skip_blanks(&c, columns->separator);
                c.p++;
            }
            close = find_close(c.p, c.end);
            if (!close)
                return true;
            is_open = false;
            c.p = close + 1;
        }
        c.p = memchr(c.p, columns->separator, (size_t)(c.end - c.p));
        if (!c.p)
            return false;
        c.p++;
    }
}
