/* SPDX-License-Identifier: MIT
 *
 * Three words and the rest, line by line. Which lines belong together is not decided
 * here (parts.h).
 */
#include "cri.h"

#include "lines.h"

enum { TIME_BYTES_LEAST = 20 /* 2026-11-23T10:11:12Z */ };

struct cri_line {
    struct span time, stream, message;
    bool is_part;
};

/* Up to the next blank, which goes too. False if there is none. */
static bool take_word(struct span *rest, struct span *word)
{
    const char *blank = span_find(*rest, ' ');

    if (!blank)
        return false;
    *word = span_between(rest->at, blank);
    *rest = span_between(blank + 1, span_end(*rest));
    return true;
}

static bool is_time(struct span word)
{
    return word.len >= TIME_BYTES_LEAST && word.at[0] >= '0' && word.at[0] <= '9' &&
           word.at[10] == 'T';
}

/* An empty message may have lost the blank before it. */
static bool take_tag(struct span *rest, struct span *tag)
{
    if (take_word(rest, tag))
        return true;
    *tag = *rest;
    *rest = span_from(*rest, rest->len);
    return true;
}

static bool take_line(struct span rest, struct cri_line *line)
{
    struct span tag;

    if (!take_word(&rest, &line->time) || !is_time(line->time) ||
        !take_word(&rest, &line->stream) ||
        !(span_is(line->stream, "stdout") || span_is(line->stream, "stderr")) ||
        !take_tag(&rest, &tag))
        return false;
    if (tag.len == 0 || (tag.at[0] != 'P' && tag.at[0] != 'F') || (tag.len > 1 && tag.at[1] != ':'))
        return false;
    line->is_part = tag.at[0] == 'P';
    line->message = rest;
    return true;
}

/* Each line without its head: they only get shorter, so the text's length is room. */
static bool join(struct span text, struct arena *arena, struct span *message)
{
    char *joined = arena_alloc(arena, text.len);
    size_t len = 0, whole;
    struct cri_line line;
    struct span bytes;

    if (!joined)
        return false;
    while (lines_next(&text, &bytes, &whole)) {
        if (!take_line(bytes, &line))
            line = (struct cri_line){.message = bytes};
        memcpy(joined + len, line.message.at, line.message.len);
        len += line.message.len;
        if (!line.is_part && text.len > 0)
            joined[len++] = '\n';
    }
    *message = (struct span){joined, len};
    return true;
}

enum parse_result cri_parse(struct span text, struct record *record, size_t *at)
{
    struct span rest = text, bytes, message;
    struct cri_line first;
    size_t whole;

    if (!lines_next(&rest, &bytes, &whole) || !take_line(bytes, &first))
        return PARSE_NO;
    *at = 0;
    message = first.message;
    if ((rest.len > 0 && !join(text, record->arena, &message)) ||
        !record_add(record, SPAN("log.iostream"), first.stream))
        return PARSE_BAD;
    record->message = message;
    record_offer_time(record, first.time);
    return PARSE_OK;
}

bool cri_read_part(struct span line, struct format_part *part)
{
    struct cri_line read;

    if (!take_line(line, &read))
        return false;
    *part = (struct format_part){.stream = span_is(read.stream, "stderr"), .goes_on = read.is_part};
    return true;
}

/* Behind "stdout" or "stderr", and with an end: not the P of a POST. */
static bool is_tag(const char *blank, struct span bytes)
{
    const char *behind = blank + 2;

    return blank - bytes.at >= 3 &&
           (memcmp(blank - 3, "out", 3) == 0 || memcmp(blank - 3, "err", 3) == 0) &&
           (behind == span_end(bytes) || strchr(" :\r\n", *behind));
}

const char *cri_find_part(struct span bytes)
{
    const char *found = memmem(bytes.at, bytes.len, " P", 2);

    while (found && !is_tag(found, bytes))
        found = memmem(found + 1, (size_t)(span_end(bytes) - found - 1), " P", 2);
    return found;
}
