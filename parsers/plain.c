/* SPDX-License-Identifier: MIT
 *
 * Says where a timestamp may stand; whether there is one is not its question, but where
 * that may be in two places.
 */
#include "plain.h"

#include "severity.h"
#include "timestamp_shape.h"

static struct span skip_blanks(struct span text)
{
    while (text.len > 0 && byte_is_blank(*text.at))
        text = span_from(text, 1);
    return text;
}

static bool is_date(struct span text)
{
    struct timestamp_parts parts;
    size_t used;

    return timestamp_shape_find(text, NULL, &parts, &used) && parts.month != PART_ABSENT;
}

/* Behind a severity and what else stands in brackets, if a date is there; else the text. */
static struct span skip_to_date(struct span text)
{
    bool is_open = text.len > 0 && *text.at == '[';
    struct span word = {text.at + is_open, 0}, rest = text;

    while (span_end(word) < span_end(text) && byte_is_alpha(word.at[word.len]))
        word.len++;
    if (severity_is_name(word)) {
        rest = span_between(span_end(word), span_end(text));
        if (rest.len > 0 && (*rest.at == ']' || *rest.at == ':'))
            rest = span_from(rest, 1);
        rest = skip_blanks(rest);
        if (is_date(rest))
            return rest;
    }
    if (rest.len > 0 && *rest.at == '[') {
        const char *close = span_find(rest, ']');

        if (!close || is_date(span_from(rest, 1)))
            return rest;
        rest = skip_blanks(span_between(close + 1, span_end(rest)));
    }
    return is_date(rest) ? rest : text;
}

enum parse_result plain_parse(struct span text, struct record *record, size_t *at)
{
    (void)at;
    if (record->time.at)
        return PARSE_OK;
    text = skip_to_date(text);
    if (text.len > 0 && (text.at[0] == '[' || text.at[0] == '<'))
        text = span_from(text, 1);
    if (text.len > 1 && byte_is_alpha(text.at[0]) && text.at[1] == ' ')
        text = span_from(text, 2);
    record->time = text;
    return PARSE_OK;
}
