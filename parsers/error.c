/* SPDX-License-Identifier: MIT
 *
 * Filling errors and drawing them. Offsets become lines and columns here and
 * nowhere else.
 */
#include "error.h"

#include "limits.h"
#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_COLUMNS = 100, NEAREST_MAX_LEN = 40 };

bool error_set(struct error *err, enum error_kind kind, int code, const char *format, ...)
{
    va_list arguments;

    *err = (struct error){.kind = kind, .code = code};
    va_start(arguments, format);
    vsnprintf(err->message, sizeof(err->message), format, arguments);
    va_end(arguments);
    return false;
}

bool error_system(struct error *err, const char *format, ...)
{
    int code = errno;
    va_list arguments;
    size_t used;

    *err = (struct error){.kind = ERROR_SYSTEM, .code = code};
    va_start(arguments, format);
    vsnprintf(err->message, sizeof(err->message), format, arguments);
    va_end(arguments);
    used = strlen(err->message);
    snprintf(err->message + used, sizeof(err->message) - used, ": %s", strerrordesc_np(code));
    return false;
}

void error_hint(struct error *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(err->hint, sizeof(err->hint), format, arguments);
    va_end(arguments);
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Characters, for a reader's column: bytes that do not continue a UTF-8 one. */
static size_t count_characters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += !is_continuation(s.at[i]);
    return n;
}

static struct span line_around(struct span text, size_t offset)
{
    size_t start = offset, end = offset;

    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
        end++;
    return (struct span){text.at + start, end - start};
}

void place_find(const struct place *place, size_t *line, size_t *column)
{
    struct span text = place->text->bytes;
    size_t offset = place->offset < text.len ? place->offset : text.len;
    struct span shown = line_around(text, offset);

    *line = 1;
    for (const char *p = text.at; p < shown.at; p++)
        *line += *p == '\n';
    *column = 1 + count_characters(span_between(shown.at, text.at + offset));
}

/* What comes from a file must not speak to the terminal: control characters, also
 * those of U+0080 to U+009F, become a dot each. */
static void append_visible(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        unsigned char next = i + 1 < s.len ? (unsigned char)s.at[i + 1] : 0;
        bool is_wide = c == 0xC2 && next >= 0x80 && next <= 0x9F;

        if (is_wide || c < ' ' || c == 0x7F)
            buffer_append_byte(out, c == '\t' ? ' ' : '.');
        else
            buffer_append_byte(out, s.at[i]);
        i += is_wide;
    }
}

static void draw_excerpt(const struct place *place, size_t line, struct buffer *out)
{
    struct span text = place->text->bytes;
    size_t offset = place->offset < text.len ? place->offset : text.len;
    struct span shown = line_around(text, offset);
    size_t before = (size_t)(text.at + offset - shown.at);
    size_t width = place->len < shown.len - before ? place->len : shown.len - before;

    if (before > SHOWN_COLUMNS / 2) {
        size_t skip = before - SHOWN_COLUMNS / 2;
        while (skip < before && is_continuation(shown.at[skip]))
            skip++;
        shown = span_from(shown, skip);
        before -= skip;
    }
    if (shown.len > SHOWN_COLUMNS) {
        shown.len = SHOWN_COLUMNS;
        while (shown.len > before && is_continuation(shown.at[shown.len]))
            shown.len--;
        if (width > shown.len - before)
            width = shown.len - before;
    }
    buffer_printf(out, "%6zu | ", line);
    append_visible(out, shown);
    buffer_append(out, SPAN("\n       | "));
    before = count_characters((struct span){shown.at, before});
    width = count_characters((struct span){text.at + offset, width});
    for (size_t i = 0; i < before; i++)
        buffer_append_byte(out, ' ');
    buffer_append_byte(out, '^');
    for (size_t i = 1; i < width; i++)
        buffer_append_byte(out, '~');
    buffer_append_byte(out, '\n');
}

void error_render(const struct error *err, struct buffer *out)
{
    size_t line = 0, column;

    if (err->place.text) {
        place_find(&err->place, &line, &column);
        append_visible(out, span_of(err->place.text->name));
        buffer_printf(out, ":%zu:%zu: ", line, column);
    }
    append_visible(out, span_of(err->message));
    buffer_append_byte(out, '\n');
    if (err->place.text)
        draw_excerpt(&err->place, line, out);
    if (err->hint[0]) {
        buffer_append(out, SPAN("hint: "));
        append_visible(out, span_of(err->hint));
        buffer_append_byte(out, '\n');
    }
}

struct error *errors_add(struct errors *errors, struct place place, const char *format, ...)
{
    struct error *err;
    va_list arguments;

    errors->items = memory_room(errors->items, errors->count, &errors->room, sizeof(*err));
    err = &errors->items[errors->count];
    *err = (struct error){.kind = ERROR_CONFIG, .place = place};
    va_start(arguments, format);
    vsnprintf(err->message, sizeof(err->message), format, arguments);
    va_end(arguments);
    /* Over the cap the last slot is written again, so that callers need no case for it. */
    if (errors->count < LIMIT_ERRORS)
        errors->count++;
    else
        errors->dropped++;
    return err;
}

void errors_finish(struct errors *errors)
{
    free(errors->items);
    *errors = (struct errors){0};
}

/* Where the item belongs among the `count` before it: errors of one text stand
 * together, texts in the order in which they were first named. */
static size_t find_turn(const struct error *items, size_t count, const struct place *place)
{
    size_t turn = count;

    for (size_t i = 0; i < count; i++) {
        if (items[i].place.text != place->text)
            continue;
        if (items[i].place.offset > place->offset)
            return i;
        turn = i + 1;
    }
    return turn;
}

/* Few enough (LIMIT_ERRORS) to be inserted one by one, which keeps the order of
 * errors at one place. */
static void sort_by_place(struct errors *errors)
{
    for (size_t i = 1; i < errors->count; i++) {
        struct error item = errors->items[i];
        struct error *to = errors->items + find_turn(errors->items, i, &item.place);

        memmove(to + 1, to, (size_t)(errors->items + i - to) * sizeof(item));
        *to = item;
    }
}

void errors_render(struct errors *errors, struct buffer *out)
{
    sort_by_place(errors);
    for (size_t i = 0; i < errors->count; i++)
        error_render(&errors->items[i], out);
    if (errors->dropped > 0)
        buffer_printf(out, "and %zu more problems\n", errors->dropped);
}

/* Edit distance with neighbours swapped counting as one, case ignored. */
static size_t distance(struct span a, struct span b)
{
    size_t rows[3][NEAREST_MAX_LEN + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *spare = before;

        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = byte_lower(a.at[i - 1]) == byte_lower(b.at[j - 1]);
            size_t best = last[j - 1] + !same;

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && byte_lower(a.at[i - 1]) == byte_lower(b.at[j - 2]) &&
                byte_lower(a.at[i - 2]) == byte_lower(b.at[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

/* Whether it is one of the words that the name is put together from, or the start of one:
 * "user" of "user_id", "addr" or "address" of "ip_addr". */
static bool is_word_of(struct span word, struct span name)
{
    const char *end = span_end(name);

    for (const char *start = name.at, *stop; start < end; start = stop + 1) {
        size_t len;

        for (stop = start; stop < end && !strchr("_-.", *stop); stop++)
            continue;
        len = (size_t)(stop - start) < word.len ? (size_t)(stop - start) : word.len;
        if ((len >= 3 || (len > 0 && len == word.len && start + len == stop)) &&
            distance((struct span){start, len}, (struct span){word.at, len}) == 0)
            return true;
    }
    return false;
}

const char *error_nearest(struct span word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t least = word.len / 3 + 1;

    if (word.len == 0 || word.len > NEAREST_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct span candidate = span_of(candidates[i]);
        size_t d = candidate.len <= NEAREST_MAX_LEN ? distance(word, candidate) : least + 1;

        if (d < least || (d == least && !nearest)) {
            least = d;
            nearest = candidates[i];
        }
    }
    for (size_t i = 0; i < count && !nearest; i++)
        if (is_word_of(word, span_of(candidates[i])))
            nearest = candidates[i];
    return nearest;
}
