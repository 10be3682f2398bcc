/* SPDX-License-Identifier: MIT
 *
 * From a decoded scalar back to the file: walks the source beside the decoded
 * text in steps, each a run of source bytes that stands for some decoded ones.
 * The first byte of the source tells the style.
 *
 *     plain, 'single', "double"   breaks and the blanks around them fold: one
 *                                 break is a blank, n + 1 are n newlines
 *     | literal                   each line without its indentation
 *     > folded                    as literal, breaks folded between lines that
 *                                 do not start with a blank
 *
 * Decodes nothing itself and trusts nothing: where source and decoded text
 * differ (an anchor before the value, Unicode's own line breaks), the place is
 * that of the whole value.
 */
#include "document.h"

struct walk {
    const char *p, *end; /* source */
    struct span rest;    /* decoded */
    char style;          /* ' " | >, or 0 for plain */
    size_t indent;       /* of a block's lines */
    bool is_more;        /* the current line of a block starts with a blank */
};

/* One step: so many source bytes stand for so many decoded ones; verbatim: byte
 * for byte. */
struct step {
    size_t source, decoded;
    bool is_verbatim;
};

static size_t break_len(const char *p, const char *end)
{
    if (p < end && *p == '\n')
        return 1;
    if (p < end && *p == '\r')
        return p + 1 < end && p[1] == '\n' ? 2 : 1;
    return 0;
}

/* Blanks and breaks at p; how many breaks goes to *breaks. */
static size_t gap_len(const char *p, const char *end, size_t *breaks)
{
    const char *start = p;

    *breaks = 0;
    for (;;) {
        size_t n = break_len(p, end);

        if (n == 0 && (p == end || !byte_is_blank(*p)))
            return (size_t)(p - start);
        *breaks += n > 0;
        p += n > 0 ? n : 1;
    }
}

/* YAML 1.1 section 5.6: the escapes of a double-quoted scalar. */
static struct step escape_step(const struct walk *w)
{
    char c = w->p + 1 < w->end ? w->p[1] : '\0';
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    unsigned char lead = w->rest.len > 0 ? (unsigned char)w->rest.at[0] : 0;
    size_t gap, breaks;

    if (break_len(w->p + 1, w->end) > 0) {
        gap = gap_len(w->p + 1, w->end, &breaks);
        return (struct step){1 + gap, breaks - 1, false};
    }
    /* What an escape stands for is one character: its first byte tells its length. */
    return (struct step){2 + digits,
        lead < 0x80   ? 1
        : lead < 0xE0 ? 2
        : lead < 0xF0 ? 3
                      : 4,
        false};
}

static struct step flow_step(const struct walk *w)
{
    size_t breaks, gap;

    if (w->style == '"' && *w->p == '\\')
        return escape_step(w);
    if (w->style == '\'' && *w->p == '\'')
        return (struct step){2, 1, false};
    gap = gap_len(w->p, w->end, &breaks);
    if (breaks > 0)
        return (struct step){gap, breaks > 1 ? breaks - 1 : 1, false};
    if (gap == 0)
        gap = 1;
    return (struct step){gap, gap, true};
}

/* Indentation at the start of a block's line, and how many lines without text
 * stand before that line. */
static size_t indentation_len(const struct walk *w, const char *p, size_t *empty_lines)
{
    const char *start = p;

    *empty_lines = 0;
    for (;;) {
        const char *text = p;
        size_t n;

        while (text < w->end && *text == ' ' && (size_t)(text - p) < w->indent)
            text++;
        n = break_len(text, w->end);
        if (n == 0)
            return (size_t)(text - start);
        p = text + n;
        ++*empty_lines;
    }
}

static struct step block_step(struct walk *w)
{
    size_t n = break_len(w->p, w->end), empty, skipped;
    bool was_more = w->is_more;

    if (n == 0)
        return (struct step){1, 1, true};
    skipped = n + indentation_len(w, w->p + n, &empty);
    w->is_more = w->p + skipped < w->end && byte_is_blank(w->p[skipped]);
    if (w->style == '|' || was_more || w->is_more || w->p + skipped == w->end)
        return (struct step){skipped, empty + 1, false};
    return (struct step){skipped, empty > 0 ? empty : 1, false};
}

static const char *skip_line(const char *p, const char *end)
{
    while (p < end && break_len(p, end) == 0)
        p++;
    return p + break_len(p, end);
}

/* The header line (`|2-  # comment`), the empty lines behind it, which are as many
 * as newlines come first, and the indentation: what the first line with text has
 * more blanks than its decoded form. */
static struct step block_start(struct walk *w)
{
    const char *p = skip_line(w->p, w->end);
    size_t empty = 0, blanks = 0, kept = 0;

    for (; empty < w->rest.len && w->rest.at[empty] == '\n'; empty++)
        p = skip_line(p, w->end);
    while (p + blanks < w->end && p[blanks] == ' ')
        blanks++;
    while (empty + kept < w->rest.len && w->rest.at[empty + kept] == ' ')
        kept++;
    w->indent = blanks > kept ? blanks - kept : 0;
    p += w->indent;
    w->is_more = p < w->end && byte_is_blank(*p);
    return (struct step){(size_t)(p - w->p), empty, false};
}

static bool is_before_text(const struct walk *w)
{
    return w->indent == SIZE_MAX;
}

static size_t offset_in(const struct place *place, const char *p)
{
    return (size_t)(p - place->text->bytes.at);
}

/* False where the source cannot stand for the decoded text. */
static bool take_step(struct walk *w, struct step *step)
{
    bool is_block = w->style == '|' || w->style == '>';

    if (is_before_text(w))
        *step = block_start(w);
    else if (w->p == w->end)
        return false;
    else
        *step = is_block ? block_step(w) : flow_step(w);
    if (step->source > (size_t)(w->end - w->p))
        return false;
    if (step->decoded > w->rest.len)
        step->decoded = w->rest.len;
    if (step->is_verbatim && memcmp(w->p, w->rest.at, step->decoded) != 0)
        return false;
    w->p += step->source;
    w->rest = span_from(w->rest, step->decoded);
    return true;
}

static bool walk_open(struct walk *w, const struct node *scalar)
{
    struct place place = scalar->place;
    struct span source = {place.text->bytes.at + place.offset, place.len};

    *w = (struct walk){source.at, span_end(source), scalar->value, 0, 0, false};
    if (!scalar->is_quoted)
        return true;
    w->style = source.len > 0 ? *source.at : 0;
    if (w->style == '\'' || w->style == '"') {
        w->p++;
        w->end--;
    } else if (w->style == '|' || w->style == '>') {
        w->indent = SIZE_MAX; /* known after the first step */
    } else {
        return false;
    }
    return w->p <= w->end;
}

struct place node_place_within(const struct node *scalar, size_t offset, size_t len)
{
    struct place whole = scalar->place;
    size_t at = 0, past, start = SIZE_MAX, end;
    struct walk w;

    if (scalar->kind != NODE_SCALAR || !whole.text || !walk_open(&w, scalar))
        return whole;
    if (offset > scalar->value.len)
        offset = scalar->value.len;
    past = offset + (len < scalar->value.len - offset ? len : scalar->value.len - offset);
    end = offset_in(&whole, w.p);
    while (at < past || is_before_text(&w)) {
        size_t before = end;
        struct step step;

        if (!take_step(&w, &step))
            return whole;
        end = offset_in(&whole, w.p);
        if (start == SIZE_MAX && at + step.decoded > offset)
            start = before + (step.is_verbatim ? offset - at : 0);
        at += step.decoded;
        if (step.is_verbatim && at > past)
            end -= at - past;
    }
    if (start == SIZE_MAX)
        start = end;
    return (struct place){whole.text, start, past > offset ? end - start : 0};
}
