/* SPDX-License-Identifier: MIT
 *
 * parsers/auto.c through its header: lines with the formats that they are read as, and
 * what of them says so.
 */
#include "parsers/auto.h"
#include "parsers/detection.h"
#include "tests/support/test.h"

struct row {
    const char *text, *formats, *message;
};

#define SAME NULL /* the message is the line */

static const struct row rows[] = {
    {"{\"event\":\"login\",\"msg\":\"hello\"}", "json", "hello"},
    {"  { \"a\": 1}", "json", SAME},
    {"{}", "json", SAME},
    {"{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T10:11:12.5Z\"}", "docker",
        "hello"},
    {"{\"log\":\"{\\\"msg\\\":\\\"hi\\\"}\\n\",\"stream\":\"stdout\",\"time\":"
     "\"2026-11-23T10:11:12.5Z\"}",
        "docker with json", "hi"},
    {"{\"log\":\"hello\",\"user\":\"alice\"}", "json", "hello"},
    {"2026-11-23T10:11:12.5Z stdout F hello", "cri", "hello"},
    {"2026-11-23T10:11:12.5Z stderr F a=1 msg=hi", "cri with logfmt", "hi"},
    {"<38>Nov 23 10:11:12 web1 sshd[912]: hello", "syslog", "hello"},
    {"<38>1 2026-11-23T10:11:12Z web1 sshd 912 - - hello", "syslog", "hello"},
    {"Nov 23 10:11:12 web1 sshd[912]: hello", "syslog", "hello"},
    {"2026-11-23T10:11:12.5+01:00 web1 acme: {\"msg\":\"hi\"}", "syslog with json", "hi"},
    {"192.0.2.1 - alice [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 5", "access", SAME},
    {"Nov 23 10:11:12 web1 nginx: 192.0.2.1 - - [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" "
     "200 5",
        "syslog with access",
        "192.0.2.1 - - [23/Nov/2026:10:11:12 +0000] \"GET / HTTP/1.1\" 200 5"},
    {"time=2026-11-23T10:11:12Z level=info msg=\"hi you\"", "logfmt", "hi you"},

    /* Like one, and none */
    {"{not json}", "plain", SAME},
    {"{", "plain", SAME},
    {"[] {\"a\":1}", "plain", SAME},
    {"user=alice logged in", "plain", SAME},
    {"login of user=alice from=web", "plain", SAME},
    {"=a =b", "plain", SAME},
    {"2026-11-23T10:11:12Z INFO auth: login", "plain", SAME},
    {"2026-11-23T10:11:12Z web1 info: login", "plain", SAME},
    {"2026-11-23 10:11:12 web1 auth: login", "plain", SAME},
    {"Nov 23 10:11:12 Error auth: login", "plain", SAME},
    {"Nov 23 10:11:12 started", "plain", SAME},
    {"", "plain", SAME},
};

static void each_line_is_read_as_what_it_is(void **state)
{
    struct buffer found = {0};
    struct record record;

    (void)state;
    record_init(&record);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, auto_parse(record.line, &record, &at) == PARSE_OK);
        buffer_clear(&found);
        detection_name(record.detected, record.detected_count, &found);
        check_span(row->text, buffer_span(&found), row->formats);
        check_span(row->text, record.message, row->message ? row->message : row->text);
    }
    record_finish(&record);
    buffer_finish(&found);
}

static void what_looked_like_syslog_leaves_no_field(void **state)
{
    struct record record;
    size_t at;

    (void)state;
    record_init(&record);
    record_reset(&record, SPAN("2026-11-23T10:11:12Z INFO auth[7]: login"));
    check_row("plain", auto_parse(record.line, &record, &at) == PARSE_OK);
    check_number("fields", record.count, 0);
    check_span("time", record.time, "2026-11-23T10:11:12Z INFO auth[7]: login");
    record_finish(&record);
}

static void what_breaks_off_is_not_plain(void **state)
{
    static const char *const broken[] = {
        "{\"user\":\"alice\",\"ip", "{\"a\":1} rest", "Nov 23 10:11:12 web1 acme: {\"a\":"};
    struct record record;
    size_t at;

    (void)state;
    record_init(&record);
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        record_reset(&record, span_of(broken[i]));
        check_row(broken[i], auto_parse(record.line, &record, &at) == PARSE_BAD);
    }
    record_finish(&record);
}

static void detected_formats_are_counted(void **state)
{
    static const char *const json[] = {"json"}, *const both[] = {"syslog", "json"};
    struct detection detection = {0};
    struct buffer out = {0};

    (void)state;
    check_row("first", detection_add(&detection, both, 2));
    check_row("other", detection_add(&detection, json, 1));
    check_row("again", !detection_add(&detection, both, 2));
    check_row("none", !detection_add(&detection, NULL, 0));
    detection_write(&detection, &out);
    check_span("counts", buffer_span(&out), "2 as syslog with json, 1 as json");
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_read_as_what_it_is),
        cmocka_unit_test(what_looked_like_syslog_leaves_no_field),
        cmocka_unit_test(what_breaks_off_is_not_plain),
        cmocka_unit_test(detected_formats_are_counted),
    };

    return cmocka_run_group_tests_name("auto", tests, NULL, NULL);
}
