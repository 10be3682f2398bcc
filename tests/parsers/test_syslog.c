/* SPDX-License-Identifier: MIT
 *
 * parsers/syslog.c through its header: both RFCs, what is written in their name,
 * what is no syslog, and where structured data breaks.
 */
#include "parsers/format.h"
#include "parsers/syslog.h"
#include "tests/support/test.h"

static struct record record;

struct good {
    const char *text, *fields, *message, *time;
};

static const struct good rfc3164[] = {
    {"<38>Nov 23 10:11:12 web1 sshd[912]: Accepted password for alice",
        "facility=[auth] severity=[info] host=[web1] program=[sshd] pid=[912]",
        "Accepted password for alice", "Nov 23 10:11:12"},
    {"Nov  3 10:11:12 web1 sshd[912]: text", "host=[web1] program=[sshd] pid=[912]", "text",
        "Nov  3 10:11:12"},
    {"Nov 23 10:11:12 web1 kernel: text", "host=[web1] program=[kernel]", "text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 postfix/smtpd[7]: text", "host=[web1] program=[postfix/smtpd] pid=[7]",
        "text", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 last line of a program", "host=[web1]", "last line of a program",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 2001:db8::7 sshd[9]: text", "host=[2001:db8::7] program=[sshd] pid=[9]",
        "text", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 dovecot: imap-login: Login: user=<alice>",
        "host=[web1] program=[dovecot]", "imap-login: Login: user=<alice>", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 sshd:", "host=[web1] program=[sshd]", "", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1", "host=[web1]", "", "Nov 23 10:11:12"},
    /* rsyslog, journalctl -o short-precise and short-iso, macOS. */
    {"2026-11-23T10:11:12.345678+01:00 web1 sshd[9]: text", "host=[web1] program=[sshd] pid=[9]",
        "text", "2026-11-23T10:11:12.345678+01:00"},
    {"Nov 23 10:11:12.345678 web1 sshd[9]: text", "host=[web1] program=[sshd] pid=[9]", "text",
        "Nov 23 10:11:12.345678"},
    {"2026-11-23T10:11:12+0000 web1 sshd[9]: text", "host=[web1] program=[sshd] pid=[9]", "text",
        "2026-11-23T10:11:12+0000"},
    {"2026-11-23 10:11:12.345678+0100  localhost kernel[0]: (Net) text",
        "host=[localhost] program=[kernel] pid=[0]", "(Net) text",
        "2026-11-23 10:11:12.345678+0100"},
    {"Nov 23 10:11:12 mac com.example.launchd[1] (com.example.job[7]): text",
        "host=[mac] program=[com.example.launchd] pid=[1]", "(com.example.job[7]): text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 mac sshd[20974] error: PAM: text", "host=[mac] program=[sshd] pid=[20974]",
        "error: PAM: text", "Nov 23 10:11:12"},
    /* rsyslog's forward format with a microsecond, its way to write a newline. */
    {"<13>2026-11-23T09:47:28.020792+00:00 web1 acme[14443]: request 17 by alice",
        "facility=[user] severity=[notice] host=[web1] program=[acme] pid=[14443]",
        "request 17 by alice", "2026-11-23T09:47:28.020792+00:00"},
    {"<13>Nov 23 09:47:28 web1 acme: two#012lines",
        "facility=[user] severity=[notice] host=[web1] program=[acme]", "two#012lines",
        "Nov 23 09:47:28"},
    /* Without a host: local sockets, busybox. */
    {"<30>Nov 23 10:11:12 sshd[9]: text",
        "facility=[daemon] severity=[info] program=[sshd] pid=[9]", "text", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 su: text", "program=[su]", "text", "Nov 23 10:11:12"},
    /* Without a timestamp. */
    {"<13>sshd[9]: text", "facility=[user] severity=[notice] program=[sshd] pid=[9]", "text", NULL},
    {"<0>just text", "facility=[kern] severity=[emerg]", "just text", NULL},
    {"<191>", "facility=[local7] severity=[debug]", "", NULL},
    /* Cisco: a year, an unset clock, sequence numbers, colons in odd places. */
    {"<166>Nov 23 2026 10:11:12: %ASA-6-605005: Login permitted",
        "facility=[local4] severity=[info] program=[%ASA-6-605005]", "Login permitted",
        "Nov 23 2026 10:11:12"},
    {"<189>45: *Nov 23 10:11:12.123: %SEC_LOGIN-5-LOGIN_SUCCESS: text",
        "facility=[local7] severity=[notice] program=[%SEC_LOGIN-5-LOGIN_SUCCESS]", "text",
        "Nov 23 10:11:12.123"},
    {"Nov 23 2026 10:11:12 asa1 : %ASA-6-605005: text", "host=[asa1] program=[%ASA-6-605005]",
        "text", "Nov 23 2026 10:11:12"},
    {"<166>Nov 23 10:11:12 asa1: %ASA-6-605005: text",
        "facility=[local4] severity=[info] host=[asa1] program=[%ASA-6-605005]", "text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 disk: %used is 7", "program=[disk]", "%used is 7", "Nov 23 10:11:12"},
    /* A colon without a blank is no program's. */
    {"Nov 23 10:11:12 web1 CEF:0|Example|App|1|7|login|3|suser=alice", "host=[web1]",
        "CEF:0|Example|App|1|7|login|3|suser=alice", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 a]b[9: text", "host=[web1]", "a]b[9: text", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 a[]: text", "host=[web1]", "a[]: text", "Nov 23 10:11:12"},
    /* UniFi writes the host twice; BSD, busybox and Solaris tell the priority. */
    {"Nov 23 10:11:12 gw gw sshd[9]: text", "host=[gw] program=[sshd] pid=[9]", "text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 <4.6> gw sshd[9]: text",
        "facility=[auth] severity=[info] host=[gw] program=[sshd] pid=[9]", "text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 gw auth.info sshd[9]: text",
        "facility=[auth] severity=[info] host=[gw] program=[sshd] pid=[9]", "text",
        "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 sun sshd[9]: [ID 800047 auth.info] Accepted",
        "facility=[auth] severity=[info] host=[sun] program=[sshd] pid=[9] msgid=[800047]",
        "Accepted", "Nov 23 10:11:12"},
    /* rsyslog's summary of repeats. */
    {"Nov 23 10:11:12 web1 sshd[9]: message repeated 3 times: [ Failed for [x]]",
        "host=[web1] program=[sshd] pid=[9] repeated=[3]", "Failed for [x]", "Nov 23 10:11:12"},
    {"Nov 23 10:11:12 web1 sshd[9]: message repeated 3 times", "host=[web1] program=[sshd] pid=[9]",
        "message repeated 3 times", "Nov 23 10:11:12"},
};

static const struct good rfc5424[] = {
    {"<38>1 2026-11-23T10:11:12Z web1 sshd 912 ID7 - Accepted",
        "facility=[auth] severity=[info] host=[web1] program=[sshd] pid=[912] msgid=[ID7]",
        "Accepted", "2026-11-23T10:11:12Z"},
    {"<165>1 - - - - - -", "facility=[local4] severity=[notice]", "", NULL},
    {"<165>1 - - - - - - \xEF\xBB\xBFtext", "facility=[local4] severity=[notice]", "text", NULL},
    {"<38>1 2026-11-23T10:11:12Z web1 app - - [meta sequenceId=\"7\"][x@32473 a=\"1\" b=\"\"] text",
        "facility=[auth] severity=[info] host=[web1] program=[app] meta.sequenceId=[7] "
        "x@32473.a=[1] x@32473.b=[]",
        "text", "2026-11-23T10:11:12Z"},
    {"<38>1 - web1 app - - [x a=\"\\\"b\\\\c\\]d\\n]\"]",
        "facility=[auth] severity=[info] host=[web1] program=[app] x.a=[\"b\\c]d\\n]]", "", NULL},
    {"<38>1 - web1 app - - [x] text", "facility=[auth] severity=[info] host=[web1] program=[app]",
        "text", NULL},
    /* util-linux's logger, syslog-ng, rsyslog (two blanks, a newline at the end). */
    {"<38>1 2026-11-23T09:46:54.148432+00:00 web1 acme - LOGIN [timeQuality tzKnown=\"1\" "
     "isSynced=\"0\"][meta@32473 user=\"alice\"] request 17",
        "facility=[auth] severity=[info] host=[web1] program=[acme] msgid=[LOGIN] "
        "timeQuality.tzKnown=[1] timeQuality.isSynced=[0] meta@32473.user=[alice]",
        "request 17", "2026-11-23T09:46:54.148432+00:00"},
    {"<13>1 2026-11-23T09:46:54.132144+00:00 - root - - - request 17",
        "facility=[user] severity=[notice] program=[root]", "request 17",
        "2026-11-23T09:46:54.132144+00:00"},
    {"<13>1 2026-11-23T09:47:53+00:00 web1 acme 18092 - [meta sequenceId=\"1\"] request 17",
        "facility=[user] severity=[notice] host=[web1] program=[acme] pid=[18092] "
        "meta.sequenceId=[1]",
        "request 17", "2026-11-23T09:47:53+00:00"},
    {"<13>1 2026-11-23T09:47:53.680500+00:00 web1 acme 18087 - -  request 17",
        "facility=[user] severity=[notice] host=[web1] program=[acme] pid=[18087]", "request 17",
        "2026-11-23T09:47:53.680500+00:00"},
    {"<38>1 - web1 app - - - message repeated 2 times: [text]",
        "facility=[auth] severity=[info] host=[web1] program=[app] repeated=[2]", "text", NULL},
};

static void check_good(const struct good *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct good *row = &rows[i];
        size_t at;

        record_reset(&record, span_of(row->text));
        check_row(row->text, syslog_parse(record.line, &record, &at) == PARSE_OK);
        check_span(row->text, record_describe(&record), row->fields);
        check_span(row->text, record.message, row->message);
        check_span(row->text, record.time, row->time);
    }
}

static void reads_what_goes_by_the_name_of_rfc3164(void **state)
{
    (void)state;
    check_good(rfc3164, sizeof(rfc3164) / sizeof(*rfc3164));
}

static void reads_rfc5424(void **state)
{
    (void)state;
    check_good(rfc5424, sizeof(rfc5424) / sizeof(*rfc5424));
}

struct bad {
    const char *text;
    size_t at;
};

static void names_the_offset_of_every_bad_row(void **state)
{
    static const struct bad bad[] = {
        {"<38>1 - web1 app", 16},
        {"<38>1 - web1 app - -", 20},
        {"<38>1 - web1 app - - text", 21},
        {"<38>1 - web1 app - - -text", 22},
        {"<38>1 - web1 app - - [", 22},
        {"<38>1 - web1 app - - [x a]", 25},
        {"<38>1 - web1 app - - [x a=b]", 25},
        {"<38>1 - web1 app - - [x a=\"b]", 25},
        {"<38>1 - web1 app - - [x a=\"b\" ]", 30},
        {"<38>1 - web1 app - - [x a=\"b\"c]", 29},
        {"<38>1 - web1 app - - [x]text", 24},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t at = SIZE_MAX;

        record_reset(&record, span_of(bad[i].text));
        check_row(bad[i].text, syslog_parse(record.line, &record, &at) == PARSE_BAD);
        check_number(bad[i].text, at, bad[i].at);
        check_span(bad[i].text, record_get(&record, SPAN("facility")), "auth");
    }
}

static void other_text_is_no_syslog(void **state)
{
    static const char *const others[] = {
        "",
        "user alice logged in",
        "sshd[9]: text",
        "Nov 23 10:11:12",
        "Nov 23 10:11:12 --- last message repeated 3 times ---",
        "Nov 31 10:11:12 web1 sshd[9]: no such day",
        "2026-11-23T10:11:12Z,text",
        "2026-11-23T10:11:12Z [warn][API]: text",
        "<192>text",
        "<1x>text",
        "<>text",
        "<1",
        "<0001>text",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        size_t at;

        record_reset(&record, span_of(others[i]));
        check_row(others[i], syslog_parse(record.line, &record, &at) == PARSE_NO);
        check_number(others[i], record.count, 0);
        check_span(others[i], record.time, NULL);
        check_span(others[i], record.message, others[i]);
    }
}

static void chains_to_the_format_of_its_message(void **state)
{
    const struct format *chain[] = {format_find(SPAN("syslog")), format_find(SPAN("json")), NULL};
    size_t at = SIZE_MAX;

    (void)state;
    record_reset(&record, SPAN("Nov 23 10:11:12 web1 app[9]: {\"time\":\"2026-11-23T10:11:12Z\","
                               "\"msg\":\"login\",\"user\":\"alice\"}"));
    check_row("chain", format_chain(chain, &record, &at) == PARSE_OK);
    check_span("chain", record_get(&record, SPAN("program")), "app");
    check_span("chain", record_get(&record, SPAN("user")), "alice");
    check_span("chain", record.message, "login");
    check_span("chain", record.time, "2026-11-23T10:11:12Z");

    record_reset(&record, SPAN("Nov 23 10:11:12 web1 app[9]: {\"user\":x}"));
    check_row("broken inside", format_chain(chain, &record, &at) == PARSE_BAD);
    check_number("broken inside", at, 8);
    record_reset(&record, SPAN("Nov 23 10:11:12 web1 app[9]: text"));
    check_row("text inside", format_chain(chain, &record, &at) == PARSE_NO);
}

static void formats_are_found_by_name(void **state)
{
    (void)state;
    assert_null(format_find(SPAN("")));
    assert_null(format_find(SPAN("xml")));
    for (const struct format *format = formats; format->name; format++)
        assert_ptr_equal(format_find(span_of(format->name)), format);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_goes_by_the_name_of_rfc3164),
        cmocka_unit_test(reads_rfc5424),
        cmocka_unit_test(names_the_offset_of_every_bad_row),
        cmocka_unit_test(other_text_is_no_syslog),
        cmocka_unit_test(chains_to_the_format_of_its_message),
        cmocka_unit_test(formats_are_found_by_name),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("syslog", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
