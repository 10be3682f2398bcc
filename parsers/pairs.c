/* SPDX-License-Identifier: MIT
 *
 * Looks for what is a pair and passes over all else: there is no broken text here.
 */
#include "pairs.h"

#include "escape.h"
#include "plain.h"

/* What is looked for ahead and not there is not looked for again: long texts of nothing but
 * openings take no longer than others. */
struct cursor {
    const char *start, *p, *end;
    bool has_no_double, has_no_single, has_no_bracket;
};

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_key_byte(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || is_one_of(c, "_.-@/");
}

/* The key that begins at p; empty if none does. */
static struct span key_at(const struct cursor *c)
{
    const char *p = c->p;

    if (!byte_is_alpha(*p) && *p != '_')
        return (struct span){p, 0};
    if (p > c->start && !byte_is_blank(p[-1]) && !is_one_of(p[-1], "([{,;|\n"))
        return (struct span){p, 0};
    while (p < c->end && is_key_byte(*p))
        p++;
    return span_between(c->p, p);
}

/* --- values ---------------------------------------------------------------- */

static bool is_value_end(const struct cursor *c, const char *p)
{
    return p == c->end || byte_is_blank(*p) || is_one_of(*p, ",;)]}\n");
}

/* At the opening quote: the closing one, or NULL. */
static const char *find_close(struct cursor *c)
{
    bool *has_none = *c->p == '"' ? &c->has_no_double : &c->has_no_single;
    const char *close = *has_none ? NULL : escape_find_close(c->p + 1, c->end, *c->p);

    while (close && !is_value_end(c, close + 1))
        close = escape_find_close(close + 1, c->end, *c->p);
    *has_none |= !close;
    return close;
}

/* Closing brackets that the value does not open are the text's around it. */
static struct span strip_brackets(struct span value)
{
    static const char opening[] = "([{", closing[] = ")]}";

    while (value.len > 0) {
        const char last = value.at[value.len - 1], *kind = last ? strchr(closing, last) : NULL;

        if (!kind || span_find(value, opening[kind - closing]))
            break;
        while (value.len > 0 && value.at[value.len - 1] == last)
            value.len--;
    }
    return value;
}

static struct span take_bare(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && !byte_is_blank(*c->p) && *c->p != '\n' &&
           !((*c->p == ',' || *c->p == ';') &&
               (c->p + 1 == c->end || byte_is_blank(c->p[1]) || c->p[1] == '\n')))
        c->p++;
    return strip_brackets(span_between(start, c->p));
}

/* Behind the equals sign. */
static bool take_value(struct cursor *c, struct arena *arena, struct span *value)
{
    const char *close = NULL;

    if (c->p < c->end && (*c->p == '"' || *c->p == '\''))
        close = find_close(c);
    if (!close) {
        *value = take_bare(c);
        return true;
    }
    if (!escape_decode(span_between(c->p + 1, close), arena, value))
        return false;
    c->p = close + 1;
    return true;
}

/* --- pairs ----------------------------------------------------------------- */

/* False where no pair begins, or memory ends; the cursor then stays. */
static bool take_pair(struct cursor *c, struct arena *arena, struct field *field)
{
    const char *start = c->p, *close = NULL;

    field->name = key_at(c);
    if (field->name.len == 0 || span_end(field->name) == c->end)
        return false;
    c->p = span_end(field->name) + 1;
    if (c->p[-1] == '=' && take_value(c, arena, &field->value))
        return true;
    if (c->p[-1] == '|' && start > c->start && start[-1] == '[' && !c->has_no_bracket) {
        close = span_find(span_between(c->p, c->end), ']');
        c->has_no_bracket = !close;
    }
    if (!close) {
        c->p = start;
        return false;
    }
    field->value = span_between(c->p, close);
    c->p = close;
    return true;
}

static void note_meaning(struct record *record, const struct field *field)
{
    static const char *const times[] = {"time", "ts", "t", "timestamp"};

    if (span_is(field->name, "msg") || span_is(field->name, "message"))
        record->message = field->value;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        if (span_is(field->name, times[i]))
            record_offer_time(record, field->value);
}

enum parse_result pairs_parse(struct span text, struct record *record, size_t *at)
{
    struct cursor c = {.start = text.at, .p = text.at, .end = span_end(text)};
    bool has_pair = false;

    if (!span_find(text, '=') && !span_find(text, '|'))
        return PARSE_NO;
    while (c.p < c.end) {
        struct field field;
        size_t key_len;

        if (take_pair(&c, record->arena, &field)) {
            if (!record_add(record, field.name, field.value)) {
                *at = (size_t)(field.name.at - text.at);
                return PARSE_BAD;
            }
            note_meaning(record, &field);
            has_pair = true;
            continue;
        }
        key_len = key_at(&c).len;
        c.p += key_len > 0 ? key_len : 1;
    }
    return has_pair ? plain_parse(text, record, at) : PARSE_NO;
}
