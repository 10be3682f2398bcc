/* SPDX-License-Identifier: MIT
 *
 * The time in brackets is the anchor: what stands before it is cut into words,
 * what follows is read column by column.
 *
 *     text    = head " [" time "] " request [ status [ bytes ] ] *column
 *     head    = [ vhost ] client [ ident ] [ user ]
 *     request = DQUOTE … DQUOTE
 *     column  = DQUOTE … DQUOTE | "[" … "]" | word | key "=" value | key ": " DQUOTE … DQUOTE
 *
 * Formats that lead with the time (Confluence, Nginx Proxy Manager) or put
 * other columns behind it (HAProxy, S3) are not read here.
 */
#include "access.h"

#include "escape.h"

#include <stdio.h>

enum { HEAD_WORDS = 16 };

struct cursor {
    const char *p, *end;
};

struct column {
    struct span key, value; /* key: absent unless the column names itself */
    bool is_quoted;
};

static bool add(struct record *record, struct span name, struct span value)
{
    return span_is(value, "-") || record_add(record, name, value);
}

/* Finds " [" digit digit … "] " DQUOTE; *quote is where the request opens. */
static bool find_time(struct span text, struct span *time, const char **quote)
{
    const char *end = span_end(text), *open = span_find(text, '['), *close = NULL;

    for (; open; open = span_find(span_between(open + 1, end), '[')) {
        if (!close || close < open) /* searched once for all that open before it */
            close = span_find(span_between(open, end), ']');
        if (!close)
            return false;
        if (open > text.at && open[-1] == ' ' && end - close > 2 && close - open > 2 &&
            byte_is_digit(open[1]) && byte_is_digit(open[2]) && close[1] == ' ' &&
            close[2] == '"') {
            *time = span_between(open + 1, close);
            *quote = close + 2;
            return true;
        }
    }
    return false;
}

struct words {
    struct span at[HEAD_WORDS];
    size_t count, dash; /* dash: the first word but one that is `-`, else count */
};

static struct words split_head(struct span head)
{
    struct words words = {.count = 0};

    while (head.at && words.count < HEAD_WORDS) {
        struct span word = span_cut(&head, ' ');
        if (word.len > 0)
            words.at[words.count++] = word;
    }
    words.dash = 1;
    while (words.dash < words.count && !span_is(words.at[words.dash], "-"))
        words.dash++;
    return words;
}

static bool ends_in_comma(struct span word)
{
    return word.at[word.len - 1] == ',';
}

static struct span unquote(struct span s)
{
    if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
        return (struct span){s.at + 1, s.len - 2};
    return s;
}

/* The ident column is `-` nearly everywhere, so the first `-` parts the client
 * from the user, whatever stands in front. Without one there are at most client,
 * ident and user, or this is prose. */
static bool add_head(struct record *record, struct span head)
{
    struct words words = split_head(head);
    /* `client ident -`: that dash is the user's. */
    bool has_ident_dash = words.dash < words.count && !(words.dash == 2 && words.count == 3);
    size_t last = has_ident_dash ? words.dash - 1 : 0, first, left;
    struct span client, user;

    if (words.count == 0)
        return false;
    while (last + 1 < words.count && ends_in_comma(words.at[last]))
        last++;
    first = last;
    while (first > 0 && ends_in_comma(words.at[first - 1]))
        first--;
    left = words.count - last - 1;
    if (left > 2 && !has_ident_dash)
        return false;

    client = span_between(words.at[first].at, span_end(words.at[last]));
    if (first == 1)
        add(record, SPAN("vhost"), words.at[0]);
    add(record, SPAN("client"), client);
    if (left == 0)
        return true;
    if (left >= 2)
        add(record, SPAN("ident"), words.at[last + 1]);
    user = span_between(words.at[left >= 2 ? last + 2 : last + 1].at, span_end(head));
    /* `- 4f1c0a -`: a request id of BunkerWeb's and no user. */
    if (user.len < 2 || !span_is(span_from(user, user.len - 2), " -"))
        add(record, SPAN("user"), unquote(user));
    return true;
}

/* The cursor stands on the opening quote, and stays there on failure. */
static bool take_quoted(struct cursor *c, struct arena *arena, struct span *value)
{
    const char *close = escape_find_close(c->p + 1, c->end, '"');

    while (close && close + 1 < c->end && !byte_is_blank(close[1]))
        close = escape_find_close(close + 1, c->end, '"');
    if (!close || !escape_decode(span_between(c->p + 1, close), arena, value))
        return false;
    c->p = close + 1;
    return true;
}

static void skip_blanks(struct cursor *c)
{
    while (c->p < c->end && byte_is_blank(*c->p))
        c->p++;
}

static struct span take_bare(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && !byte_is_blank(*c->p))
        c->p++;
    return span_between(start, c->p);
}

/* `key=`, or `key: ` before a quote; the cursor goes behind it. */
static struct span take_key(struct cursor *c)
{
    const char *p = c->p, *key_end;
    struct span key;

    while (p < c->end &&
           (byte_is_alpha(*p) || byte_is_digit(*p) || *p == '_' || *p == '-' || *p == '.'))
        p++;
    key_end = p;
    if (p == c->p || p == c->end || (*p != '=' && *p != ':'))
        return (struct span){NULL, 0};
    if (*p++ == ':') {
        while (p < c->end && byte_is_blank(*p))
            p++;
        if (p == key_end + 1 || p == c->end || *p != '"')
            return (struct span){NULL, 0};
    }
    key = span_between(c->p, key_end);
    c->p = p;
    return key;
}

static bool take_column(struct cursor *c, struct arena *arena, struct column *column)
{
    const char *close;

    *column = (struct column){.key = take_key(c)};
    if (c->p < c->end && *c->p == '"') {
        column->is_quoted = true;
        return take_quoted(c, arena, &column->value);
    }
    close = c->p < c->end && *c->p == '[' ? span_find(span_between(c->p, c->end), ']') : NULL;
    if (close) {
        column->value = span_between(c->p + 1, close);
        c->p = close + 1;
    } else {
        column->value = take_bare(c);
    }
    return true;
}

/* method, path and protocol of a request that has all three. */
static bool add_request(struct record *record, struct span request)
{
    const char *first = span_find(request, ' '), *last = span_end(request);

    if (!add(record, SPAN("request"), request))
        return false;
    if (!first)
        return true;
    while (last[-1] != ' ')
        last--;
    if (first == request.at || last - first < 3 ||
        !span_has_prefix(span_between(last, span_end(request)), SPAN("HTTP/")))
        return true;
    return record_add(record, SPAN("method"), span_between(request.at, first)) &&
           record_add(record, SPAN("path"), span_between(first + 1, last - 1)) &&
           record_add(record, SPAN("protocol"), span_between(last, span_end(request)));
}

static bool add_extra(struct record *record, size_t number, struct span value)
{
    char *name = arena_alloc(record->arena, 32);
    int len;

    if (!name)
        return false;
    len = snprintf(name, 32, "extra%zu", number);
    return add(record, (struct span){name, (size_t)len}, value);
}

/* status and bytes, as far as the next columns are not quoted. */
static bool add_result(struct record *record, struct cursor *c)
{
    static const struct span names[] = {{"status", 6}, {"bytes", 5}};

    for (size_t i = 0; i < 2; i++) {
        skip_blanks(c);
        if (c->p == c->end || *c->p == '"')
            return true;
        if (!add(record, names[i], take_bare(c)))
            return false;
    }
    return true;
}

/* A column waits for the next one, since two side by side may be referer and agent. */
static bool add_columns(struct record *record, struct cursor *c)
{
    struct column column, waiting = {.key = {NULL, 0}};
    bool has_agent = false;
    size_t extras = 0;

    for (skip_blanks(c); c->p < c->end; skip_blanks(c)) {
        if (!take_column(c, record->arena, &column))
            return false;
        if (!has_agent && waiting.value.at && column.is_quoted && !column.key.at &&
            (waiting.is_quoted || span_is(waiting.value, "-"))) {
            has_agent = true;
            if (!add(record, SPAN("referer"), waiting.value) ||
                !add(record, SPAN("agent"), column.value))
                return false;
            waiting.value.at = NULL;
            continue;
        }
        if (waiting.value.at && !add_extra(record, ++extras, waiting.value))
            return false;
        waiting = column;
        if (column.key.at) {
            if (!add(record, column.key, column.value))
                return false;
            waiting.value.at = NULL;
        }
    }
    return !waiting.value.at || add_extra(record, extras + 1, waiting.value);
}

enum parse_result access_parse(struct span text, struct record *record, size_t *at)
{
    struct cursor c = {NULL, span_end(text)};
    struct span time, request;

    if (!find_time(text, &time, &c.p))
        return PARSE_NO;
    if (!add_head(record, span_trim(span_between(text.at, time.at - 1))))
        return PARSE_NO;
    record_offer_time(record, time);
    if (record_add(record, SPAN("time"), time) && take_quoted(&c, record->arena, &request) &&
        add_request(record, request) && add_result(record, &c) && add_columns(record, &c))
        return PARSE_OK;
    *at = (size_t)(c.p - text.at);
    return PARSE_BAD;
}
