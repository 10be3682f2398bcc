/* SPDX-License-Identifier: MIT
 *
 * shipper/found_logs.c and log_tail.c through their headers, with real files and a
 * journalctl that is a script.
 */
#include "parsers/rule.h"
#include "shipper/found_logs.h"
#include "shipper/log_tail.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGIN                                                                                      \
    "Nov 23 10:11:12 web1 sshd[912]: Accepted publickey for alice from 203.0.113.7 port 1\n"
#define NOISE "Nov 23 10:11:13 web1 sshd[912]: pam_unix(sshd:session): session opened\n"

static char folder[] = "/tmp/usage-shipper-found-XXXXXX";

static char *path_of(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text, size_t times)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    while (times-- > 0)
        fputs(text, file);
    fclose(file);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[300];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

/* A rule file with these logs and the rules `login` and `other`. */
static struct rule_file *parse(struct text *text, struct buffer *yaml, const char *logs)
{
    struct errors errors = {0};
    struct rule_file *file;

    buffer_clear(yaml);
    buffer_printf(yaml,
        "product: openssh\n"
        "logs:\n%s"
        "format: syslog\n"
        "rules:\n"
        "  - name: other\n"
        "    match: 'Nothing like it'\n"
        "    event: {activity_type: X, ip_addr: '${self.ip}', user_agent: x}\n"
        "    samples: [{line: 'Nov 23 10:11:12 web1 a: Nothing like it', event: {}}]\n"
        "  - name: login\n"
        "    match: '^Accepted \\S+ for (?<user>\\S+) from (?<ip>\\S+)'\n"
        "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}\n"
        "    samples: [{line: '%.*s', event: {user_id: alice}}]\n",
        logs, (int)strlen(LOGIN) - 1, LOGIN);
    *text = (struct text){"openssh.yaml", buffer_span(yaml)};
    file = rule_file_parse(text, &errors);
    assert_int_equal(errors.count, 0);
    return file;
}

static void look(const char *logs, const char *journalctl, struct found_logs *found)
{
    const struct engine_settings settings = {
        .instance = SPAN("test"), .host_address = SPAN("192.0.2.1")};
    const struct found_options options = {
        .lines = 100, .journalctl = journalctl, .zone = &zone_utc, .settings = &settings};
    struct buffer yaml = {0};
    struct text text;
    struct rule_file *file = parse(&text, &yaml, logs);

    found_logs_look(file, &options, found);
    rule_file_free(file);
    buffer_finish(&yaml);
}

/* --- tails ----------------------------------------------------------------- */

static void keeps_the_last_whole_lines(void **state)
{
    static const struct {
        const char *name, *text;
        size_t lines;
        const char *wanted;
    } rows[] = {
        {"fewer than asked for", "a\nb\n", 5, "a\nb\n"},
        {"as many", "a\nb\n", 2, "a\nb\n"},
        {"more", "a\nb\nc\n", 2, "b\nc\n"},
        {"unfinished", "a\nb\nc", 1, "b\n"},
        {"only unfinished", "abc", 3, ""},
        {"empty", "", 3, ""},
        {"empty lines", "\n\n\n", 2, "\n\n"},
        {"compressed", "\x1f\x8b\x08\n\n", 3, ""},
        {"none asked for", "a\nb\n", 0, ""},
    };
    struct buffer text = {0};
    struct error err;
    off_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        write_file("tail", rows[i].text, 1);
        check_row(rows[i].name, log_tail_file(path_of("tail"), rows[i].lines, &text, &size, &err));
        check_span(rows[i].name, buffer_span(&text), rows[i].wanted);
        check_number(rows[i].name, (uint64_t)size, strlen(rows[i].text));
    }
    buffer_finish(&text);
}

static void reads_no_more_than_its_limit(void **state)
{
    struct buffer text = {0};
    struct error err;
    off_t size;

    (void)state;
    write_file("big", NOISE, 2 * LOG_TAIL_BYTES / strlen(NOISE));
    assert_true(log_tail_file(path_of("big"), 1000000, &text, &size, &err));
    assert_true(text.len <= LOG_TAIL_BYTES && text.len > LOG_TAIL_BYTES - strlen(NOISE));
    assert_memory_equal(text.bytes, NOISE, strlen(NOISE));
    assert_int_equal(text.len % strlen(NOISE), 0);
    buffer_finish(&text);
}

/* --- logs ------------------------------------------------------------------ */

static void finds_what_is_there_and_counts_by_rule(void **state)
{
    struct found_logs found;
    char logs[600];

    (void)state;
    write_file("auth.log", LOGIN NOISE, 3);
    write_file("auth.log.1", LOGIN, 1);
    mkdir(path_of("auth.folder"), 0700);
    snprintf(logs, sizeof(logs),
        "  - file: %s/none.log\n  - file: %s/auth.*\n  - file: %s/auth.log\n", folder, folder,
        folder);
    look(logs, NULL, &found);
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[0].name, path_of("auth.log"));
    assert_true(found.items[0].is_readable);
    assert_int_equal(found.items[0].bytes, 3 * strlen(LOGIN NOISE));
    assert_int_equal(found.items[0].counts.events, 3);
    assert_int_equal(found.items[0].counts.lines[LINE_NO_RULE], 3);
    assert_int_equal(found.items[0].events[0], 0);
    assert_int_equal(found.items[0].events[1], 3);
    assert_string_equal(found.items[1].name, path_of("auth.log.1"));
    assert_int_equal(found.items[1].events[1], 1);
    found_logs_finish(&found);
}

static void unwraps_what_a_runtime_wrote(void **state)
{
    struct found_logs found;
    char logs[300];

    (void)state;
    mkdir(path_of("pods"), 0700);
    mkdir(path_of("pods/a_b_c"), 0700);
    mkdir(path_of("pods/a_b_c/d"), 0700);
    write_file("pods/a_b_c/d/0.log", "2026-11-23T10:11:12.5Z stdout F " LOGIN, 2);
    snprintf(logs, sizeof(logs), "  - file: %s/pods/*/*/*.log\n", folder);
    look(logs, NULL, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].counts.events, 2);
    found_logs_finish(&found);
}

static void says_what_cannot_be_read(void **state)
{
    struct found_logs found;

    (void)state;
    /* A file that nobody can read at its start, root neither. */
    look("  - file: /proc/self/mem\n", NULL, &found);
    assert_int_equal(found.count, 1);
    assert_false(found.items[0].is_readable);
    assert_non_null(strstr(found.items[0].why.message, "can't read \"/proc/self/mem\""));
    assert_int_equal(found.items[0].counts.events, 0);
    found_logs_finish(&found);
}

static void finds_no_more_than_its_limit(void **state)
{
    struct found_logs found;
    char logs[300], name[32];

    (void)state;
    for (int i = 0; i < FOUND_LOGS_MOST + 5; i++) {
        snprintf(name, sizeof(name), "many-%03d", i);
        write_file(name, NOISE, 1);
    }
    snprintf(logs, sizeof(logs), "  - file: %s/many-*\n", folder);
    look(logs, NULL, &found);
    assert_int_equal(found.count, FOUND_LOGS_MOST);
    assert_true(found.is_cut);
    found_logs_finish(&found);
}

static void asks_journalctl_for_each_unit(void **state)
{
    struct found_logs found;

    (void)state;
    write_file("journalctl",
        "#!/bin/sh\n"
        "case \"$*\" in\n"
        "*--output=short-iso*--lines=100*--unit=ssh.service*)\n"
        "  echo '2026-11-23T10:11:12+0000 web1 sshd[9]: Accepted password for alice from "
        "203.0.113.7 port 1' ;;\n"
        "esac\n",
        1);
    chmod(path_of("journalctl"), 0700);
    look("  - journal: {unit: [none.service, ssh.service]}\n", path_of("journalctl"), &found);
    assert_int_equal(found.count, 1);
    assert_true(found.items[0].is_journal && found.items[0].is_readable);
    assert_string_equal(found.items[0].name, "ssh.service");
    assert_int_equal(found.items[0].events[1], 1);
    found_logs_finish(&found);
    look("  - journal: {unit: ssh.service}\n", NULL, &found);
    assert_int_equal(found.count, 0);
    found_logs_finish(&found);
}

static void a_rule_file_without_logs_has_none(void **state)
{
    struct found_logs found;

    (void)state;
    look("  []\n", NULL, &found);
    assert_int_equal(found.count, 0);
    assert_false(found.is_cut);
    found_logs_finish(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last_whole_lines),
        cmocka_unit_test(reads_no_more_than_its_limit),
        cmocka_unit_test(finds_what_is_there_and_counts_by_rule),
        cmocka_unit_test(unwraps_what_a_runtime_wrote),
        cmocka_unit_test(says_what_cannot_be_read),
        cmocka_unit_test(finds_no_more_than_its_limit),
        cmocka_unit_test(asks_journalctl_for_each_unit),
        cmocka_unit_test(a_rule_file_without_logs_has_none),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
