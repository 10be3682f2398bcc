/* SPDX-License-Identifier: MIT
 *
 * parsers/escape.c: every escape, broken ones, and where strings close.
 */
#include "parsers/escape.h"
#include "tests/support/test.h"

struct row {
    const char *quoted, *decoded;
};

static const struct row rows[] = {
    {"", ""},
    {"plain", "plain"},
    {"\\\"\\\\\\/", "\"\\/"},
    {"\\n\\r\\t\\b\\f", "\n\r\t\b\f"},
    {"\\u0041\\u00e8\\u20ac", "A\xc3\xa8\xe2\x82\xac"},
    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
    {"\\ud83d", "\xef\xbf\xbd"},
    {"\\ude00", "\xef\xbf\xbd"},
    {"\\ud83d\\u0041", "\xef\xbf\xbd"
                       "A"},
    {"\\ud83dx", "\xef\xbf\xbdx"},
    {"\\x41\\xe8\\x1B", "A\xe8\x1b"},
    /* Not escapes, or cut short: the character stays. */
    {"\\q\\'", "q'"},
    {"\\u12", "u12"},
    {"\\u12g4", "u12g4"},
    {"\\x4", "x4"},
    {"\\xg1", "xg1"},
    {"end\\", "end\\"},
};

static void undoes_every_escape(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span quoted = span_of(rows[i].quoted), decoded;

        check_row(rows[i].quoted, escape_decode(quoted, arena, &decoded));
        check_span(rows[i].quoted, decoded, rows[i].decoded);
        check_row(rows[i].quoted, span_find(quoted, '\\') || decoded.at == quoted.at);
    }
    arena_free(arena);
}

static void keeps_a_nul_that_was_escaped(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct span decoded;

    (void)state;
    assert_true(escape_decode(SPAN("a\\u0000\\x00b"), arena, &decoded));
    assert_true(span_equal(decoded, SPAN("a\0\0b")));
    arena_free(arena);
}

static void says_when_the_arena_is_full(void **state)
{
    struct arena *arena = arena_new(16);
    struct span decoded;

    (void)state;
    assert_false(escape_decode(SPAN("longer than the arena \\n"), arena, &decoded));
    arena_free(arena);
}

struct close {
    const char *text;
    long at; /* -1: nowhere */
};

static void closes_at_the_first_quote_that_is_not_escaped(void **state)
{
    static const struct close closes[] = {{"\"", 0}, {"ab\" \"", 2}, {"a\\\"b\"", 4},
        {"a\\\\\"", 3}, {"a\\\"", -1}, {"a\\", -1}, {"", -1}, {"a'b", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(closes) / sizeof(*closes); i++) {
        struct span text = span_of(closes[i].text);
        const char *close = escape_find_close(text.at, span_end(text), '"');

        check_row(closes[i].text, (close ? close - text.at : -1) == closes[i].at);
    }
}

struct hidden {
    const char *text;
    long at, json_at; /* -1: nowhere */
};

static void finds_escapes_that_hide_a_character(void **state)
{
    static const struct hidden hiding[] = {
        {"plain", -1, -1},
        {"a\\u0041", 1, 1},
        {"\\u0022\\u003c\\u003e\\u0026\\u0027\\u002f", 6, -1}, /* < is not escaped outside JSON */
        {"\\u005c", 0, 0},                                     /* perhaps the start of one inside */
        {"\\\\u0041", 1, 1},
        {"\\u000a\\u007f\\u00e9\\u20ac\\ud83d\\ude00", -1, -1},
        {"\\n\\r\\t\\b\\f\\\"\\\\", -1, -1},
        {"\\x41", 0, -1},
        {"\\xe9\\x0a", -1, -1},
        {"\\x5c", 0, -1},
        {"\\l", 0, -1},
        {"\\/", 0, -1},
        {"\\u12", 0, -1},
        {"\\xg", 0, -1},
        {"a\\", -1, -1},
        {"a\\\nb\\u0062", 4, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hiding) / sizeof(*hiding); i++) {
        struct span text = span_of(hiding[i].text);
        const char *at = escape_find_hidden(text), *json_at = escape_find_hidden_json(text);

        check_row(hiding[i].text, (at ? at - text.at : -1) == hiding[i].at);
        check_row(hiding[i].text, (json_at ? json_at - text.at : -1) == hiding[i].json_at);
    }
}

static void writes_every_length_of_utf8(void **state)
{
    char to[4];

    (void)state;
    assert_int_equal(escape_put_utf8(to, 0x7F), 1);
    assert_int_equal(escape_put_utf8(to, 0x7FF), 2);
    assert_int_equal(escape_put_utf8(to, 0xFFFF), 3);
    assert_int_equal(escape_put_utf8(to, 0x10FFFF), 4);
    assert_memory_equal(to, "\xf4\x8f\xbf\xbf", 4);
    assert_int_equal(escape_put_utf8(to, 0x110000), 3);
    assert_memory_equal(to, "\xef\xbf\xbd", 3);
    assert_int_equal(escape_put_utf8(to, 0xD800), 3);
    assert_memory_equal(to, "\xef\xbf\xbd", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undoes_every_escape),
        cmocka_unit_test(keeps_a_nul_that_was_escaped),
        cmocka_unit_test(says_when_the_arena_is_full),
        cmocka_unit_test(closes_at_the_first_quote_that_is_not_escaped),
        cmocka_unit_test(finds_escapes_that_hide_a_character),
        cmocka_unit_test(writes_every_length_of_utf8),
    };

    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
