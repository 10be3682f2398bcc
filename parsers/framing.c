/* SPDX-License-Identifier: MIT
 *
 * Looks at one line after the other and keeps nothing in between: a record that
 * is not complete is looked at again from its first line when there is more.
 */
#include "framing.h"

#include "clean.h"
#include "columns.h"
#include "keys.h"
#include "limits.h"
#include "lines.h"
#include "memory.h"

#include <stdlib.h>

struct framing {
    bool is_start; /* else the pattern is that of lines that continue a record */
    struct pattern *pattern;
    const struct columns *columns; /* their quotes decide; NULL: the pattern */
};

struct framing_keys {
    const struct node *start, *continues;
};

static const struct key framing_keys[] = {
    {.name = "start",
        .type = KEY_NODE,
        .offset = offsetof(struct framing_keys, start),
        .help = "a line that matches this pattern begins a record",
        .shape = &shape_text},
    {.name = "continues",
        .type = KEY_NODE,
        .offset = offsetof(struct framing_keys, continues),
        .help = "a line that matches this pattern belongs to the record before it",
        .shape = &shape_text},
    {0},
};

const struct key_shape framing_shape = SHAPE_OF_MAP(framing_keys);

struct framing *framing_parse(
    const struct node *node, struct file_patterns *patterns, struct errors *errors)
{
    struct framing_keys keys = {0};
    struct framing *framing;
    struct pattern *pattern;
    const struct node *said;

    if (node->kind == NODE_MAP && node->count > 0)
        keys_read(node, "multiline", framing_keys, &keys, errors);
    if (node->kind != NODE_MAP || node->count == 0 || (keys.start && keys.continues)) {
        error_hint(errors_add(errors, node->place, "\"multiline\" takes either start or continues"),
            "Write {start: '^\\d{4}-'} or {continues: '^\\s'}.");
        return NULL;
    }
    said = keys.start ? keys.start : keys.continues;
    if (!said)
        return NULL;
    pattern = rule_text_pattern(said, said == keys.start ? "start" : "continues", patterns, errors);
    if (!pattern)
        return NULL;
    framing = memory_new(sizeof(*framing));
    framing->is_start = said == keys.start;
    framing->pattern = pattern;
    return framing;
}

struct framing *framing_of_columns(const struct columns *columns)
{
    struct framing *framing = memory_new(sizeof(*framing));

    framing->columns = columns;
    return framing;
}

void framing_free(struct framing *framing)
{
    if (!framing)
        return;
    pattern_free(framing->pattern);
    free(framing);
}

bool framing_is_same(const struct framing *one, const struct framing *other)
{
    if (!one || !other)
        return one == other;
    if (one->columns || other->columns)
        return one->columns && other->columns &&
               one->columns->separator == other->columns->separator;
    return one->is_start == other->is_start &&
           span_equal(pattern_text(one->pattern), pattern_text(other->pattern));
}

/* Whether the line begins a record. A line that can't be cleaned or matched
 * within the limits stays with the record before it. */
static bool is_beginning(const struct framing *framing, struct matcher *matcher,
    struct arena *arena, struct span line, struct frame *frame)
{
    enum pattern_result result = PATTERN_LIMIT;
    size_t unused = 0;
    struct span cleaned;

    arena_reset(arena);
    if (clean_line(line, arena, &cleaned))
        result = pattern_match(framing->pattern, matcher, cleaned, NULL, 0, &unused);
    frame->is_error |= result == PATTERN_LIMIT;
    return result != PATTERN_LIMIT && framing->is_start == (result == PATTERN_MATCH);
}

/* Whether a line, cleaned, leaves a quote open. One that can't be cleaned changes nothing. */
static bool is_open_behind(
    const struct framing *framing, struct arena *arena, struct span line, bool is_open)
{
    struct span cleaned;

    arena_reset(arena);
    return clean_line(line, arena, &cleaned) ? columns_is_open(framing->columns, cleaned, is_open)
                                             : is_open;
}

bool framing_next(const struct framing *framing, struct matcher *matcher, struct arena *arena,
    bool is_final, struct span *rest, struct frame *frame)
{
    struct span left = *rest, line;
    bool is_open = false;
    size_t whole;

    if (!lines_next(&left, &line, &whole))
        return false;
    *frame = (struct frame){.bytes = {rest->at, whole}, .first = line, .lines = 1};
    while (framing) {
        struct span behind = left;

        if (framing->columns && !(is_open = is_open_behind(framing, arena, line, is_open)))
            break;
        if (!lines_next(&behind, &line, &whole)) {
            if (!is_final)
                return false;
            break;
        }
        if (!framing->columns && is_beginning(framing, matcher, arena, line, frame))
            break;
        frame->is_cut =
            frame->lines == LIMIT_RECORD_LINES || frame->bytes.len + whole > LIMIT_LINE_BYTES;
        if (frame->is_cut)
            break;
        frame->bytes.len += whole;
        frame->lines++;
        left = behind;
    }
    *rest = left;
    return true;
}

/* Where the line with that byte begins. */
static const char *line_start(struct span bytes, const char *at)
{
    const char *newline = memrchr(bytes.at, '\n', (size_t)(at - bytes.at));

    return newline ? newline + 1 : bytes.at;
}

/* The beginning of the line with `until`, or of one before it if a record from the
 * start of rest to there would be cut. */
static const char *furthest_start(struct span rest, const char *until)
{
    const char *start = rest.at;

    for (size_t lines = 0; lines < LIMIT_RECORD_LINES; lines++) {
        const char *newline = memchr(start, '\n', (size_t)(until - start));

        if (!newline || newline + 1 - rest.at > (ptrdiff_t)LIMIT_LINE_BYTES)
            break;
        start = newline + 1;
    }
    return start;
}

/* Only from the front can be told which quote opens and which closes. Up to the first one
 * every line is a record. */
static void skip_by_quotes(
    const struct framing *framing, struct arena *arena, const char *until, struct span *rest)
{
    const char *quote = memchr(rest->at, '"', (size_t)(until - rest->at));
    struct frame frame;

    *rest = span_between(line_start(*rest, quote ? quote : until), span_end(*rest));
    for (struct span behind = *rest; framing_next(framing, NULL, arena, false, &behind, &frame) &&
                                     !frame.is_cut && behind.at <= until;)
        *rest = behind;
}

void framing_skip(const struct framing *framing, struct matcher *matcher, struct arena *arena,
    const char *until, struct span *rest)
{
    struct frame unused = {.lines = 0};

    if (!framing) {
        *rest = span_between(line_start(*rest, until), span_end(*rest));
        return;
    }
    if (framing->columns) {
        skip_by_quotes(framing, arena, until, rest);
        return;
    }
    for (const char *start = furthest_start(*rest, until); start > rest->at;
         start = line_start(*rest, start - 1)) {
        struct span left = span_between(start, span_end(*rest)), line;
        size_t whole;

        lines_next(&left, &line, &whole);
        if (is_beginning(framing, matcher, arena, line, &unused)) {
            *rest = span_between(start, span_end(*rest));
            return;
        }
    }
}

bool framing_text(const struct frame *frame, struct arena *arena, struct span *text)
{
    struct span rest = frame->bytes, line, cleaned;
    size_t whole, len = 0;
    char *joined;

    if (frame->lines == 1)
        return clean_line(frame->first, arena, text);
    joined = arena_alloc(arena, frame->bytes.len);
    if (!joined)
        return false;
    while (lines_next(&rest, &line, &whole)) {
        if (!clean_line(line, arena, &cleaned))
            return false;
        if (line.at != frame->bytes.at)
            joined[len++] = '\n';
        memcpy(joined + len, cleaned.at, cleaned.len);
        len += cleaned.len;
    }
    *text = (struct span){joined, len};
    return true;
}
