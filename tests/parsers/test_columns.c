/* SPDX-License-Identifier: MIT
 *
 * parsers/columns.c through its header: a table of texts with the fields that they must
 * become, one of broken texts, and where a record goes on behind a line.
 */
#include "parsers/columns.h"
#include "tests/support/test.h"

static struct record record;

static const struct span names[] = {SPAN("time"), SPAN("user"), SPAN(""), SPAN("message")};
static const struct columns csv = {
    .separator = ',', .has_quotes = true, .names = names, .count = 4};
static const struct columns semicolons = {
    .separator = ';', .has_quotes = true, .names = names, .count = 4};
static const struct columns tsv = {.separator = '\t', .names = names, .count = 4};
static const struct columns pipes = {
    .separator = '|', .has_padding = true, .names = names, .count = 4};
static const struct columns single = {
    .separator = ',', .has_quotes = true, .names = names, .count = 1};

struct good {
    const struct columns *columns;
    const char *text, *fields, *message, *time;
};

static const struct good good[] = {
    {&csv, "1,alice,x,in", "time=[1] user=[alice] message=[in]", "in", "1"},
    {&csv, "1,\"alice\",\"x\",\"in, or \"\"out\"\"\"",
        "time=[1] user=[alice] message=[in, or \"out\"]", "in, or \"out\"", "1"},
    {&csv, "1, \"alice\" ,x,\"in\nor out\"", "time=[1] user=[alice] message=[in\nor out]",
        "in\nor out", "1"},
    {&csv, "1,al\"ice,x,5\"", "time=[1] user=[al\"ice] message=[5\"]", "5\"", "1"},
    {&csv, ",,,\"\"", "time=[] user=[] message=[]", "", NULL},
    {&csv, "1,alice", "time=[1] user=[alice]", NULL, "1"},
    {&csv, "1,alice,x,in,more,\"and more\"",
        "time=[1] user=[alice] message=[in] column5=[more] column6=[and more]", "in", "1"},
    {&csv, "1,alice,", "time=[1] user=[alice]", NULL, "1"},
    {&semicolons, "1;\"a;b\";x;in, out", "time=[1] user=[a;b] message=[in, out]", "in, out", "1"},
    {&columns_csv, "a,\"b\"", "column1=[a] column2=[b]", NULL, NULL},
    {&columns_csv, "a,", "column1=[a] column2=[]", NULL, NULL},
    {&single, "alice", "time=[alice]", NULL, "alice"},
    {&tsv, "1\talice\tx\t\"in\"", "time=[1] user=[alice] message=[\"in\"]", "\"in\"", "1"},
    {&tsv, "1\t alice \t-\tin", "time=[1] user=[ alice ] message=[in]", "in", "1"},
    {&pipes, "1 | alice | \"x\" | \"GET / HTTP/1.1\"",
        "time=[1] user=[alice] message=[GET / HTTP/1.1]", "GET / HTTP/1.1", "1"},
    {&pipes, "1|alice||\"\" \"git/1.7.4.1\"",
        "time=[1] user=[alice] message=[\"\" \"git/1.7.4.1\"]", "\"\" \"git/1.7.4.1\"", "1"},
    {&pipes, "1|\"|x|\"", "time=[1] user=[\"] message=[\"]", "\"", "1"},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const struct good *row = &good[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, columns_parse(row->columns, record.line, &record, &at) == PARSE_OK);
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
    {"1,\"unfinished", 2},
    {"1,\"in \"\"quotes", 2},
    {"1,\"alice\"x,y", 9},
};

static void names_the_offset_of_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, columns_parse(&csv, record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
    }
}

static void prose_and_headers_are_no_records(void **state)
{
    static const char *const texts[] = {
        "", "server started", "time,user,x,message", "\"Time\",\"User\",\"x\",\"Message\""};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        size_t at;

        record_reset(&record, span_of(texts[i]));
        check_row(texts[i], columns_parse(&csv, record.line, &record, &at) == PARSE_NO);
        check_number(texts[i], record.count, 0);
    }
}

static void a_record_goes_on_while_a_quote_is_open(void **state)
{
    static const struct {
        const struct columns *columns;
        const char *line;
        bool from_closed, from_open; /* open behind it */
    } rows[] = {
        {&csv, "", false, true},
        {&csv, "a,b", false, true},
        {&csv, "a,\"b", true, false},
        {&csv, "a,\"b\"", false, false},
        {&csv, "a, \"b", true, false},
        {&csv, "a\"b,c", false, false},
        {&csv, "\"a\"\"", true, false},
        {&csv, "a\"\"b", false, true},
        {&csv, "a\",\"b", true, true},
        {&csv, "a\"\"\",\"b\"", false, false},
        {&semicolons, "a,\"b", false, false},
        {&tsv, "a\t\"b", false, true},
        {&pipes, "a|\"b", false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span line = span_of(rows[i].line);

        check_row(
            rows[i].line, columns_is_open(rows[i].columns, line, false) == rows[i].from_closed);
        check_row(rows[i].line, columns_is_open(rows[i].columns, line, true) == rows[i].from_open);
    }
}

static void has_a_cap_on_fields(void **state)
{
    struct buffer text = {0};
    size_t at;

    (void)state;
    for (int i = 0; i < 5000; i++)
        buffer_append_byte(&text, ',');
    record_reset(&record, buffer_span(&text));
    check_row("5000", columns_parse(&columns_csv, record.line, &record, &at) == PARSE_BAD);
    check_number("5000", record.count, 1024);
    check_number("5000", at, 1024);
    buffer_finish(&text);
}

static int start(void **state)
{
    (void)state;
    record_init(&record);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    record_finish(&record);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(names_the_offset_of_every_bad_row),
        cmocka_unit_test(prose_and_headers_are_no_records),
        cmocka_unit_test(a_record_goes_on_while_a_quote_is_open),
        cmocka_unit_test(has_a_cap_on_fields),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
