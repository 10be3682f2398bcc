/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/journal_line.c: entries of the export format as lines.
 */
#include "shipper/sources/journal_line.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define TIME   "__REALTIME_TIMESTAMP=1763890001999999\n"
#define HEADER "2025-11-23T09:26:41Z "

struct world {
    struct journal_export *entry;
    struct buffer line;
};

static int set_up(void **state)
{
    struct world *w = test_calloc(1, sizeof(*w));

    w->entry = journal_export_new();
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    journal_export_free(w->entry);
    buffer_finish(&w->line);
    test_free(w);
    return 0;
}

static void write_line(struct world *w, struct span text, bool has_header)
{
    struct span rest = text;

    assert_true(journal_export_read(w->entry, &rest));
    buffer_clear(&w->line);
    journal_line_write(w->entry, has_header, &w->line);
}

static void the_header_is_what_a_daemon_would_write(void **state)
{
    static const struct {
        const char *name, *entry, *line;
    } rows[] = {
        {"all of it",
            TIME
            "_HOSTNAME=web1\nSYSLOG_IDENTIFIER=sshd\nSYSLOG_PID=912\n_PID=7\nMESSAGE=hello\n\n",
            HEADER "web1 sshd[912]: hello\n"},
        {"the kernel's word where the program says nothing",
            TIME "_HOSTNAME=web1\n_COMM=sshd\n_PID=7\nMESSAGE=hello\n\n",
            HEADER "web1 sshd[7]: hello\n"},
        {"no process", TIME "_HOSTNAME=web1\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=hello\n\n",
            HEADER "web1 kernel: hello\n"},
        {"nothing known", TIME "MESSAGE=hello\n\n", HEADER "localhost unknown: hello\n"},
        {"no message", TIME "_HOSTNAME=web1\nSYSLOG_IDENTIFIER=a\n\n", HEADER "web1 a: \n"},
        {"a program that would be another",
            TIME "_HOSTNAME=web1\nSYSLOG_IDENTIFIER=x: root su[1]\nMESSAGE=hello\n\n",
            HEADER "web1 x__root_su_1_: hello\n"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        write_line(w, span_of(rows[i].entry), true);
        check_span(rows[i].name, buffer_span(&w->line), rows[i].line);
    }
}

static void without_a_header_it_is_the_message(void **state)
{
    struct world *w = *state;

    write_line(w, SPAN("_HOSTNAME=web1\nMESSAGE=hello\n\n"), false);
    check_span("message", buffer_span(&w->line), "hello\n");
}

static void a_message_of_several_lines_is_one(void **state)
{
    struct world *w = *state;

    write_line(w, SPAN("MESSAGE\n\x0A\0\0\0\0\0\0\0one\ntwo\n\n\n\n\n"), false);
    check_span("one line", buffer_span(&w->line), "one two\n");
}

static void an_endless_message_is_cut(void **state)
{
    struct world *w = *state;
    struct buffer text = {0};

    buffer_append(&text, SPAN("_HOSTNAME=web1\nMESSAGE="));
    memset(buffer_reserve(&text, 2 * LIMIT_LINE_BYTES), 'a', 2 * LIMIT_LINE_BYTES);
    text.len += 2 * LIMIT_LINE_BYTES;
    buffer_append(&text, SPAN("\n\n"));
    write_line(w, buffer_span(&text), true);
    check_number("its newline included", w->line.len, LIMIT_LINE_BYTES + 1);
    check_row("cut", journal_export_is_cut(w->entry));
    buffer_finish(&text);
}

static void rules_see_the_fields_but_the_journals_own(void **state)
{
    struct field fields[LIMIT_JOURNAL_FIELDS];
    struct world *w = *state;

    write_line(w, SPAN("__CURSOR=s=1\n" TIME "_UID=1000\nMESSAGE=hello\nUNIT=a.service\n\n"), true);
    check_number("fields", journal_line_fields(w->entry, fields), 2);
    check_span("the first", fields[0].name, "_UID");
    check_span("its value", fields[0].value, "1000");
    check_span("the second", fields[1].name, "UNIT");
    check_number("time", (uint64_t)journal_line_time_s(w->entry), 1763890001);
    write_line(w, SPAN("MESSAGE=hello\n\n"), true);
    check_number("no time", (uint64_t)journal_line_time_s(w->entry), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_header_is_what_a_daemon_would_write),
        TEST(without_a_header_it_is_the_message),
        TEST(a_message_of_several_lines_is_one),
        TEST(an_endless_message_is_cut),
        TEST(rules_see_the_fields_but_the_journals_own),
    };

    return cmocka_run_group_tests_name("journal_line", tests, NULL, NULL);
}
