/* SPDX-License-Identifier: MIT
 *
 * A pattern is written by a recursive walk that draws its choices from a generator;
 * a text for it by the same walk, from the same seed, which writes what the pattern
 * would match instead and draws what is free from a second generator.
 */
#include "tests/support/pattern_maker.h"

#include <stdlib.h>

static unsigned draw(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

unsigned pattern_maker_seed(void)
{
    const char *given = getenv("PATTERN_SEED");

    return given ? (unsigned)strtoul(given, NULL, 10) : 1;
}

int pattern_maker_runs(int usual)
{
    const char *given = getenv("PATTERN_RUNS");

    return given ? atoi(given) : usual;
}

unsigned pattern_maker_below(struct pattern_maker *maker, unsigned n)
{
    return draw(&maker->seed, n);
}

/* One walk: both are written, and one of them is used. */
struct walk {
    unsigned shape, free; /* the generators: of the pattern, of the text */
    struct buffer *pattern, *text;
    bool is_caseless;
};

static const struct {
    const char *pattern;
    const char *texts[4];
} atoms[] = {
    {"login", {"login"}},
    {"failed password", {"failed password"}},
    {"user=", {"user="}},
    {"kiosk", {"kiosk"}},
    {"session \\[", {"session ["}},
    {"OK", {"OK"}},
    {"x", {"x"}},
    {" ", {" "}},
    {"\\.", {"."}},
    {"a/b", {"a/b"}},
    {"caf\xc3\xa9", {"caf\xc3\xa9"}},
    {"\xd0\x92\xd1\x85\xd0\xbe\xd0\xb4", {"\xd0\x92\xd1\x85\xd0\xbe\xd0\xb4"}},
    {"\\d+", {"1", "23", "456"}},
    {"\\w", {"a", "Z", "_"}},
    {"\\S+", {"alice", "x:y", "\xc3\xa9"}},
    {".", {"q", "~", "\xe2\x82\xac"}},
    {"[abc]", {"a", "b", "c"}},
    {"[Ll]og", {"Log", "log"}},
    {"[^ ]", {"z", "9", "\xc3\xa9"}},
    {"[[:upper:]x-z]", {"Q", "y"}},
    {"\\x41", {"A"}},
    {"\\x{e9}", {"\xc3\xa9"}},
    {"\\p{Lu}", {"B", "\xc3\x89"}},
    {"%", {"%"}},
    {"\"", {"\""}},
    {"\\\\", {"\\"}},
    {"{", {"{"}},
    {"-", {"-"}},
};

enum { WORDS = 5, ATOMS = sizeof(atoms) / sizeof(*atoms), DEEPEST = 3 };

/* In caseless parts letters come in either case, k and s also beyond ASCII. */
static void put_text(struct walk *walk, const char *text)
{
    for (; *text; text++) {
        unsigned which = walk->is_caseless ? draw(&walk->free, 4) : 3;

        if (which == 0 && byte_lower(*text) == 'k')
            buffer_append(walk->text, SPAN("\xe2\x84\xaa"));
        else if (which == 0 && byte_lower(*text) == 's')
            buffer_append(walk->text, SPAN("\xc5\xbf"));
        else if (which == 1 && byte_is_alpha(*text))
            buffer_append_byte(walk->text, (char)(*text ^ 0x20));
        else
            buffer_append_byte(walk->text, *text);
    }
}

static void put_atom(struct walk *walk)
{
    unsigned atom = draw(&walk->shape, draw(&walk->shape, 2) ? WORDS : ATOMS), count = 0;

    while (count < 4 && atoms[atom].texts[count])
        count++;
    buffer_append(walk->pattern, span_of(atoms[atom].pattern));
    put_text(walk, atoms[atom].texts[draw(&walk->free, count)]);
}

static void put_alternatives(struct walk *walk, unsigned depth);

/* Cuts the text back to what it was. */
static void unwrite(struct buffer *text, size_t len)
{
    text->len = len;
}

static void put_part(struct walk *walk, unsigned depth)
{
    static const char *const repeats[] = {
        "", "", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "??", "+?", "?+"};
    static const char *const opens[] = {"(?:", "(", "(?<n>", "(?>", "(?i:", "(?-i:", "(?s:"};
    static const char *const widthless[] = {
        "^", "$", "\\b", "(?!gone)", "(?<!gone)", "(?=.)", "(?:)"};
    unsigned kind = draw(&walk->shape, depth < DEEPEST ? 10 : 6), repeat, times;
    size_t pattern_at = walk->pattern->len, text_at = walk->text->len, part_len;
    bool was_caseless = walk->is_caseless;
    struct buffer part = {0};

    if (kind == 5 && draw(&walk->shape, 3) == 0) {
        buffer_append(walk->pattern,
            span_of(widthless[draw(&walk->shape, sizeof(widthless) / sizeof(*widthless))]));
        return;
    }
    repeat = draw(&walk->shape, sizeof(repeats) / sizeof(*repeats));
    if (kind < 6) {
        /* A repeat of an atom of several characters would be that of its last one. */
        buffer_append(walk->pattern, SPAN("(?:"));
        put_atom(walk);
        if (repeats[repeat][0] == '\0' || walk->pattern->len - pattern_at == 4) {
            memmove(walk->pattern->bytes + pattern_at, walk->pattern->bytes + pattern_at + 3,
                walk->pattern->len - pattern_at - 3);
            walk->pattern->len -= 3;
        } else {
            buffer_append_byte(walk->pattern, ')');
        }
    } else {
        unsigned open = draw(&walk->shape, sizeof(opens) / sizeof(*opens));

        buffer_append(walk->pattern, span_of(opens[open]));
        walk->is_caseless = open == 4 || (walk->is_caseless && open != 5);
        put_alternatives(walk, depth + 1);
        walk->is_caseless = was_caseless;
        buffer_append_byte(walk->pattern, ')');
    }
    buffer_append(walk->pattern, span_of(repeats[repeat]));
    switch (repeats[repeat][0]) {
    case '\0':
        return;
    case '{':
        times = repeats[repeat][1] == '2' ? 2 : repeats[repeat][1] - '0' + draw(&walk->free, 2);
        break;
    default:
        times = (repeats[repeat][0] == '+') + draw(&walk->free, 2);
        break;
    }
    part_len = walk->text->len - text_at;
    buffer_append(&part, span_from(buffer_span(walk->text), text_at));
    unwrite(walk->text, text_at);
    for (unsigned i = 0; i < times && part_len > 0; i++)
        buffer_append(walk->text, buffer_span(&part));
    buffer_finish(&part);
}

static void put_sequence(struct walk *walk, unsigned depth)
{
    unsigned parts = 1 + draw(&walk->shape, 4);

    for (unsigned i = 0; i < parts; i++) {
        if (draw(&walk->shape, 25) == 0) {
            buffer_append(walk->pattern, SPAN("(?i)"));
            walk->is_caseless = true;
        }
        put_part(walk, depth);
    }
}

static void put_alternatives(struct walk *walk, unsigned depth)
{
    unsigned branches = draw(&walk->shape, 3) == 0 ? 2 + draw(&walk->shape, 2) : 1;
    unsigned chosen = draw(&walk->free, branches);
    struct buffer kept = {0};

    buffer_append(&kept, buffer_span(walk->text));
    for (unsigned i = 0; i < branches; i++) {
        if (i > 0)
            buffer_append_byte(walk->pattern, '|');
        buffer_clear(walk->text);
        put_sequence(walk, depth);
        if (i == chosen)
            buffer_append(&kept, buffer_span(walk->text));
    }
    buffer_clear(walk->text);
    buffer_append(walk->text, buffer_span(&kept));
    buffer_finish(&kept);
}

void pattern_maker_next(struct pattern_maker *maker)
{
    struct walk walk = {.pattern = &maker->pattern, .text = &maker->text};

    maker->shape = walk.shape = draw(&maker->seed, 1u << 24);
    buffer_clear(&maker->pattern);
    buffer_clear(&maker->text);
    put_alternatives(&walk, 0);
}

struct span pattern_maker_text(struct pattern_maker *maker)
{
    static const char *const around[] = {"", "", "sshd[7]: ", "\xc3\xa9 ", " end", " gone "};
    struct buffer pattern = {0};
    struct walk walk = {
        .shape = maker->shape,
        .free = draw(&maker->seed, 1u << 24),
        .pattern = &pattern,
        .text = &maker->text,
    };

    buffer_clear(&maker->text);
    put_alternatives(&walk, 0);
    buffer_append(&maker->text, span_of(around[draw(&walk.free, 6)]));
    buffer_finish(&pattern);
    return buffer_span(&maker->text);
}

void pattern_maker_finish(struct pattern_maker *maker)
{
    buffer_finish(&maker->pattern);
    buffer_finish(&maker->text);
}
