/* SPDX-License-Identifier: MIT
 *
 * parsers/span.c and the inline functions of span.h.
 */
#include "parsers/span.h"
#include "tests/support/test.h"

static void absent_and_empty_spans_are_equal_but_not_the_same(void **state)
{
    const struct span absent = {NULL, 0};

    (void)state;
    assert_true(span_equal(absent, SPAN("")));
    assert_true(span_equal(absent, absent));
    assert_null(span_of(NULL).at);
    assert_non_null(span_of("").at);
    assert_null(span_find(absent, 'a'));
    assert_null(span_trim(absent).at);
    assert_true(span_has_prefix(SPAN("a"), absent));
}

static void compares_bytes_not_strings(void **state)
{
    (void)state;
    assert_true(span_equal(SPAN("a\0b"), SPAN("a\0b")));
    assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
    assert_false(span_is(SPAN("a\0"), "a"));
    assert_true(span_has_prefix(SPAN("abc"), SPAN("ab")));
    assert_false(span_has_prefix(SPAN("ab"), SPAN("abc")));
}

static void folds_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(span_equal_nocase(SPAN("Authorization"), SPAN("aUTHORIZATION")));
    assert_false(span_equal_nocase(SPAN("\xc3\x84"), SPAN("\xc3\xa4")));
    assert_false(span_equal_nocase(SPAN("["), SPAN("{")));
    assert_false(span_equal_nocase(SPAN("a"), SPAN("ab")));
}

struct trim {
    const char *text, *trimmed;
};

static void trims_blanks_and_tabs(void **state)
{
    static const struct trim rows[] = {
        {" \ta b\t ", "a b"}, {"a", "a"}, {" \t ", ""}, {"", ""}, {"\na\n", "\na\n"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_span(rows[i].text, span_trim(span_of(rows[i].text)), rows[i].trimmed);
}

static void cuts_every_piece_and_empty_ones_too(void **state)
{
    static const char *const pieces[] = {"a", "", "bc", ""};
    struct span rest = SPAN("a,,bc,");

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        assert_non_null(rest.at);
        check_span("a,,bc,", span_cut(&rest, ','), pieces[i]);
    }
    assert_null(rest.at);
}

static void reads_numbers_up_to_64_bits(void **state)
{
    static const char *const bad[] = {
        "", "-1", "+1", "1 ", "0x1", "18446744073709551616", "99999999999999999999999"};
    uint64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        check_row(bad[i], !span_to_u64(span_of(bad[i]), &value));
        check_number(bad[i], value, 7);
    }
    assert_true(span_to_u64(SPAN("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_true(span_to_u64(SPAN("0007"), &value));
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_and_empty_spans_are_equal_but_not_the_same),
        cmocka_unit_test(compares_bytes_not_strings),
        cmocka_unit_test(folds_ascii_letters_only),
        cmocka_unit_test(trims_blanks_and_tabs),
        cmocka_unit_test(cuts_every_piece_and_empty_ones_too),
        cmocka_unit_test(reads_numbers_up_to_64_bits),
    };

    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
