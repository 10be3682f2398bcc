/* SPDX-License-Identifier: MIT
 *
 * parsers/json.c through its header: objects with the fields that they become,
 * broken texts with the offset of the fault, and the caps.
 */
#include "parsers/json.h"
#include "parsers/limits.h"
#include "tests/support/test.h"

static struct record record;

struct good {
    const char *text, *fields, *message, *time;
};

static const struct good good[] = {
    {"{}", "", NULL, NULL},
    {" \t{\"a\":\"x\"} ", "a=[x]", NULL, NULL},
    {"{\"user\":{\"name\":\"alice\",\"id\":7}}", "user.name=[alice] user.id=[7]", NULL, NULL},
    {"{\"user.name\":\"alice\"}", "user.name=[alice]", NULL, NULL},
    {"{\"ips\":[\"192.0.2.1\",\"192.0.2.2\"]}", "ips[0]=[192.0.2.1] ips[1]=[192.0.2.2]", NULL,
        NULL},
    {"{\"params\":[{\"key\":\"user\",\"value\":{\"login\":\"bob\"}}]}",
        "params[0].key=[user] params[0].value.login=[bob]", NULL, NULL},
    {"{\"m\":[[1,2],[3]]}", "m[0][0]=[1] m[0][1]=[2] m[1][0]=[3]", NULL, NULL},
    {"{\"a\":null,\"b\":{},\"c\":[],\"d\":[null,1]}", "d[1]=[1]", NULL, NULL},
    {"{\"t\":true,\"f\":false}", "t=[true] f=[false]", NULL, NULL},
    {"{\"i\":-12,\"u\":18446744073709551614,\"d\":1.50,\"e\":1E3}",
        "i=[-12] u=[18446744073709551614] d=[1.50] e=[1E3]", NULL, NULL},
    {"{\"a\":123456789012345678901234567890,\"b\":-9999999999999999999,\"c\":1}", "c=[1]", NULL,
        NULL},
    {"{\"a\":1,\"a\":2}", "a=[2]", NULL, NULL},
    {"{\"\":\"x\"}", "=[x]", NULL, NULL},
    {"{\"s\":\"\\\"\\\\\\/\\u00e8\\n\\ud83d\\ude00\"}", "s=[\"\\/\xc3\xa8\n\xf0\x9f\x98\x80]", NULL,
        NULL},
    {"{\"s\":\"caf\xe9\"}", "s=[caf\xe9]", NULL, NULL},
    /* message */
    {"{\"msg\":\"b\",\"message\":\"a\"}", "msg=[b] message=[a]", "a", NULL},
    {"{\"msg\":\"b\"}", "msg=[b]", "b", NULL},
    {"{\"log\":\"text\\n\",\"stream\":\"stdout\"}", "log=[text\n] stream=[stdout]", "text\n", NULL},
    {"{\"log\":{\"level\":\"info\"},\"message\":\"a\"}", "log.level=[info] message=[a]", "a", NULL},
    /* time */
    {"{\"time\":12,\"ts\":1795428672.5}", "time=[12] ts=[1795428672.5]", NULL, "1795428672.5"},
    {"{\"time\":\"2026-11-23T10:11:12Z\",\"@timestamp\":\"2026-11-23T10:11:13Z\"}",
        "time=[2026-11-23T10:11:12Z] @timestamp=[2026-11-23T10:11:13Z]", NULL,
        "2026-11-23T10:11:13Z"},
    {"{\"t\":{\"$date\":\"2026-11-23T10:11:12.000Z\"}}", "t.$date=[2026-11-23T10:11:12.000Z]", NULL,
        "2026-11-23T10:11:12.000Z"},
    {"{\"timestamp\":{\"epochSecond\":1795428672,\"nano\":5}}",
        "timestamp.epochSecond=[1795428672] timestamp.nano=[5]", NULL, "1795428672"},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const struct good *row = &good[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, json_parse(record.line, &record, &at) == PARSE_OK);
        check_span(row->text, record_describe(&record), row->fields);
        check_span(row->text, record.message, row->message ? row->message : row->text);
        check_span(row->text, record.time, row->time);
    }
}

struct bad {
    const char *text;
    size_t at;
};

static const struct bad bad[] = {
    {"{", 1},
    {"{\"a\":\"unfinished", 16},
    {"  {\"a\":x}", 7},
    {"{\"a\":1,}", 7},
    {"{\"a\":1} trailing", 8},
    {"{\"a\":\"\\q\"}", 7},
};

static void names_the_offset_of_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, json_parse(record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
    }
}

static void only_an_object_is_json(void **state)
{
    static const char *const others[] = {"", "  ", "text", "[1]", "\"a\"", "null", "x {\"a\":1}"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        size_t at;

        record_reset(&record, span_of(others[i]));
        check_row(others[i], json_parse(record.line, &record, &at) == PARSE_NO);
        check_number(others[i], record.count, 0);
    }
}

static void keeps_a_nul_inside_a_string(void **state)
{
    size_t at;

    (void)state;
    record_reset(&record, SPAN("{\"user\":\"al\\u0000ice\"}"));
    check_row("nul", json_parse(record.line, &record, &at) == PARSE_OK);
    check_row("nul", span_equal(record_get(&record, SPAN("user")), SPAN("al\0ice")));
}

static void finds_values_by_path_and_by_query(void **state)
{
    size_t at;

    (void)state;
    record_reset(
        &record, SPAN("{\"p\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"user\",\"value\":"
                      "\"alice\"}]}"));
    check_row("query", json_parse(record.line, &record, &at) == PARSE_OK);
    check_span("path", record_get(&record, SPAN("p[1].value")), "alice");
    check_span("query", record_get(&record, SPAN("p[?key=user].value")), "alice");
}

/* Docker's JSON around a product's: both have `time`, the outer one has `log`. */
static void an_inner_object_speaks_for_itself(void **state)
{
    size_t at;

    (void)state;
    record_reset(&record, SPAN("{\"message\":\"{\\\"msg\\\":\\\"login\\\"}\"}"));
    check_row("outer", json_parse(record.line, &record, &at) == PARSE_OK);
    check_row("inner", json_parse(record.message, &record, &at) == PARSE_OK);
    check_span("inner", record.message, "login");
}

static void a_dated_time_replaces_one_without_a_year(void **state)
{
    const struct span text = SPAN("{\"time\":\"2026-11-23T10:11:12Z\"}");
    size_t at;

    (void)state;
    record_reset(&record, text);
    record.time = SPAN("Nov 23 10:11:12");
    check_row("no year", json_parse(text, &record, &at) == PARSE_OK);
    check_span("no year", record.time, "2026-11-23T10:11:12Z");
    record_reset(&record, text);
    record.time = SPAN("2026-11-23T10:11:12.345678+01:00");
    check_row("year", json_parse(text, &record, &at) == PARSE_OK);
    check_span("year", record.time, "2026-11-23T10:11:12.345678+01:00");
}

static void check_bad_at_end(const char *row, struct buffer *text)
{
    size_t at = 0;

    record_reset(&record, buffer_span(text));
    check_row(row, json_parse(record.line, &record, &at) == PARSE_BAD);
    check_number(row, at, text->len);
    buffer_finish(text);
}

static void stops_at_the_cap_of_fields(void **state)
{
    struct buffer text = {0};

    (void)state;
    buffer_append(&text, SPAN("{\"a\":[0"));
    for (unsigned i = 0; i < LIMIT_RECORD_FIELDS; i++)
        buffer_append(&text, SPAN(",1"));
    buffer_append(&text, SPAN("]}"));
    check_bad_at_end("too many fields", &text);
    check_number("too many fields", record.count, LIMIT_RECORD_FIELDS);
}

/* A long key over many elements: 64 KiB of text that would be 60 MiB of names. */
static void stops_at_the_cap_of_memory(void **state)
{
    struct buffer text = {0};

    (void)state;
    buffer_append(&text, SPAN("{\""));
    for (unsigned i = 0; i < 60000; i++)
        buffer_append_byte(&text, 'k');
    buffer_append(&text, SPAN("\":[0"));
    for (unsigned i = 0; i < 1000; i++)
        buffer_append(&text, SPAN(",1"));
    buffer_append(&text, SPAN("]}"));
    check_bad_at_end("too much memory", &text);
}

static void refuses_a_nesting_too_deep(void **state)
{
    struct buffer text = {0};
    size_t at;

    (void)state;
    buffer_append(&text, SPAN("{\"a\":"));
    for (unsigned i = 0; i < LIMIT_NESTING; i++)
        buffer_append_byte(&text, '[');
    record_reset(&record, buffer_span(&text));
    check_row("nesting", json_parse(record.line, &record, &at) == PARSE_BAD);
    check_row("nesting", at < text.len);
    buffer_finish(&text);
}

static void finds_the_object_in_a_text(void **state)
{
    static const struct good with_text[] = {
        {"[2026-11-23 10:11:12] main.INFO:  {\"ip\":\"192.0.2.7\"} []",
            "prefix=[[2026-11-23 10:11:12] main.INFO:] ip=[192.0.2.7]", NULL,
            "2026-11-23 10:11:12] main.INFO:  {\"ip\":\"192.0.2.7\"} []"},
        {"audit {a} {\"broken\": {\"msg\":\"in\",\"time\":\"10:11:12\"}}",
            "prefix=[audit {a}] broken.msg=[in] broken.time=[10:11:12]", NULL, NULL},
        {"audit {\"broken {\"msg\":\"in\",\"time\":\"10:11:12\"}",
            "prefix=[audit {\"broken] msg=[in] time=[10:11:12]", "in", "10:11:12"},
        {"{\"a\":1}", "prefix=[] a=[1]", NULL, NULL},
        {"x { \"a\":{\"b\":\"}\"}} }", "prefix=[x] a.b=[}]", NULL, NULL},
    };
    static const char *const without[] = {"", "prose", "{a} {}", "x {\"a\":", "x {\"a\" 1}"};
    struct buffer many = {0};
    size_t at;

    (void)state;
    for (size_t i = 0; i < sizeof(with_text) / sizeof(*with_text); i++) {
        const struct good *row = &with_text[i];

        record_reset(&record, span_of(row->text));
        check_row(row->text, text_json_parse(record.line, &record, &at) == PARSE_OK);
        check_span(row->text, record_describe(&record), row->fields);
        check_span(row->text, record.message, row->message ? row->message : row->text);
        check_span(row->text, record.time, row->time);
    }
    for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++) {
        record_reset(&record, span_of(without[i]));
        check_row(without[i], text_json_parse(record.line, &record, &at) == PARSE_NO);
        check_number(without[i], record.count, 0);
    }
    for (unsigned i = 0; i < LIMIT_JSON_STARTS; i++)
        buffer_append(&many, SPAN("{\" "));
    buffer_append(&many, SPAN("{\"a\":1}"));
    record_reset(&record, buffer_span(&many));
    check_row("starts", text_json_parse(record.line, &record, &at) == PARSE_NO);
    buffer_finish(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_object_in_a_text),
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(names_the_offset_of_every_bad_row),
        cmocka_unit_test(only_an_object_is_json),
        cmocka_unit_test(keeps_a_nul_inside_a_string),
        cmocka_unit_test(finds_values_by_path_and_by_query),
        cmocka_unit_test(an_inner_object_speaks_for_itself),
        cmocka_unit_test(a_dated_time_replaces_one_without_a_year),
        cmocka_unit_test(stops_at_the_cap_of_fields),
        cmocka_unit_test(stops_at_the_cap_of_memory),
        cmocka_unit_test(refuses_a_nesting_too_deep),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("json", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
