/* SPDX-License-Identifier: MIT
 *
 * parsers/literal.h: what is found in patterns, and that whatever a pattern matches
 * has it.
 */
#include "parsers/literal.h"
#include "parsers/pattern.h"
#include "tests/support/pattern_maker.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static const struct alphabet *letters(const char *without)
{
    static struct alphabet alphabet;

    for (int c = 0; c < 256; c++)
        alphabet.has[c] = c >= 0x20 && c != 0x7F && !strchr(without, c);
    return &alphabet;
}

/* "a" & (i"b" | "c") */
static struct span draw(const struct clauses *clauses)
{
    static struct buffer drawn;

    buffer_clear(&drawn);
    for (size_t i = 0; i < clauses->count; i++) {
        const struct clause *clause = &clauses->all[i];

        buffer_printf(&drawn, "%s%s", i > 0 ? " & " : "", clause->count > 1 ? "(" : "");
        for (size_t j = 0; j < clause->count; j++)
            buffer_printf(&drawn, "%s%s\"%.*s\"", j > 0 ? " | " : "",
                clause->any[j].is_caseless ? "i" : "", (int)clause->any[j].text.len,
                clause->any[j].text.at);
        buffer_append(&drawn, clause->count > 1 ? SPAN(")") : SPAN(""));
    }
    return buffer_span(&drawn);
}

struct row {
    const char *pattern, *drawn;
};

static const struct row rows[] = {
    {"login", "\"login\""},
    {"^login$", "\"login\""},
    {"ab", ""},
    {"", ""},
    {"user=(\\w+) from (?<ip>[0-9.]+) port", "\"user=\" & \" from \" & \" port\""},
    {"a\\.b\\/c\\ d", "\"a.b/c d\""},
    {"login.*logout", "\"login\" & \"logout\""},
    {"\\bword\\b", "\"word\""},
    {"foo(?=x)bar", "\"foobar\""},
    {"foo(?!gone)(?<!gone)(?<=gone)bar", "\"foobar\""},
    /* repeats */
    {"abcd?", "(\"abcd\" | \"abc\")"},
    {"abcd*e", "\"abc\""},
    {"abcd+efg", "\"abcd\" & \"efg\""},
    {"abcd{2}efg", "\"abcd\" & \"efg\""},
    {"abcd{1}efg", "\"abcdefg\""},
    {"abcd{0,3}efg", "\"abc\" & \"efg\""},
    {"abc(?:def)?ghi", "(\"abcdefghi\" | \"abcghi\")"},
    {"abc(?:def)*ghi", "\"abc\" & \"ghi\""},
    {"abc(?:def)+ghi", "\"abcdef\" & \"ghi\""},
    {"abc(?:def.)?ghi", "\"abc\" & \"ghi\""},
    {"abc(?:d.efg){2,}ghi", "\"abc\" & \"efg\" & \"ghi\""},
    {"abcd??e", "(\"abcde\" | \"abce\")"},
    {"abcd?+e", "(\"abcde\" | \"abce\")"},
    {"abc{", "\"abc{\""},
    {"abc{x}", "\"abc{x}\""},
    {"abc{,3}", ""},
    {"abc{ 2 }", ""},
    /* alternatives and classes */
    {"foo|bar", "(\"foo\" | \"bar\")"},
    {"foo|ba", ""},
    {"foo|bar.*longer", "(\"foo\" | \"longer\")"},
    {"foo|", ""},
    {"log(?:in|out) of", "(\"login of\" | \"logout of\")"},
    {"ba[rz]", "(\"bar\" | \"baz\")"},
    {"ba[^rz]x", ""},
    {"foo[a-z]bar", "\"foo\" & \"bar\""},
    {"foo[]x]bar", "\"foo\" & \"bar\""},
    {"foo[[:alpha:]]bar", "\"foo\" & \"bar\""},
    {"foo[a[:b](c)[d:]bar", ""},
    {"[Ff]ailed", "(\"Failed\" | \"failed\")"},
    {"[.]com", "\".com\""},
    {"https?://x", "(\"https://x\" | \"http://x\")"},
    {"for user (?:from a)?(?:by b)?", "\"for user \""},
    {"(?:one|two|three|four|five|six|seven|eight|nine)!!!",
        "(\"one\" | \"two\" | \"three\" | \"four\" | \"five\" | \"six\" | \"seven\" | \"eight\" | "
        "\"nine\") & \"!!!\""},
    {"abcdefghijklmnopqrstuvwxyz0123456789", "\"abcdefghijklmnopqrstuvwxyz012345\" & \"6789\""},
    /* case */
    {"(?i)LOGin", "i\"login\""},
    {"(?i)task", ""},
    {"(?i)login as guest", "i\"login a\" & i\" gue\""},
    {"abc(?i)d(?-i)efg", "i\"abcdefg\""},
    {"(?i:login) of", "i\"login of\""},
    {"(?:(?i)foo|bar) baz", "(i\"foo baz\" | i\"bar baz\")"},
    {"(?i)caf\xc3\xa9 ok", "i\"caf\""},
    {"(?i)123-456", "\"123-456\""},
    {"(?s)login", "\"login\""},
    {"(?-i)login", "\"login\""},
    /* beyond ASCII, controls */
    {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
    {"caf\xc3\xa9?", "(\"caf\xc3\xa9\" | \"caf\")"},
    {"caf\xc3\xa9*", "\"caf\""},
    {"one\ttwo", "\"one\" & \"two\""},
    {"one\\ttwo", "\"one\" & \"two\""},
    {"one\\ntwo\\x41three", "\"one\" & \"two\" & \"three\""},
    {"one\\x{263a}two\\p{L}\\pLfour", "\"one\" & \"two\" & \"four\""},
    {"one\\d\\stwo", "\"one\" & \"two\""},
    {"(one)\\1two", "\"one\" & \"two\""},
    {"(one)\\12345", "\"one\""},
    /* not read at all */
    {"\\Qlogin\\E", ""},
    {"(?x)lo gin", ""},
    {"(?#note)login", ""},
    {"(one)?(?(1)login|logout)", ""},
    {"(?|(login)|(logout))", ""},
    {"(*UCP)login", ""},
    {"(?<n>login)\\k<n>", ""},
    {"login(?R)?", ""},
    {"login\\Kout", ""},
    {"login\\x4", ""},
};

static void finds_what_its_row_says(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span pattern = span_of(rows[i].pattern);
        struct pattern_fault fault;
        struct pattern *compiled = pattern_compile(pattern, NULL, 0, &fault);
        struct clauses found = literal_find(pattern, letters(""), arena);

        check_row(rows[i].pattern, compiled != NULL);
        check_span(rows[i].pattern, draw(&found), rows[i].drawn);
        pattern_free(compiled);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void literals_end_at_what_is_not_in_the_alphabet(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct clauses found;

    (void)state;
    found = literal_find(SPAN("one/two three(?:/|four)"), letters("/"), arena);
    check_span("pattern", draw(&found), "\"one\" & \"two three\"");
    found = literal_cut(SPAN("one/two three"), letters("/"), arena);
    check_span("text", draw(&found), "\"one\" & \"two three\"");
    arena_free(arena);
}

static void finds_nothing_when_the_arena_is_full(void **state)
{
    struct arena *arena = arena_new(64);
    struct clauses found = literal_find(SPAN("one.*two.*three|four"), letters(""), arena);

    (void)state;
    assert_int_equal(found.count, 0);
    arena_free(arena);
}

static void the_best_clause_is_long_and_rare(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct clauses found =
        literal_find(SPAN("(?:a01|b02).* - - .*Accepted .*(?:x=1|y=2)"), letters(""), arena);

    (void)state;
    check_span("best", clauses_best(&found)->any[0].text, "Accepted ");
    arena_free(arena);
}

/* Random patterns with texts that they mostly match. */
static void whatever_matches_has_every_clause(void **state)
{
    enum { TEXTS = 4 };
    int patterns = pattern_maker_runs(1000);
    struct pattern_maker maker = {.seed = pattern_maker_seed()};
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct matcher *matcher = matcher_new();
    size_t matches = 0, clauses = 0, unused = 0;

    (void)state;
    for (int i = 0; i < patterns; i++) {
        struct pattern_fault fault;
        struct pattern *pattern;
        struct clauses found;

        pattern_maker_next(&maker);
        pattern = pattern_compile(buffer_span(&maker.pattern), NULL, 0, &fault);
        if (!pattern)
            continue;
        arena_reset(arena);
        found = literal_find(buffer_span(&maker.pattern), letters(""), arena);
        clauses += found.count;
        for (int j = 0; j < TEXTS; j++) {
            struct span text = pattern_maker_text(&maker);

            if (pattern_match(pattern, matcher, text, NULL, 0, &unused) != PATTERN_MATCH)
                continue;
            matches++;
            for (size_t k = 0; k < found.count; k++) {
                bool has_one = false;

                for (size_t l = 0; l < found.all[k].count; l++)
                    has_one |= literal_is_in(&found.all[k].any[l], text);
                if (!has_one)
                    fail_msg("seed %u: %.*s matches \"%.*s\", which has not %.*s", maker.seed,
                        (int)maker.pattern.len, maker.pattern.bytes, (int)text.len, text.at,
                        (int)draw(&found).len, draw(&found).at);
            }
        }
        pattern_free(pattern);
    }
    assert_true(matches > (size_t)patterns && clauses > (size_t)patterns / 2);
    pattern_maker_finish(&maker);
    matcher_free(matcher);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_its_row_says),
        cmocka_unit_test(literals_end_at_what_is_not_in_the_alphabet),
        cmocka_unit_test(finds_nothing_when_the_arena_is_full),
        cmocka_unit_test(the_best_clause_is_long_and_rare),
        cmocka_unit_test(whatever_matches_has_every_clause),
    };

    return cmocka_run_group_tests_name("literal", tests, NULL, NULL);
}
