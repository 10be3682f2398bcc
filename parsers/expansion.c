/* SPDX-License-Identifier: MIT
 *
 * One recursive walk that copies text and replaces names. Only the outermost
 * level notes where its bytes come from: what is wrong inside a named pattern
 * is shown at the %{NAME} that the user wrote. Whether the result is a pattern
 * is PCRE2's to say.
 */
#include "expansion.h"

#include "error.h"
#include "limits.h"
#include "memory.h"
#include "pattern_names.h"
#include "syntax.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct piece {
    size_t at;          /* of its first byte in the text */
    size_t offset, len; /* in the source */
    struct span name;   /* of the %{NAME} it stands for; absent: a copy of the source */
};

struct walk {
    struct expansion *expansion;
    const struct pattern_name *local;
    size_t local_count;
    size_t offset, len; /* of the outermost %{NAME}: where every fault inside it is shown */
    struct span open[LIMIT_PATTERN_NESTING]; /* the names being expanded */
    size_t depth;
    struct pattern_fault *fault;
};

void pattern_fault_set(
    struct pattern_fault *fault, size_t offset, size_t len, const char *format, ...)
{
    va_list arguments;

    *fault = (struct pattern_fault){.offset = offset, .len = len};
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof(fault->message), format, arguments);
    va_end(arguments);
}

bool expansion_is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!byte_is_alpha(s.at[i]) && s.at[i] != '_' && (i == 0 || !byte_is_digit(s.at[i])))
            return false;
    return s.len > 0;
}

/* For a message: a name as long as fits. */
static int shown(struct span name)
{
    return name.len < 48 ? (int)name.len : 48;
}

static bool fault_at_call(struct walk *walk, const char *what, struct span word)
{
    pattern_fault_set(
        walk->fault, walk->offset, walk->len, "%s \"%.*s\"", what, shown(word), word.at);
    return false;
}

static bool fault_unknown(struct walk *walk, struct span name)
{
    const char **known, *nearest;
    char **copies; /* of the local names, terminated */
    size_t count = 0, builtin_count = 0;

    while (pattern_names[builtin_count].name)
        builtin_count++;
    known = memory_new((walk->local_count + builtin_count) * sizeof(*known));
    copies = memory_new(walk->local_count * sizeof(*copies));
    for (size_t i = 0; i < builtin_count; i++)
        known[count++] = pattern_names[i].name;
    for (size_t i = 0; i < walk->local_count; i++)
        known[count++] = copies[i] = memory_string(walk->local[i].name);

    fault_at_call(walk, "unknown pattern name", name);
    nearest = error_nearest(name, known, count);
    if (nearest)
        snprintf(walk->fault->hint, sizeof(walk->fault->hint), "Did you mean \"%s\"?", nearest);
    else
        snprintf(walk->fault->hint, sizeof(walk->fault->hint),
            "Define it under `patterns:`, or use a built-in one such as IP, USER or NOTSPACE.");
    for (size_t i = 0; i < walk->local_count; i++)
        free(copies[i]);
    free(copies);
    free(known);
    return false;
}

/* The body of a name; absent if there is none. */
static struct span find_body(const struct walk *walk, struct span name)
{
    for (size_t i = 0; i < walk->local_count; i++)
        if (span_equal(walk->local[i].name, name))
            return walk->local[i].body;
    for (const struct pattern_builtin *row = pattern_names; row->name; row++)
        if (span_is(name, row->name))
            return span_of(row->body);
    return (struct span){NULL, 0};
}

static bool append(struct walk *walk, struct span text)
{
    struct buffer *to = &walk->expansion->text;

    if (text.len > LIMIT_PATTERN_BYTES - to->len) {
        pattern_fault_set(walk->fault, walk->offset, walk->len,
            "the pattern is over %u bytes once its names are written out", LIMIT_PATTERN_BYTES);
        return false;
    }
    buffer_append(to, text);
    return true;
}

static bool walk_text(struct walk *walk, struct span text);

/* inside: what stands between %{ and }. */
static bool expand_call(struct walk *walk, struct span inside)
{
    struct span capture = inside, name = span_cut(&capture, ':');
    struct span body = find_body(walk, name);

    if (!expansion_is_name(name))
        return fault_at_call(walk, "not a pattern name:", name);
    if (capture.at && !expansion_is_name(capture)) {
        fault_at_call(walk, "not a capture name:", capture);
        snprintf(walk->fault->hint, sizeof(walk->fault->hint), "%s",
            span_find(capture, ':')
                ? "Captures are text, so %{INT:n} has no type: leave off the second colon."
                : "A capture name has letters, digits and _ only, and starts with no digit.");
        return false;
    }
    if (!body.at)
        return fault_unknown(walk, name);
    for (size_t i = 0; i < walk->depth; i++)
        if (span_equal(walk->open[i], name))
            return fault_at_call(walk, "a named pattern that contains itself:", name);
    if (walk->depth == LIMIT_PATTERN_NESTING)
        return fault_at_call(walk, "named patterns are nested too deep at", name);

    walk->open[walk->depth++] = name;
    if (!append(walk, capture.at ? SPAN("(?<") : SPAN("(?:")) || !append(walk, capture) ||
        !append(walk, capture.at ? SPAN(">") : SPAN("")) || !walk_text(walk, body) ||
        !append(walk, SPAN(")")))
        return false;
    walk->depth--;
    return true;
}

static void note_piece(struct walk *walk, size_t offset, size_t len, struct span name)
{
    struct expansion *e = walk->expansion;

    e->pieces = memory_room(e->pieces, e->count, &e->room, sizeof(*e->pieces));
    e->pieces[e->count++] = (struct piece){e->text.len, offset, len, name};
}

/* Whether %{ at p opens a name and not PCRE2's quantifier on a percent sign. */
static bool is_call(const char *p, const char *end)
{
    return end - p >= 2 && p[0] == '%' && p[1] == '{' &&
           !(end - p > 2 && (byte_is_digit(p[2]) || p[2] == ','));
}

/* Where a fault is shown from here on. */
static void stand_at(struct walk *walk, size_t offset, size_t len)
{
    if (walk->depth > 0)
        return;
    walk->offset = offset;
    walk->len = len;
}

/* Up to the next %{, or all that is left. */
static struct span take_plain(struct syntax *syntax)
{
    const char *start = syntax->p;

    while (syntax->p < syntax->end && (syntax->in_class || !is_call(syntax->p, syntax->end)))
        syntax_take(syntax);
    return span_between(start, syntax->p);
}

static bool walk_text(struct walk *walk, struct span text)
{
    struct syntax syntax = {.p = text.at, .end = span_end(text)};
    bool is_outermost = walk->depth == 0;

    while (syntax.p < syntax.end) {
        struct span plain = take_plain(&syntax), inside;
        const char *call = syntax.p, *close;

        if (plain.len > 0) {
            stand_at(walk, (size_t)(plain.at - text.at), 1);
            if (is_outermost)
                note_piece(walk, walk->offset, 1, (struct span){NULL, 0});
            if (!append(walk, plain))
                return false;
            continue;
        }
        close = span_find(span_between(call, syntax.end), '}');
        stand_at(walk, (size_t)(call - text.at), close ? (size_t)(close + 1 - call) : 2);
        if (!close) {
            pattern_fault_set(walk->fault, walk->offset, walk->len, "%%{ without its }");
            snprintf(walk->fault->hint, sizeof(walk->fault->hint),
                "Write %%{NAME} or %%{NAME:capture}, or \\%%{ for these two characters.");
            return false;
        }
        inside = span_between(call + 2, close);
        if (is_outermost)
            note_piece(walk, walk->offset, walk->len, inside);
        if (!expand_call(walk, inside))
            return false;
        syntax.p = close + 1;
    }
    return true;
}

bool expansion_write(struct expansion *expansion, struct span source,
    const struct pattern_name *local, size_t local_count, struct pattern_fault *fault)
{
    struct walk walk = {
        .expansion = expansion, .local = local, .local_count = local_count, .fault = fault};

    if (!walk_text(&walk, source)) {
        fault->is_inherited = walk.depth > 0;
        return false;
    }
    note_piece(&walk, source.len, 0, (struct span){NULL, 0});
    return true;
}

void expansion_finish(struct expansion *expansion)
{
    buffer_finish(&expansion->text);
    free(expansion->pieces);
    *expansion = (struct expansion){0};
}

void expansion_find(
    const struct expansion *expansion, size_t at, size_t *offset, size_t *len, struct span *name)
{
    const struct piece *piece = &expansion->pieces[expansion->count - 1];

    while (piece > expansion->pieces && piece->at > at)
        piece--;
    *name = piece->name;
    *len = piece->len;
    *offset = piece->name.at || piece->len == 0 ? piece->offset : piece->offset + at - piece->at;
}
