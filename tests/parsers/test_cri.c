/* SPDX-License-Identifier: MIT
 *
 * parsers/cri.c through its header: a table of texts with the record that they must
 * become, one of texts that are none, and which lines go on.
 */
#include "parsers/cri.h"
#include "tests/support/test.h"

#define AT "2026-11-23T10:11:12.123456789Z"

static struct record record;

static const struct {
    const char *text, *message, *stream;
} good[] = {
    {AT " stdout F request from 192.0.2.1", "request from 192.0.2.1", "stdout"},
    {AT " stderr F  indented", " indented", "stderr"},
    {AT " stdout P half of ", "half of ", "stdout"},
    {AT " stdout F:more:tags text", "text", "stdout"},
    {AT " stdout P:x text", "text", "stdout"},
    {AT " stdout F ", "", "stdout"},
    {AT " stdout F", "", "stdout"},
    {"2026-11-23T12:11:12+02:00 stdout F x", "x", "stdout"},
    {AT " stdout P one, \n" AT " stdout P two, \n" AT " stdout F three", "one, two, three",
        "stdout"},
    {AT " stdout F Error: x\n" AT " stdout F   at main", "Error: x\n  at main", "stdout"},
    {AT " stdout P a\n" AT " stdout F b\n" AT " stdout F c", "ab\nc", "stdout"},
    {AT " stdout F a\nno head", "a\nno head", "stdout"},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        size_t at;

        record_reset(&record, span_of(good[i].text));
        check_row(good[i].text, cri_parse(record.line, &record, &at) == PARSE_OK);
        check_span(good[i].text, record.message, good[i].message);
        check_span(good[i].text, record_get(&record, SPAN("log.iostream")), good[i].stream);
        check_number(good[i].text, record.count, 1);
        check_row(good[i].text, record.time.len >= 20);
    }
}

static void another_text_is_not_this_format(void **state)
{
    static const char *const others[] = {"", " ", "text", AT, AT " stdout", AT " stdout X text",
        AT " stdout FP text", AT " stdlog F text", "10:11:12 stdout F text", " " AT " stdout F a",
        "2026-11-23 10:11:12.123 stdout F x", "{\"log\":\"a\\n\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct format_part part;
        size_t at;

        record_reset(&record, span_of(others[i]));
        check_row(others[i], cri_parse(record.line, &record, &at) == PARSE_NO);
        check_number(others[i], record.count, 0);
        check_row(others[i], !cri_read_part(span_of(others[i]), &part));
    }
}

static void tells_parts_and_where_they_are(void **state)
{
    static const char lines[] = AT " stdout F one\n" AT " stderr P two\n";
    struct format_part part;
    const char *found = cri_find_part(span_of(lines));

    (void)state;
    assert_true(cri_read_part(SPAN(AT " stderr P x"), &part));
    assert_true(part.goes_on && part.stream == 1);
    assert_true(cri_read_part(SPAN(AT " stdout F x P"), &part));
    assert_true(!part.goes_on && part.stream == 0);
    assert_true(found && found > strchr(lines, '\n'));
    assert_null(cri_find_part(SPAN(AT " stdout F one\n" AT " stderr F POST / P\n")));
    assert_non_null(cri_find_part(SPAN(AT " stdout P")));
    assert_non_null(cri_find_part(SPAN(AT " stdout P:x a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(another_text_is_not_this_format),
        cmocka_unit_test(tells_parts_and_where_they_are),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("cri", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
