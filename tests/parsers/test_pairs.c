/* SPDX-License-Identifier: MIT
 *
 * parsers/pairs.c through its header: texts with the pairs that are in them.
 */
#include "parsers/pairs.h"
#include "tests/support/test.h"

static struct record record;

struct row {
    const char *text, *fields, *message, *time; /* message NULL: the text; time: its start */
};

static const struct row rows[] = {
    {"2026-11-23 10:11:12 WARN [org.events] (t-31) type=LOGIN, user=null, ip=192.0.2.7",
        "type=[LOGIN] user=[null] ip=[192.0.2.7]", NULL, "2026-11-23 10:11:12"},
    {"2026-11-23 10:11:12 type=\"LOGIN\", user=\"al, ice\"", "type=[LOGIN] user=[al, ice]", NULL,
        "2026-11-23 10:11:12"},
    {"14:57:55 [INFO] api.access (method='GET' status=200 agent='Mozilla/5.0 (X11)')",
        "method=[GET] status=[200] agent=[Mozilla/5.0 (X11)]", NULL, "14:57:55"},
    {"login success [method|FORM][provider|LOCAL|local][IP|192.0.2.7|][login|alice]",
        "method=[FORM] provider=[LOCAL|local] IP=[192.0.2.7|] login=[alice]", NULL, "login"},
    {"a=1;b=2; c=3", "a=[1;b=2] c=[3]", NULL, NULL},
    {"(a=1) [b=2] {c=3}", "a=[1] b=[2] c=[3]", NULL, NULL},
    {"call=f(x) k=g[0], z={}", "call=[f(x)] k=[g[0]] z=[{}]", NULL, NULL},
    {"user='o'neil' b='x", "user=[o'neil] b=['x]", NULL, NULL},
    {"a=\"say \\\"hi\\\"\" b='it\\'s'", "a=[say \"hi\"] b=[it's]", NULL, NULL},
    {"url=/a?b=c&d=e, x= y=", "url=[/a?b=c&d=e] x=[] y=[]", NULL, NULL},
    {"1a=2 x-y.z/w@q=3 _k=4", "x-y.z/w@q=[3] _k=[4]", NULL, NULL},
    {"msg=\"logged in\" time=12:00:00", "msg=[logged in] time=[12:00:00]", "logged in", "12:00:00"},
    {"a=1\nb=2", "a=[1] b=[2]", NULL, NULL},
    {"[a|b [c|d] x", "a=[b [c|d]", NULL, NULL},
};

static void finds_the_pairs_of_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, pairs_parse(record.line, &record, &at) == PARSE_OK);
        check_span(row->text, record_describe(&record), row->fields);
        check_span(row->text, record.message, row->message ? row->message : row->text);
        if (row->time)
            check_row(row->text, span_has_prefix(record.time, span_of(row->time)));
    }
}

static void prose_has_none(void **state)
{
    static const char *const texts[] = {
        "", "server started", "a == b", "x = y", "=x", "a|b", "[a|b", "\"k\"=1", "9=8"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        size_t at;

        record_reset(&record, span_of(texts[i]));
        check_row(texts[i], pairs_parse(record.line, &record, &at) == PARSE_NO);
        check_number(texts[i], record.count, 0);
    }
}

/* A megabyte of what opens and never closes: each would be looked for to the end. */
static void openings_without_end_cost_no_more_than_other_text(void **state)
{
    static const char *const pieces[] = {"[a|", "a=\"", "a='", "=)))", "a=)))))"};

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        struct buffer text = {0};
        size_t at;

        while (text.len < 1000000)
            buffer_append(&text, span_of(pieces[i]));
        record_reset(&record, buffer_span(&text));
        pairs_parse(record.line, &record, &at);
        check_row(pieces[i], record.count <= 1024);
        buffer_finish(&text);
    }
}

static void has_a_cap_on_fields(void **state)
{
    struct buffer text = {0};
    size_t at = 0;

    (void)state;
    for (int i = 0; i < 2000; i++)
        buffer_append(&text, SPAN("k=1 "));
    record_reset(&record, buffer_span(&text));
    check_row("2000", pairs_parse(record.line, &record, &at) == PARSE_BAD);
    check_number("2000", at, 4096);
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
        cmocka_unit_test(finds_the_pairs_of_every_row),
        cmocka_unit_test(prose_has_none),
        cmocka_unit_test(openings_without_end_cost_no_more_than_other_text),
        cmocka_unit_test(has_a_cap_on_fields),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
