/* SPDX-License-Identifier: MIT
 *
 * A walk over the pattern's alternatives, sequences and groups. A run of plain text
 * goes on through small classes, groups of plain alternatives, optional texts, and
 * what has no width; it ends at everything else. Syntax that is rare is not read:
 * quoting by \Q, verbs, conditions, recursion, back references by name, the extended
 * mode. Such a pattern gives nothing.
 */
#include "meaning.h"
#include "syntax.h"

enum { ONCE_MOST = 1000 /* a repeat beyond which the number does not matter */ };

struct walk {
    struct syntax syntax;
    struct meaning_room room;
};

static struct meaning read_alternatives(struct walk *walk, bool is_caseless);

static bool is_at_end(const struct walk *walk)
{
    return walk->room.is_lost || walk->syntax.p >= walk->syntax.end;
}

static char peek(const struct walk *walk)
{
    return is_at_end(walk) ? '\0' : *walk->syntax.p;
}

static bool take_if(struct walk *walk, const char *text)
{
    const char *p = walk->syntax.p;

    for (; *text; text++, p++)
        if (p == walk->syntax.end || *p != *text)
            return false;
    walk->syntax.p = p;
    return true;
}

/* A plain character at the cursor, whole. */
static struct span take_character(struct walk *walk)
{
    const char *start = walk->syntax.p++;

    while (walk->syntax.p < walk->syntax.end && ((unsigned char)*walk->syntax.p & 0xC0) == 0x80)
        walk->syntax.p++;
    return span_between(start, walk->syntax.p);
}

static bool is_hex(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'f');
}

/* Behind the name of an escape: a {…} that belongs to it. */
static void skip_braces(struct walk *walk)
{
    while (!is_at_end(walk) && *walk->syntax.p != '}')
        walk->syntax.p++;
    if (!take_if(walk, "}"))
        walk->room.is_lost = true;
}

/* The cursor stands behind the backslash. *has_width: false for assertions. */
static struct meaning read_escape(struct walk *walk, bool is_caseless, bool *has_width)
{
    char c = peek(walk);

    *has_width = true;
    if (c == '\0') {
        walk->room.is_lost = true;
        return meaning_nothing;
    }
    if (!byte_is_alpha(c) && !byte_is_digit(c))
        return meaning_of_character(&walk->room, take_character(walk), is_caseless);
    walk->syntax.p++;
    if (strchr("bBAZzG", c)) {
        *has_width = false;
        return meaning_nothing;
    }
    if (byte_is_digit(c)) {
        while (byte_is_digit(peek(walk)))
            walk->syntax.p++;
        return meaning_nothing;
    }
    switch (c) {
    case 'p':
    case 'P':
        if (peek(walk) == '{')
            skip_braces(walk);
        else
            walk->syntax.p++;
        break;
    case 'x':
        if (peek(walk) == '{')
            skip_braces(walk);
        else if (walk->syntax.end - walk->syntax.p >= 2 && is_hex(walk->syntax.p[0]) &&
                 is_hex(walk->syntax.p[1]))
            walk->syntax.p += 2;
        else
            walk->room.is_lost = true;
        break;
    case 'N':
        walk->room.is_lost |= peek(walk) == '{';
        break;
    default:
        walk->room.is_lost |= !strchr("dDsSwWhHvVRXtnrfae", c);
        break;
    }
    return meaning_nothing;
}

/* A class of a few plain characters stands for them; any other for no text. The
 * cursor stands on its bracket. */
static struct meaning read_class(struct walk *walk, bool is_caseless)
{
    struct meaning meaning = {.is_exact = true, .run = {.count = 0}};
    struct span item = syntax_take(&walk->syntax);

    meaning.is_exact = item.len == 1;
    while (!is_at_end(walk)) {
        struct meaning member;

        item = syntax_take(&walk->syntax);
        if (!walk->syntax.in_class)
            return meaning.is_exact && meaning.run.count > 0 ? meaning : meaning_nothing;
        if (*item.at == '[' && item.len > 1)
            for (size_t i = 2; i + 2 < item.len; i++)
                walk->room.is_lost |= !byte_is_alpha(item.at[i]) && item.at[i] != '^';
        if (item.len != 1 || *item.at == '-' || *item.at == '[' || (unsigned char)*item.at >= 0x80)
            meaning.is_exact = false;
        if (!meaning.is_exact)
            continue;
        member = meaning_of_character(&walk->room, item, is_caseless);
        meaning.is_exact = member.is_exact && meaning.run.count < RUN_MOST;
        if (meaning.is_exact)
            meaning.run.texts[meaning.run.count++] = member.run.texts[0];
    }
    walk->room.is_lost = true;
    return meaning_nothing;
}

/* `(?i)`, `(?i:`, `(?s-m:`: letters that only change what is known of the case, or
 * what . and ^ mean. The cursor stands behind the question mark. *is_caseless is
 * what holds from there; false if it is anything else. */
static bool take_flags(struct walk *walk, bool *is_caseless, bool *is_group)
{
    const char *p = walk->syntax.p;
    bool is_on = true, wanted = *is_caseless;

    for (; p < walk->syntax.end && strchr("imsnJU-", *p) && *p != '\0'; p++) {
        if (*p == '-')
            is_on = false;
        else if (*p == 'i')
            wanted = is_on;
    }
    if (p == walk->syntax.end || (*p != ':' && *p != ')'))
        return false;
    *is_group = *p == ':';
    *is_caseless = wanted;
    walk->syntax.p = p + 1;
    return true;
}

static void skip_name(struct walk *walk, char close)
{
    while (!is_at_end(walk) && *walk->syntax.p != close)
        walk->syntax.p++;
    walk->syntax.p += !is_at_end(walk);
}

/* The cursor stands behind the parenthesis. A setting like (?i) changes *is_caseless
 * of the group around it. */
static struct meaning read_group(struct walk *walk, bool *is_caseless, bool *has_width)
{
    bool is_inside_caseless = *is_caseless, is_group = true;
    struct meaning meaning;

    *has_width = true;
    if (take_if(walk, "?")) {
        if (take_if(walk, "=") || take_if(walk, "!") || take_if(walk, "<=") ||
            take_if(walk, "<!")) {
            *has_width = false;
        } else if (take_if(walk, "<") || take_if(walk, "P<")) {
            skip_name(walk, '>');
        } else if (take_if(walk, "'")) {
            skip_name(walk, '\'');
        } else if (!take_if(walk, ">") && !take_flags(walk, &is_inside_caseless, &is_group)) {
            walk->room.is_lost = true;
        }
    } else if (peek(walk) == '*') {
        walk->room.is_lost = true;
    }
    if (!is_group) {
        *is_caseless = is_inside_caseless;
        *has_width = false;
        return meaning_nothing;
    }
    meaning = read_alternatives(walk, is_inside_caseless);
    if (!take_if(walk, ")"))
        walk->room.is_lost = true;
    return meaning;
}

static unsigned take_number(struct walk *walk)
{
    unsigned n = 0;

    for (; byte_is_digit(peek(walk)); walk->syntax.p++)
        n = n < ONCE_MOST ? n * 10 + (unsigned)(*walk->syntax.p - '0') : n;
    return n;
}

/* What only looks like {n,m} may be one for another version of PCRE2. */
static bool is_brace_repeat(const struct walk *walk)
{
    const char *p = walk->syntax.p + 1;

    while (p < walk->syntax.end && (byte_is_digit(*p) || *p == ',' || byte_is_blank(*p)))
        p++;
    return p < walk->syntax.end && *p == '}';
}

/* How often the part before the cursor stands there. */
static void take_repeat(struct walk *walk, unsigned *least, unsigned *most)
{
    *least = *most = 1;
    if (take_if(walk, "?")) {
        *least = 0;
    } else if (take_if(walk, "*")) {
        *least = 0;
        *most = ONCE_MOST;
    } else if (take_if(walk, "+")) {
        *most = ONCE_MOST;
    } else if (peek(walk) == '{' && is_brace_repeat(walk)) {
        walk->syntax.p++;
        walk->room.is_lost |= !byte_is_digit(peek(walk));
        *least = *most = take_number(walk);
        if (take_if(walk, ","))
            *most = byte_is_digit(peek(walk)) ? take_number(walk) : ONCE_MOST;
        walk->room.is_lost |= !take_if(walk, "}");
    } else {
        return;
    }
    if (!take_if(walk, "?"))
        take_if(walk, "+");
}

static void add_part(struct walk *walk, struct meaning *so_far, struct meaning *part)
{
    unsigned least, most;

    take_repeat(walk, &least, &most);
    if (least == 0 && most == 1 && part->is_exact && part->run.count < RUN_MOST) {
        part->run.texts[part->run.count++] = (struct literal){.text = SPAN("")};
        meaning_extend(&walk->room, so_far, &part->run);
        return;
    }
    if (least == 0) {
        meaning_end_run(&walk->room, so_far);
        return;
    }
    if (part->is_exact) {
        meaning_extend(&walk->room, so_far, &part->run);
        if (most > 1)
            meaning_end_run(&walk->room, so_far);
        return;
    }
    meaning_end_run(&walk->room, so_far);
    meaning_add(&walk->room, so_far, &part->needs);
}

/* Up to | or ) or the end. */
static struct meaning read_sequence(struct walk *walk, bool *is_caseless)
{
    struct meaning so_far = meaning_empty();

    while (!is_at_end(walk) && *walk->syntax.p != '|' && *walk->syntax.p != ')') {
        bool has_width = true;
        struct meaning part = meaning_nothing;

        switch (*walk->syntax.p) {
        case '(':
            walk->syntax.p++;
            part = read_group(walk, is_caseless, &has_width);
            break;
        case '[':
            part = read_class(walk, *is_caseless);
            break;
        case '\\':
            walk->syntax.p++;
            part = read_escape(walk, *is_caseless, &has_width);
            break;
        case '^':
        case '$':
            walk->syntax.p++;
            has_width = false;
            break;
        case '.':
            walk->syntax.p++;
            break;
        case '*':
        case '+':
        case '?':
            walk->room.is_lost = true;
            break;
        default:
            if (*walk->syntax.p == '{' && is_brace_repeat(walk))
                walk->room.is_lost = true;
            else
                part = meaning_of_character(&walk->room, take_character(walk), *is_caseless);
            break;
        }
        if (has_width && !walk->room.is_lost)
            add_part(walk, &so_far, &part);
    }
    return so_far;
}

/* (?i) in one branch holds in those behind it. */
static struct meaning read_alternatives(struct walk *walk, bool is_caseless)
{
    struct meaning all = read_sequence(walk, &is_caseless);

    while (!walk->room.is_lost && take_if(walk, "|")) {
        struct meaning branch = read_sequence(walk, &is_caseless);

        all = meaning_either(&walk->room, &all, &branch);
    }
    if (!all.is_exact)
        meaning_end_run(&walk->room, &all);
    return all;
}

struct clauses literal_find(
    struct span pattern, const struct alphabet *alphabet, struct arena *arena)
{
    struct walk walk = {
        .syntax = {.p = pattern.at, .end = span_end(pattern)},
        .room = {.alphabet = alphabet,
            .arena = arena,
            .is_lost = memmem(pattern.at, pattern.len, "\\Q", 2) || span_find(pattern, '\0')},
    };
    struct meaning meaning = read_alternatives(&walk, false);

    meaning_end_run(&walk.room, &meaning);
    return walk.room.is_lost || !is_at_end(&walk) ? (struct clauses){NULL, 0} : meaning.needs;
}

struct clauses literal_cut(struct span text, const struct alphabet *alphabet, struct arena *arena)
{
    struct meaning_room room = {.alphabet = alphabet, .arena = arena};
    struct meaning meaning = meaning_empty();

    for (size_t i = 0; i < text.len; i++) {
        struct meaning part = meaning_of_character(&room, (struct span){text.at + i, 1}, false);

        if (part.is_exact)
            meaning_extend(&room, &meaning, &part.run);
        else
            meaning_end_run(&room, &meaning);
    }
    meaning_end_run(&room, &meaning);
    return room.is_lost ? (struct clauses){NULL, 0} : meaning.needs;
}
