/* SPDX-License-Identifier: MIT
 *
 * parsers/access.c through its header: the formats of several servers, what is
 * no access log, and what is a broken one.
 */
#include "parsers/access.h"
#include "tests/support/test.h"

#define TIME "[23/Nov/2026:10:11:12 +0000]"
#define GET  " " TIME " \"GET / HTTP/1.1\" 200 5"

static struct record record;

struct row {
    const char *text, *fields;
};

/* Fields are told after `time`, which every row has; see heads for those before. */
static const struct row tails[] = {
    {"\"GET /x?a=b HTTP/1.1\" 200 512",
        "request=[GET /x?a=b HTTP/1.1] method=[GET] path=[/x?a=b] protocol=[HTTP/1.1] "
        "status=[200] bytes=[512]"},
    {"\"GET / HTTP/2.0\" 304 - \"-\" \"-\"",
        "request=[GET / HTTP/2.0] method=[GET] path=[/] protocol=[HTTP/2.0] status=[304]"},
    {"\"-\" - - \"https://example.com/\" \"curl/8.5\"",
        "referer=[https://example.com/] agent=[curl/8.5]"},
    {"\"\" 400 0 \"\" \"\"", "request=[] status=[400] bytes=[0] referer=[] agent=[]"},
    /* No HTTP request line. */
    {"\"\\x16\\x03\\x01\" 400 157 \"-\" \"-\"", "request=[\x16\x03\x01] status=[400] bytes=[157]"},
    {"\"HELP\" 400 157", "request=[HELP] status=[400] bytes=[157]"},
    {"\"GET / FTP/1\" 400 1", "request=[GET / FTP/1] status=[400] bytes=[1]"},
    {"\" HTTP/1.1\" 400 1", "request=[ HTTP/1.1] status=[400] bytes=[1]"},
    {"\"GET /a b HTTP/1.0\" 400 1",
        "request=[GET /a b HTTP/1.0] method=[GET] path=[/a b] protocol=[HTTP/1.0] status=[400] "
        "bytes=[1]"},
    /* Escapes, and quotes that nobody escaped. */
    {"\"-\" 200 1 \"-\" \"say \\\"hi\\\" \\x22there\\x22\"",
        "status=[200] bytes=[1] agent=[say \"hi\" \"there\"]"},
    {"\"-\" 200 1 \"-\" \"a\"b\"c\"", "status=[200] bytes=[1] agent=[a\"b\"c]"},
    /* Columns behind the agent: nginx, Traefik, Kong, ingress. */
    {"\"-\" 200 1 \"-\" \"x\" \"203.0.113.7, 198.51.100.2\" 0.004",
        "status=[200] bytes=[1] agent=[x] extra1=[203.0.113.7, 198.51.100.2] extra2=[0.004]"},
    {"\"-\" 200 1 \"-\" \"x\" 502 \"app@docker\" \"http://192.0.2.3:80\" 0ms",
        "status=[200] bytes=[1] agent=[x] extra1=[502] extra2=[app@docker] "
        "extra3=[http://192.0.2.3:80] extra4=[0ms]"},
    {"\"-\" 200 1 \"-\" \"x\" kong_request_id: \"e2b3\" rt=0.12 uct=\"0.1\" up=\"-\" http://a/?b=c",
        "status=[200] bytes=[1] agent=[x] kong_request_id=[e2b3] rt=[0.12] uct=[0.1] "
        "extra1=[http://a/?b=c]"},
    {"\"-\" 200 1 \"-\" \"x\" 415 0.01 [default-web-80] [] 192.0.2.3:80",
        "status=[200] bytes=[1] agent=[x] extra1=[415] extra2=[0.01] extra3=[default-web-80] "
        "extra4=[] extra5=[192.0.2.3:80]"},
    {"\"-\" 200 1 \"-\" \"x\" - \"b\"", "status=[200] bytes=[1] agent=[x] extra2=[b]"},
    /* Columns before referer and agent, or in their place. */
    {"\"-\" 200 1 314 \"https://example.com/\" \"x\"",
        "status=[200] bytes=[1] extra1=[314] referer=[https://example.com/] agent=[x]"},
    {"\"-\" 200 \"-\" \"x\"", "status=[200] agent=[x]"},
    {"\"-\" 200 1 - \"x\" done", "status=[200] bytes=[1] agent=[x] extra1=[done]"},
    {"\"-\" 200 - 1234 45 \"x\" [qtp12-345]",
        "status=[200] extra1=[1234] extra2=[45] extra3=[x] extra4=[qtp12-345]"},
    {"\"-\" 200 1  ", "status=[200] bytes=[1]"},
    {"\"-\"", ""},
};

static void reads_every_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        const char *name = tails[i].text;
        struct buffer text = {0}, wanted = {0};
        size_t at;

        buffer_printf(&text, "192.0.2.7 - - " TIME " %s", tails[i].text);
        buffer_printf(&wanted, "client=[192.0.2.7] time=" TIME "%s%s",
            tails[i].fields[0] ? " " : "", tails[i].fields);
        buffer_append_byte(&wanted, '\0');
        record_reset(&record, buffer_span(&text));
        check_row(name, access_parse(record.line, &record, &at) == PARSE_OK);
        check_span(name, record_describe(&record), wanted.bytes);
        check_span(name, record.time, "23/Nov/2026:10:11:12 +0000");
        check_row(name, span_equal(record.message, record.line));
        buffer_finish(&text);
        buffer_finish(&wanted);
    }
}

static const struct row heads[] = {
    {"192.0.2.7 - alice", "client=[192.0.2.7] user=[alice]"},
    {"2001:db8::7 - -", "client=[2001:db8::7]"},
    {"host.example.com ident bob@EXAMPLE.COM",
        "client=[host.example.com] ident=[ident] user=[bob@EXAMPLE.COM]"},
    {"192.0.2.7 ident -", "client=[192.0.2.7] ident=[ident]"},
    {"192.0.2.7 - Alice van Dyk", "client=[192.0.2.7] user=[Alice van Dyk]"},
    {"192.0.2.7 - \"alice\"", "client=[192.0.2.7] user=[alice]"},
    {"192.0.2.7 - al[1]ice", "client=[192.0.2.7] user=[al[1]ice]"},
    {"192.0.2.7 -", "client=[192.0.2.7]"},
    {"192.0.2.7", "client=[192.0.2.7]"},
    {"www.example.com:443 192.0.2.7 - alice",
        "vhost=[www.example.com:443] client=[192.0.2.7] user=[alice]"},
    {"www.example.com 192.0.2.7 - 4f1c0a -", "vhost=[www.example.com] client=[192.0.2.7]"},
    {"203.0.113.7, 198.51.100.2 - -", "client=[203.0.113.7, 198.51.100.2]"},
    {"www.example.com 203.0.113.7, 198.51.100.2 - -",
        "vhost=[www.example.com] client=[203.0.113.7, 198.51.100.2]"},
    {"2026-11-23 10:11:12 192.0.2.7 - -", "client=[192.0.2.7]"},
    {"192.0.2.7 - alice ", "client=[192.0.2.7] user=[alice]"},
};

static void reads_who_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        struct buffer text = {0};
        struct span described;
        size_t at;

        buffer_printf(&text, "%s" GET, heads[i].text);
        record_reset(&record, buffer_span(&text));
        check_row(heads[i].text, access_parse(record.line, &record, &at) == PARSE_OK);
        described = record_describe(&record);
        described.len =
            (size_t)((char *)memmem(described.at, described.len, " time=", 6) - described.at);
        check_span(heads[i].text, described, heads[i].fields);
        check_span(heads[i].text, record_get(&record, SPAN("status")), "200");
        buffer_finish(&text);
    }
}

static void other_text_is_no_access_log(void **state)
{
    static const char *const others[] = {
        "",
        "user alice logged in",
        TIME " \"GET / HTTP/1.1\" 200 5",
        " " TIME " \"GET / HTTP/1.1\" 200 5",
        "192.0.2.7 - - " TIME " GET / HTTP/1.1 200",
        "192.0.2.7 - - [now] \"GET / HTTP/1.1\" 200 5",
        "192.0.2.7 - - [23/Nov/2026",
        "192.0.2.7 - - [1]",
        "192.0.2.7 - - [1] \"GET / HTTP/1.1\" 200 5",
        "1795428672.5 [0 192.0.2.7:60866] \"keys\" \"*\"",
        "some words of plain text" GET,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        size_t at;

        record_reset(&record, span_of(others[i]));
        check_row(others[i], access_parse(record.line, &record, &at) == PARSE_NO);
        check_number(others[i], record.count, 0);
        check_span(others[i], record.time, NULL);
    }
}

struct bad {
    const char *text;
    size_t at;
};

static const struct bad bad[] = {
    {"192.0.2.7 - - " TIME " \"GET / HTT", 43},
    {"192.0.2.7 - - " TIME " \"-\" 200 1 \"-\" \"curl", 57},
    {"192.0.2.7 - - " TIME " \"-\" 200 1 \"-\" \"x\" id: \"1", 65},
    {"192.0.2.7 - - " TIME " \"-\" 200 1 \"ends in a backslash\\\"", 53},
};

static void names_the_offset_of_an_open_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, access_parse(record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
        check_span(bad[i].text, record_get(&record, SPAN("client")), "192.0.2.7");
    }
}

static void stops_at_the_cap_of_fields(void **state)
{
    struct buffer text = {0};
    size_t at;

    (void)state;
    buffer_append(&text, SPAN("192.0.2.7 - -" GET));
    for (unsigned i = 0; i <= LIMIT_RECORD_FIELDS; i++)
        buffer_append(&text, SPAN(" x"));
    record_reset(&record, buffer_span(&text));
    check_row("too many fields", access_parse(record.line, &record, &at) == PARSE_BAD);
    check_number("too many fields", record.count, LIMIT_RECORD_FIELDS);
    buffer_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_column),
        cmocka_unit_test(reads_who_asked),
        cmocka_unit_test(other_text_is_no_access_log),
        cmocka_unit_test(names_the_offset_of_an_open_quote),
        cmocka_unit_test(stops_at_the_cap_of_fields),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("access", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
