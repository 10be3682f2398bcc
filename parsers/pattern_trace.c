/* SPDX-License-Identifier: MIT
 *
 * The pattern is compiled a second time with a callout before each of its items. Each
 * call tells where PCRE2 stands in the pattern and in the text; the furthest is kept.
 * For that each byte of the pattern has its distance from the start, worked out once:
 * an item is a step, the alternatives of a group start from the same distance, and
 * what is within a %{NAME} or a look-around counts little or nothing.
 */
#include "pattern_trace.h"

#include "expansion.h"
#include "limits.h"
#include "memory.h"
#include "syntax.h"

#include <stdlib.h>

/* After <stdlib.h>: it brings <limits.h>, which finds ours in place of the C library's. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { STEP = 64, WORD_MOST = 40, NESTING_MOST = 256 };

struct pattern_trace {
    struct span source;
    struct expansion expansion;
    pcre2_code *utf, *bytes; /* as in pattern.c: for text in UTF-8, for one that is none */
    pcre2_match_context *context;
    pcre2_match_data *data;
    unsigned *distance; /* of each byte of the expansion, and of its end */
    size_t *unit;       /* the start of what is shown for it: of a %{NAME}, a look-around */
    size_t *end;        /* of each unit: of a group that is one, behind its bracket */
    size_t *entered;    /* where in the text the unit was last begun */

    /* Of the best way so far: */
    bool has_best;
    size_t best_unit, from, to, least;
    size_t fits; /* how far the best unit came from `to` on */
};

/* --- distances -------------------------------------------------------------- */

struct group {
    size_t at;
    unsigned start, most; /* distances of its beginning, of the furthest alternative */
    bool is_around;       /* or within one */
};

struct measuring {
    struct pattern_trace *trace;
    struct group groups[NESTING_MOST];
    size_t depth;
    unsigned now;
    size_t name_end;     /* of the %{NAME} that we are in; 0: none */
    size_t name_at;      /* its start */
    unsigned name_start; /* its distance */
};

/* What stands behind the bracket of a group up to its first item: "?:", "?<name>". */
static size_t head_len(struct span rest, bool *is_around)
{
    size_t n = 1;

    *is_around = false;
    if (rest.len < 2 || rest.at[1] != '?')
        return 1;
    if (++n < rest.len && rest.at[n] == '<' && n + 1 < rest.len &&
        (rest.at[n + 1] == '=' || rest.at[n + 1] == '!'))
        n++;
    if (n < rest.len && (rest.at[n] == '=' || rest.at[n] == '!')) {
        *is_around = true;
        return n + 1;
    }
    while (n < rest.len && rest.at[n] != ':' && rest.at[n] != '>' && rest.at[n] != ')')
        n++;
    return n < rest.len && rest.at[n] != ')' ? n + 1 : n;
}

static bool is_around(const struct measuring *m)
{
    return m->depth > 0 && m->groups[m->depth - 1].is_around;
}

static void open_group(struct measuring *m, size_t at, bool around)
{
    if (m->depth < NESTING_MOST)
        m->groups[m->depth] = (struct group){at, m->now, m->now, around || is_around(m)};
    m->depth += m->depth < NESTING_MOST;
}

static void close_group(struct measuring *m, size_t behind)
{
    struct group *group;

    if (m->depth <= 1) /* the pattern itself stays */
        return;
    group = &m->groups[--m->depth];
    m->trace->end[group->at] = behind;
    if (group->most > m->now)
        m->now = group->most;
    if (group->is_around)
        m->now = group->start;
}

static void next_alternative(struct measuring *m)
{
    struct group *group = &m->groups[m->depth - 1];

    if (m->now > group->most)
        group->most = m->now;
    m->now = group->start;
}

static void take_step(struct measuring *m)
{
    if (is_around(m))
        return;
    if (m->name_end == 0)
        m->now += STEP;
    else if (m->now < m->name_start + STEP - 1)
        m->now++;
}

/* Quantifiers, and what takes no text: ^ $ \b \A. */
static bool is_no_step(struct span item)
{
    return (item.len == 1 && strchr("^$?*+{", *item.at)) ||
           (item.len == 2 && *item.at == '\\' && strchr("bBAzZGK", item.at[1]));
}

/* Whether the byte begins a %{NAME}, or has come behind one. */
static void mind_name(struct measuring *m, size_t at)
{
    const struct expansion *expansion = &m->trace->expansion;
    size_t offset, len, next, next_offset, next_len;
    struct span name;

    if (m->name_end > 0 && at >= m->name_end) {
        m->now = m->name_start + STEP;
        m->name_end = 0;
    }
    expansion_find(expansion, at, &offset, &len, &name);
    if (m->name_end > 0 || !name.at)
        return;
    for (next = at; next < expansion->text.len; next++) {
        expansion_find(expansion, next, &next_offset, &next_len, &name);
        if (next_offset != offset)
            break;
    }
    m->name_at = at;
    m->name_end = next;
    m->name_start = m->now;
    m->trace->end[at] = next;
}

static size_t unit_of(const struct measuring *m, size_t at)
{
    size_t unit = at;

    for (size_t i = m->depth; i > 1 && m->groups[i - 1].is_around; i--)
        unit = m->groups[i - 1].at;
    return m->name_end > 0 && m->name_at < unit ? m->name_at : unit;
}

static void note(struct measuring *m, size_t at, unsigned distance)
{
    m->trace->distance[at] = distance;
    m->trace->unit[at] = unit_of(m, at);
    if (m->trace->end[at] == 0)
        m->trace->end[at] = at + 1;
}

static void measure(struct pattern_trace *trace)
{
    struct span text = buffer_span(&trace->expansion.text);
    struct syntax syntax = {.p = text.at, .end = span_end(text)};
    struct measuring m = {.trace = trace};
    bool was_in_class = false;

    open_group(&m, 0, false);
    while (syntax.p < syntax.end) {
        size_t at = (size_t)(syntax.p - text.at), head = 0;
        struct span item;
        char c = *syntax.p;
        bool around;

        mind_name(&m, at);
        was_in_class = syntax.in_class;
        note(&m, at, m.now);
        item = syntax_take(&syntax);
        if (was_in_class || syntax.in_class) {
            if (!syntax.in_class)
                take_step(&m);
        } else if (c == '(') {
            head = head_len(span_between(item.at, span_end(text)), &around);
            open_group(&m, at, around);
            m.trace->unit[at] = unit_of(&m, at);
            syntax.p = item.at + head;
        } else if (c == ')') {
            close_group(&m, at + 1);
        } else if (c == '|') {
            next_alternative(&m);
        } else if (!is_no_step(item)) {
            take_step(&m);
        }
        for (size_t i = at + 1; i < (size_t)(syntax.p - text.at); i++)
            note(&m, i, m.now);
    }
    mind_name(&m, text.len);
    if (m.groups[0].most > m.now)
        m.now = m.groups[0].most;
    note(&m, text.len, m.now);
}

/* --- watching ---------------------------------------------------------------- */

/* What takes no text and stands before what does. */
static bool is_anchor(const struct pattern_trace *trace, size_t at)
{
    struct span rest = span_from(buffer_span(&trace->expansion.text), at);

    return (rest.len > 0 && *rest.at == '^') ||
           (rest.len > 1 && *rest.at == '\\' && strchr("bBAG", rest.at[1]));
}

/* Where the distance is the same, the way that took more of the text; and an anchor that
 * held gives way to what stands behind it. */
static bool is_further(const struct pattern_trace *trace, size_t at, size_t unit, size_t to)
{
    unsigned now = trace->distance[at], best = trace->distance[trace->best_unit];
    bool was_anchor = is_anchor(trace, trace->best_unit);

    if (now != best || unit == trace->best_unit)
        return now > best;
    if (was_anchor != is_anchor(trace, unit))
        return was_anchor && to >= trace->to;
    return to > trace->to;
}

static int watch(pcre2_callout_block *block, void *data)
{
    struct pattern_trace *trace = data;
    size_t at = block->pattern_position, unit = trace->unit[at];
    char c = buffer_span(&trace->expansion.text).at[at];
    size_t to;

    /* Where an alternative or a group ends nothing dies. */
    if (unit == at && at < trace->expansion.text.len && (c == ')' || c == '|'))
        return 0;
    if (unit == at)
        trace->entered[at] = block->current_position;
    to = trace->entered[unit];
    if (!trace->has_best || is_further(trace, at, unit, to)) {
        if (unit != trace->best_unit || to != trace->to)
            trace->fits = to;
        trace->has_best = true;
        trace->best_unit = unit;
        trace->from = block->start_match;
        trace->to = trace->least = to;
    } else if (unit == trace->best_unit) {
        if (to > trace->to) {
            trace->from = block->start_match;
            trace->to = trace->fits = to;
        }
        if (to < trace->least)
            trace->least = to;
    }
    if (unit == trace->best_unit && to == trace->to && block->current_position > trace->fits)
        trace->fits = block->current_position;
    return 0;
}

/* NULL if it is no pattern, or none for bytes. */
static pcre2_code *compile(struct span text, uint32_t utf)
{
    size_t at;
    int error;

    return pcre2_compile((PCRE2_SPTR)text.at, text.len,
        PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT | PCRE2_NO_START_OPTIMIZE |
            utf,
        &error, &at, NULL);
}

struct pattern_trace *pattern_trace_new(
    struct span source, const struct pattern_name *local, size_t local_count)
{
    struct pattern_trace *trace = memory_new(sizeof(*trace));
    struct pattern_fault fault;
    size_t len;

    trace->source = source;
    if (!expansion_write(&trace->expansion, source, local, local_count, &fault))
        goto failed;
    len = trace->expansion.text.len;
    trace->utf = compile(buffer_span(&trace->expansion.text), PCRE2_UTF);
    trace->bytes = compile(buffer_span(&trace->expansion.text), 0);
    if (!trace->utf)
        goto failed;
    trace->context = pcre2_match_context_create(NULL);
    trace->data = pcre2_match_data_create(1, NULL);
    if (!trace->context || !trace->data)
        abort();
    pcre2_set_match_limit(trace->context, LIMIT_MATCH_STEPS);
    pcre2_set_depth_limit(trace->context, LIMIT_MATCH_DEPTH);
    pcre2_set_heap_limit(trace->context, LIMIT_MATCH_HEAP_KIB);
    pcre2_set_callout(trace->context, watch, trace);
    trace->distance = memory_new((len + 1) * sizeof(*trace->distance));
    trace->unit = memory_new((len + 1) * sizeof(*trace->unit));
    trace->end = memory_new((len + 1) * sizeof(*trace->end));
    trace->entered = memory_new((len + 1) * sizeof(*trace->entered));
    measure(trace);
    return trace;
failed:
    pattern_trace_free(trace);
    return NULL;
}

void pattern_trace_free(struct pattern_trace *trace)
{
    if (!trace)
        return;
    pcre2_code_free(trace->utf);
    pcre2_code_free(trace->bytes);
    pcre2_match_context_free(trace->context);
    pcre2_match_data_free(trace->data);
    free(trace->distance);
    free(trace->unit);
    free(trace->end);
    free(trace->entered);
    expansion_finish(&trace->expansion);
    free(trace);
}

/* --- what is shown ------------------------------------------------------------ */

static bool is_of_word(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A byte of the source that stands for itself and for nothing else. */
static bool is_plain(struct span source, size_t i)
{
    return !strchr("\\^$.[]|()?*+{}", source.at[i]) && source.at[i] != '\0' &&
           !(source.at[i] == '%' && i + 1 < source.len && source.at[i + 1] == '{') &&
           !(i + 1 < source.len && strchr("?*+{", source.at[i + 1])) &&
           !(i > 0 && source.at[i - 1] == '\\');
}

/* Whether between it and the last `.*`, or the start of the pattern, there is plain text
 * or \b only: then it may stand anywhere behind. */
static bool is_loose(const struct pattern_trace *trace, size_t unit)
{
    struct span text = buffer_span(&trace->expansion.text);
    size_t i = unit;

    while (i > 0)
        if (is_plain(text, i - 1) || text.at[i - 1] == ')')
            i--;
        else if (i > 1 && text.at[i - 2] == '\\' && strchr("bB", text.at[i - 1]))
            i -= 2;
        else
            break;
    if (i > 0 && text.at[i - 1] == '?')
        i--;
    return i == 0 || (i > 1 && strchr("*+", text.at[i - 1]) && text.at[i - 2] == '.');
}

/* From the byte at which it died to the word around it, in the pattern and in the
 * text: of what is plain text both have the same bytes before. */
static void widen(const struct pattern_trace *trace, struct span text, struct pattern_miss *miss)
{
    struct span source = trace->source;
    size_t at = miss->offset, end = at + miss->len;
    bool is_in_word;

    if (miss->len != 1 || at >= source.len || !is_plain(source, at))
        return;
    /* What ends here as it should is not of the word. */
    is_in_word =
        is_of_word(source.at[at]) || (miss->to < text.len && is_of_word(text.at[miss->to]));
    while (is_in_word && miss->offset > 0 && miss->to > miss->from &&
           is_plain(source, miss->offset - 1) && is_of_word(source.at[miss->offset - 1]) &&
           text.at[miss->to - 1] == source.at[miss->offset - 1]) {
        miss->offset--;
        miss->to--;
    }
    while (end < source.len && is_plain(source, end) &&
           is_of_word(source.at[end]) == is_of_word(source.at[at]))
        end++;
    miss->len = end - miss->offset;
}

/* The word in the text at that place: up to what is no part of one, at least a
 * character. */
static size_t word_end(struct span text, size_t at)
{
    size_t end = at;

    while (end < text.len && end - at < WORD_MOST && is_of_word(text.at[end]))
        end++;
    while (end > at && end < text.len && ((unsigned char)text.at[end] & 0xC0) == 0x80)
        end--;
    return end == at && at < text.len ? at + 1 : end;
}

static bool is_at_name(const struct pattern_trace *trace, size_t at, struct pattern_miss *miss)
{
    struct span name;

    expansion_find(&trace->expansion, at, &miss->offset, &miss->len, &name);
    return name.at;
}

static int match(struct pattern_trace *trace, const pcre2_code *code, struct span text)
{
    trace->has_best = false;
    trace->best_unit = SIZE_MAX;
    return pcre2_match(
        code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0, trace->data, trace->context);
}

bool pattern_trace_run(struct pattern_trace *trace, struct span text, struct pattern_miss *miss)
{
    struct span source = trace->source;
    size_t unit, end, behind, len;
    struct span name;
    bool is_name;
    int result;

    result = match(trace, trace->utf, text);
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21)
        result = trace->bytes ? match(trace, trace->bytes, text) : PCRE2_ERROR_NOMATCH;
    if (result >= 0 || !trace->has_best)
        return false;
    unit = trace->best_unit;
    end = trace->expansion.text.len;
    *miss = (struct pattern_miss){
        .from = trace->from,
        .to = trace->to,
        .progress = trace->distance[unit],
        .whole = trace->distance[end],
    };
    if (trace->least < trace->to && is_loose(trace, unit)) {
        miss->is_sought = true;
        miss->to = trace->least;
        if (miss->from > miss->to || trace->distance[unit] == 0)
            miss->from = miss->to;
    }
    is_name = is_at_name(trace, unit, miss);
    if (!is_name && unit < end) {
        expansion_find(&trace->expansion, trace->end[unit], &behind, &len, &name);
        miss->len = behind > miss->offset ? behind - miss->offset : 1;
        /* An item with its quantifier, an escape, a class: all of it. */
        if (trace->end[unit] == unit + 1) {
            struct syntax syntax = {.p = source.at + miss->offset, .end = span_end(source)};

            do
                syntax_take(&syntax);
            while (syntax.in_class && syntax.p < syntax.end);
            miss->len = (size_t)(syntax.p - source.at) - miss->offset;
        }
        while (miss->offset + miss->len < source.len &&
               strchr("?*+", source.at[miss->offset + miss->len]) &&
               source.at[miss->offset + miss->len] != '\0')
            miss->len++;
    }
    widen(trace, text, miss);
    miss->until = word_end(text, miss->to);
    miss->fits = is_name && !miss->is_sought ? trace->fits : miss->to;
    return true;
}
