/* SPDX-License-Identifier: MIT
 *
 * parsers/logfmt.c through its header: a table of texts with the fields that
 * they must become, and one of broken texts with the offset of the fault.
 */
#include "parsers/logfmt.h"
#include "tests/support/test.h"

static struct record record;

struct good {
    const char *text, *fields, *message, *time;
};

/* `fields` is what record_describe draws: name=[value] in order. */
static const struct good good[] = {
    {"a=1 b=2", "a=[1] b=[2]", NULL, NULL},
    {"  a=1\t b=2  ", "a=[1] b=[2]", NULL, NULL},
    {"msg=\"Successful Login\" User=admin", "msg=[Successful Login] User=[admin]",
        "Successful Login", NULL},
    {"uname= traceID=", "uname=[] traceID=[]", NULL, NULL},
    {"debug level=info", "debug=[true] level=[info]", NULL, NULL},
    {"path=/a?b=c&d=e", "path=[/a?b=c&d=e]", NULL, NULL},
    {"size=5\"", "size=[5\"]", NULL, NULL},
    {"msg=\"say \\\"hi\\\" \\u00e8 \\\\\"", "msg=[say \"hi\" \xc3\xa8 \\]",
        "say \"hi\" \xc3\xa8 \\", NULL},
    {"m=\"\\ud83d\\ude00 \\ud83d\"", "m=[\xf0\x9f\x98\x80 \xef\xbf\xbd]", NULL, NULL},
    {"t=2026-11-23T10:11:12Z ts=later", "t=[2026-11-23T10:11:12Z] ts=[later]", NULL,
        "2026-11-23T10:11:12Z"},
    {"empty=\"\" z=1", "empty=[] z=[1]", NULL, NULL},
};

static void reads_every_good_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const struct good *row = &good[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, logfmt_parse(record.line, &record, &at) == PARSE_OK);
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
    {"a=1 msg=\"unfinished", 8},
    {"a=\"x\"y b=1", 5},
    {"a=1 =2", 4},
    {"a=1 b\"c\"", 5},
    {"a=\"ends in a backslash\\", 2},
};

static void names_the_offset_of_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, logfmt_parse(record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
    }
}

static void prose_is_not_logfmt(void **state)
{
    static const char *const prose[] = {"", "   ", "server started", "a = b", "\"quoted\"=1", "=x"};

    (void)state;
    for (size_t i = 0; i < sizeof(prose) / sizeof(*prose); i++) {
        size_t at;

        record_reset(&record, span_of(prose[i]));
        check_row(prose[i], logfmt_parse(record.line, &record, &at) == PARSE_NO);
        check_number(prose[i], record.count, 0);
    }
}

static void stops_at_the_cap_of_fields(void **state)
{
    struct buffer text = {0};
    size_t at;

    (void)state;
    for (unsigned i = 0; i <= LIMIT_RECORD_FIELDS; i++)
        buffer_append(&text, SPAN("k=v "));
    record_reset(&record, buffer_span(&text));
    check_row("too many fields", logfmt_parse(record.line, &record, &at) == PARSE_BAD);
    check_number("too many fields", record.count, LIMIT_RECORD_FIELDS);
    buffer_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_good_row),
        cmocka_unit_test(names_the_offset_of_every_bad_row),
        cmocka_unit_test(prose_is_not_logfmt),
        cmocka_unit_test(stops_at_the_cap_of_fields),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("logfmt", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
