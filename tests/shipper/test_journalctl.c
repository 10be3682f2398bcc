/* SPDX-License-Identifier: MIT
 *
 * shipper/journalctl.c through its header: command lines, and what may be a cursor.
 */
#include "shipper/journalctl.h"
#include "tests/support/test.h"

#define START  "journalctl --output=export --no-pager"
#define CURSOR "s=08755e;i=1f;b=11;m=5;t=6608b015f3000;x=1aed"

static char ssh[] = "ssh.service", sshd[] = "sshd@*.service", identifier[] = "sshd";
static char uid[] = "_UID=0", priority[] = "PRIORITY=6", directory[] = "/srv/journal";
static char namespace_name[] = "acme";
static char *units[] = {ssh, sshd}, *identifiers[] = {identifier}, *matches[] = {uid, priority};

static const struct journal_config whole = {.unit = {NULL, 0}};
static const struct journal_config filtered = {
    .unit = {units, 2}, .identifier = {identifiers, 1}, .match = {matches, 2}};
static const struct journal_config elsewhere = {.directory = directory};
static const struct journal_config of_namespace = {.namespace_name = namespace_name};

static void command_lines_follow_the_configuration(void **state)
{
    static const struct {
        const char *name;
        const struct journal_config *config;
        enum journal_reading reading;
        const char *cursor, *wanted;
    } rows[] = {
        {"all there is", &whole, JOURNAL_DRAIN, "", START " --"},
        {"from a cursor", &whole, JOURNAL_DRAIN, CURSOR, START " --cursor=" CURSOR " --"},
        {"filtered", &filtered, JOURNAL_DRAIN, "",
            START " --unit=ssh.service --unit=sshd@*.service --identifier=sshd -- _UID=0 "
                  "PRIORITY=6"},
        {"followed", &filtered, JOURNAL_FOLLOW, CURSOR,
            START " --follow --cursor=" CURSOR " --unit=ssh.service --unit=sshd@*.service "
                  "--identifier=sshd -- _UID=0 PRIORITY=6"},
        {"followed from its beginning", &whole, JOURNAL_FOLLOW, "", START " --follow --no-tail --"},
        {"the last, unfiltered", &filtered, JOURNAL_LAST, "", START " --lines=1"},
        {"a directory", &elsewhere, JOURNAL_FOLLOW, CURSOR,
            START " --directory=/srv/journal --merge --follow --cursor=" CURSOR " --"},
        {"a namespace", &of_namespace, JOURNAL_DRAIN, "", START " --namespace=acme --"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char **arguments = journalctl_arguments(rows[i].config, rows[i].reading, rows[i].cursor);
        struct buffer line = {0};

        for (char **argument = arguments; *argument; argument++)
            buffer_printf(&line, "%s%s", argument > arguments ? " " : "", *argument);
        check_span(rows[i].name, buffer_span(&line), rows[i].wanted);
        buffer_finish(&line);
        journalctl_free(arguments);
    }
}

static void an_input_without_conditions_takes_the_whole_journal(void **state)
{
    (void)state;
    check_row("whole", journalctl_is_whole(&whole));
    check_row("whole directory", journalctl_is_whole(&elsewhere));
    check_row("whole namespace", journalctl_is_whole(&of_namespace));
    check_row("filtered", !journalctl_is_whole(&filtered));
}

static void only_what_looks_like_a_cursor_is_one(void **state)
{
    static char too_long[ERRAND_CURSOR_BYTES + 1];
    static const struct {
        const char *text;
        bool is_cursor;
    } rows[] = {
        {CURSOR, true},
        {"s=1", true},
        {"", false},
        {"s=", false},
        {"s=1;", false},
        {";s=1", false},
        {"s=1 --since=yesterday", false},
        {"--vacuum-size=1", false},
        {"s=1;i=2\n", false},
        {"S=1;i=2g", false},
        {"ss=1", false},
        {too_long, false},
    };

    (void)state;
    memset(too_long, 'a', sizeof(too_long) - 1);
    memcpy(too_long, "s=", 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i].text, journalctl_is_cursor(span_of(rows[i].text)) == rows[i].is_cursor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines_follow_the_configuration),
        cmocka_unit_test(an_input_without_conditions_takes_the_whole_journal),
        cmocka_unit_test(only_what_looks_like_a_cursor_is_one),
    };

    return cmocka_run_group_tests_name("journalctl", tests, NULL, NULL);
}
