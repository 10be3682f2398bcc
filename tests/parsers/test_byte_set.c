/* SPDX-License-Identifier: MIT
 *
 * parsers/byte_set.h: which characters an item of a pattern takes.
 */
#include "parsers/byte_set.h"
#include "parsers/pattern.h"
#include "tests/support/test.h"

/* The ASCII characters that can be seen, and a blank; + for what is beyond ASCII. */
static struct span draw(const struct byte_set *set)
{
    static char drawn[128];
    size_t len = 0;

    for (unsigned c = ' '; c <= '~'; c++)
        if (byte_set_has(set, (unsigned char)c))
            drawn[len++] = (char)c;
    if (byte_set_has(set, 0xC3))
        drawn[len++] = '+';
    return (struct span){drawn, len};
}

static void reads_an_item(void **state)
{
    static const struct {
        const char *pattern;
        bool is_caseless;
        const char *members;
        size_t len;
    } rows[] = {
        {"ab", false, "a", 1},
        {"ab", true, "Aa", 1},
        {"\xC3\xA4x", false, "+", 2},
        {"\\d+", false, "0123456789", 2},
        {"\\.", false, ".", 2},
        {"\\x2Fx", false, "/", 4},
        {"\\x{41}", true, "Aa", 6},
        {"\\x{2028}", false, "+", 8},
        {"[a-cx]+", false, "abcx", 6},
        {"[]a]", false, "]a", 4},
        {"[a\\]-]", false, "-]a", 6},
        {"[\\d.:]", false, ".0123456789:", 6},
        {"[[:digit:]a]", false, "0123456789a", 12},
        {"[^\\x00- 0-~]", false, "!\"#$%&'()*+,-./+", 12},
        {"\\h", false, " ", 2},
        {"\\p{N}", false, "0123456789+", 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct byte_set set;
        size_t len;

        check_row(rows[i].pattern,
            byte_set_read(span_of(rows[i].pattern), false, rows[i].is_caseless, &set, &len));
        check_number(rows[i].pattern, len, rows[i].len);
        check_span(rows[i].pattern, draw(&set), rows[i].members);
    }
}

static void refuses_what_is_more_than_a_character(void **state)
{
    static const char *const rows[] = {
        "\\1", "\\k<a>", "\\g{1}", "\\X", "\\C", "\\p{Greek}", "\\N{U+41}", "\\cA", "\\", "[a"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct byte_set set;
        size_t len;

        check_row(rows[i], !byte_set_read(span_of(rows[i]), false, false, &set, &len));
    }
}

/* Each item as a pattern of its own, run on each character of ASCII. */
static void takes_what_pcre2_takes(void **state)
{
    static const char *const rows[] = {"\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "\\h", "\\H",
        "\\v", "\\V", "\\N", ".", "[\\w.-]", "[^\\s\"]", "[^]\\[]", "[a-f[:^alpha:]]",
        "[[:punct:]]", "[[:space:]]", "[[:print:]]", "[[:xdigit:]]", "[\\x20-\\x2f]", "[\\b]",
        "[+--]", "\\t", "\\e", "\\p{L}", "\\P{N}", "[\\p{L}_]", "[\\D]", "\\-"};
    struct matcher *matcher = matcher_new();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct pattern_fault fault;
        struct pattern *pattern = pattern_compile(span_of(rows[i]), NULL, 0, &fault);
        struct byte_set set;
        size_t len = 0, unused = 0;

        check_row(rows[i], pattern && byte_set_read(span_of(rows[i]), false, false, &set, &len));
        check_number(rows[i], len, strlen(rows[i]));
        for (int c = 0; c < 128; c++) {
            char byte = (char)c;
            bool is_taken = pattern_match(pattern, matcher, (struct span){&byte, 1}, NULL, 0,
                                &unused) == PATTERN_MATCH;

            check_row(rows[i], byte_set_has(&set, (unsigned char)c) == is_taken);
        }
        pattern_free(pattern);
    }
    matcher_free(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_item),
        cmocka_unit_test(refuses_what_is_more_than_a_character),
        cmocka_unit_test(takes_what_pcre2_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
