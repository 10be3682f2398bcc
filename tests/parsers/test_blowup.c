/* SPDX-License-Identifier: MIT
 *
 * parsers/blowup.h and loop_graph.h: patterns that take exponential time are found, and
 * no others.
 */
#include "parsers/blowup.h"
#include "tests/support/test.h"

static const struct {
    const char *pattern, *loop; /* NULL: it is fine */
} rows[] = {
    /* A quantifier inside a quantifier. */
    {"^(a+)+$", "(a+)+"},
    {"(a+)+b", "(a+)+"},
    {"(x+x+)+y", "(x+x+)+"},
    {"^(?:a?b?)*c", "(?:a?b?)*"},
    {"^(\\w+\\s?)+$", "(\\w+\\s?)+"},
    {"^(?:\\d{1,3}\\.?)+$", "(?:\\d{1,3}\\.?)+"},
    {"^(?<u>(?:[a-z0-9-]+\\.?)+)@", "(?:[a-z0-9-]+\\.?)+"},
    {"^(?:.*,)+$", "(?:.*,)+"},
    {"^\"(?:[^\"\\\\]+|\\\\.)*\"", "(?:[^\"\\\\]+|\\\\.)*"},
    {"^\\[(?:[^\\]]*)*\\]$", "(?:[^\\]]*)*"},
    {"^(?:(?:ab)+)+c", "(?:(?:ab)+)+"},
    {"(?i)^(?:A+)+!", "(?:A+)+"},
    /* Alternatives that take the same. */
    {"^(?:\\w|\\d)*x", "(?:\\w|\\d)*"},
    {"^(a|aa)+$", "(a|aa)+"},
    {"^(?:a|b|ab)*c", "(?:a|b|ab)*"},
    {"^x(?: \\(.*\\)| on \\S+)* for", "(?: \\(.*\\)| on \\S+)*"},
    /* Further in, and behind what has to match. */
    {"^x y=%{IP:ip} (?:(a+)+|b)c", "(a+)+"},
    {"^(?=(?:a+)+b)a", "(?:a+)+"},

    {"^%{IP:ip} x", NULL},
    {"%{EMAIL}!", NULL},
    {"%{URI}x", NULL},
    {"%{QUOTEDSTRING}x", NULL},
    {"^%{HOSTNAME}!", NULL},
    {"(\\S+ )*x", NULL},
    {"^(?:\\w+=\\S+ )*of", NULL},
    {"^(\\w++\\s?)+$", NULL},
    {"^(?:[^\"\\\\]++|\\\\.)*+\"", NULL},
    {"(?:[^\"\\\\]|\\\\.)*\"", NULL},
    {"(?:a+)+", NULL},     /* nothing behind it can fail */
    {"(a|a)*.*", NULL},    /* nor here */
    {"(?>(a+)+)b", NULL},  /* gives nothing back */
    {"^.*a.*b.*=x", NULL}, /* slow, not exponential */
    {"^(?:.*?,){11}P", NULL},
    {"(?:(?:(?:a{60}){60}){60})x", NULL},
    {"(?:(?:(?:|){9}){9}){9}x", NULL},
};

static void finds_what_blows_up(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct matcher *matcher = matcher_new();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct pattern_fault fault;
        struct pattern *pattern = pattern_compile(span_of(rows[i].pattern), NULL, 0, &fault);
        struct span text, found = {NULL, 0};
        const struct tree *root, *loop;
        struct buffer line = {0};
        size_t unused = 0;

        check_row(rows[i].pattern, pattern);
        text = pattern_text(pattern);
        root = pattern_tree_read(text, arena);
        check_row(rows[i].pattern, root);
        loop = blowup_find(root, pattern, matcher, &line);
        if (loop)
            found = span_between(text.at + loop->from, text.at + loop->to);
        check_span(rows[i].pattern, found, rows[i].loop);
        if (loop)
            check_number(rows[i].pattern,
                pattern_match(pattern, matcher, buffer_span(&line), NULL, 0, &unused),
                PATTERN_LIMIT);
        buffer_finish(&line);
        pattern_free(pattern);
    }
    matcher_free(matcher);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_what_blows_up)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
