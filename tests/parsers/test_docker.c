/* SPDX-License-Identifier: MIT
 *
 * parsers/docker.c through its header: a table of texts with the record that they
 * must become, one of texts that are none, and which lines go on.
 */
#include "parsers/docker.h"
#include "tests/support/test.h"

#define BEHIND "\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12.123456789Z\"}"

static struct record record;

static const struct {
    const char *text, *fields, *message;
} good[] = {
    {"{\"log\":\"a line\\n" BEHIND, "log.iostream=[stdout]", "a line"},
    {"{\"log\":\"no end" BEHIND, "log.iostream=[stdout]", "no end"},
    {"{\"log\":\"two\\n\\n" BEHIND, "log.iostream=[stdout]", "two\n"},
    {"{\"log\":\"\\n" BEHIND, "log.iostream=[stdout]", ""},
    {"{\"log\":\"{\\\"time\\\":\\\"x\\\",\\\"a\\\":\\\"\\u003cb\\u003e\\\"}\\n" BEHIND,
        "log.iostream=[stdout]", "{\"time\":\"x\",\"a\":\"<b>\"}"},
    {"{\"log\":\"a\\n\",\"stream\":\"stderr\",\"attrs\":{\"tag\":\"web\",\"env\":\"a\"},\"time\":"
     "\"2026-11-23T10:11:12Z\"}",
        "attrs.tag=[web] attrs.env=[a] log.iostream=[stderr]", "a"},
    {"{\"time\":\"2026-11-23T10:11:12Z\",\"stream\":\"stderr\",\"log\":\"order\\n\"}",
        "log.iostream=[stderr]", "order"},
    {"{\"log\":\"one, " BEHIND "\n{\"log\":\"two, " BEHIND "\n{\"log\":\"three\\n" BEHIND,
        "log.iostream=[stdout]", "one, two, three"},
    {"{\"log\":\"Error\\n" BEHIND "\n{\"log\":\"  at main\\n" BEHIND, "log.iostream=[stdout]",
        "Error\n  at main"},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        size_t at;

        record_reset(&record, span_of(good[i].text));
        check_row(good[i].text, docker_parse(record.line, &record, &at) == PARSE_OK);
        check_span(good[i].text, record_describe(&record), good[i].fields);
        check_span(good[i].text, record.message, good[i].message);
        check_row(good[i].text, record.time.len >= 20);
    }
}

static void another_text_is_not_this_format(void **state)
{
    static const char *const others[] = {"", "text", "{}", "{\"message\":\"a\",\"time\":\"b\"}",
        "2026-11-23T10:11:12Z stdout F text"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct format_part part;
        size_t at;

        record_reset(&record, span_of(others[i]));
        check_row(others[i], docker_parse(record.line, &record, &at) == PARSE_NO);
        check_number(others[i], record.count, 0);
        check_span(others[i], record.message, others[i]);
        check_span(others[i], record.time, NULL);
        check_row(others[i], !docker_read_part(span_of(others[i]), &part));
    }
}

static const struct {
    const char *text;
    size_t at;
} bad[] = {
    {"{\"log\":\"unfinished", 18},
    {"{\"log\":\"a\\n" BEHIND " x", 72},
};

static void names_the_offset_of_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, docker_parse(record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
    }
}

static void put_line(struct buffer *out, size_t len, const char *end, const char *stream)
{
    buffer_append(out, SPAN("{\"log\":\""));
    for (size_t i = 0; i < len; i++)
        buffer_append_byte(out, 'x');
    buffer_printf(out, "%s\",\"stream\":\"%s\",\"time\":\"2026-11-23T10:11:12Z\"}", end, stream);
}

/* Docker cuts at 16 KiB; what is shorter ended so. */
static const struct {
    size_t len;
    const char *end;
    bool goes_on;
} parts[] = {
    {16384, "", true},
    {20000, "", true},
    {16384, "\\n", false},
    {16384, "\\\\n", true},
    {16384, "\\\\\\n", false},
    {16384, "n", true},
    {16383, "", false},
    {0, "", false},
    {0, "\\n", false},
};

static void only_what_is_as_long_as_a_part_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        struct buffer line = {0};
        struct format_part part = {0};

        put_line(&line, parts[i].len, parts[i].end, i % 2 ? "stderr" : "stdout");
        assert_true(docker_read_part(buffer_span(&line), &part));
        check_number(parts[i].end, part.goes_on, parts[i].goes_on);
        check_number(parts[i].end, part.stream, i % 2);
        if (parts[i].goes_on)
            check_row(parts[i].end, docker_find_hidden(buffer_span(&line)) != NULL);
        buffer_finish(&line);
    }
}

static void an_escaped_letter_is_found(void **state)
{
    static const char lines[] = "{\"log\":\"a\\n" BEHIND "\n{\"log\":\"\\u0061\\n" BEHIND "\n";
    const char *found = docker_find_hidden(span_of(lines));

    (void)state;
    assert_true(found && found > strchr(lines, '\n'));
    assert_null(docker_find_hidden(SPAN("{\"log\":\"a\\n" BEHIND "\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(another_text_is_not_this_format),
        cmocka_unit_test(names_the_offset_of_every_bad_row),
        cmocka_unit_test(only_what_is_as_long_as_a_part_goes_on),
        cmocka_unit_test(an_escaped_letter_is_found),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("docker", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
