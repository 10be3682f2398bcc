/* SPDX-License-Identifier: MIT
 *
 * shipper/log.c: each format, levels, and what is too much at once. Each test logs in a
 * process of its own, into a file.
 */
#include "parsers/limits.h"
#include "shipper/log.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;

static int set_up(void **state)
{
    (void)state;
    dir = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(dir);
    return 0;
}

/* What it writes, in a static buffer. */
static const char *log_of(void (*speak)(void))
{
    static char text[1 << 16];
    pid_t pid = fork();
    int file;
    ssize_t len;

    if (pid == 0) {
        file = open(scratch_path(dir, "log"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(file, STDERR_FILENO);
        speak();
        _exit(0);
    }
    check_row("ended", scratch_wait(pid, 20000) == 0);
    file = open(scratch_path(dir, "log"), O_RDONLY);
    len = read(file, text, sizeof(text) - 1);
    close(file);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void speak_text(void)
{
    log_become("reader");
    log_write(LOG_WARNING, "it said \"%s\"", "a\nb\x1b");
    log_write(LOG_DEBUG, "not this");
}

static void speak_logfmt(void)
{
    log_set(LOG_LOGFMT, LOG_DEBUG);
    speak_text();
}

static void speak_json(void)
{
    log_set(LOG_JSON, LOG_WARNING);
    log_write(LOG_INFO, "not this");
    speak_text();
}

static void speak_to_journal(void)
{
    struct stat status;
    char stream[64];

    fstat(STDERR_FILENO, &status);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
        (unsigned long long)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    speak_text();
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_write(LOG_INFO, "elsewhere");
}

static void speak_too_much(void)
{
    for (unsigned i = 0; i < LIMIT_LOG_BURST + 100; i++)
        log_write(LOG_INFO, "message");
    usleep(300000);
    log_write(LOG_INFO, "later");
}

static void lines_for_people(void **state)
{
    (void)state;
    assert_string_equal(log_of(speak_text), "usage-shipper reader: warning: it said \"a.b.\"\n");
}

static void logfmt_has_time_level_and_process(void **state)
{
    const char *text = log_of(speak_logfmt);

    (void)state;
    check_row(text, strncmp(text, "time=2", 6) == 0);
    check_row(
        text, strstr(text, "Z level=warning process=reader message=\"it said \\\"a.b.\\\"\"\n"));
    check_row("debug", strstr(text, "level=debug process=reader message=\"not this\"\n"));
}

static void json_is_an_object_a_line(void **state)
{
    const char *text = log_of(speak_json);

    (void)state;
    check_row(text, strncmp(text, "{\"time\":\"2", 10) == 0);
    check_row(text, strstr(text, "\"level\":\"warning\",\"process\":\"reader\",\"message\":\"it "
                                 "said \\\"a.b.\\\"\"}\n"));
    check_row("nothing below the level", !strstr(text, "not this"));
}

static void journald_is_told_the_priority(void **state)
{
    (void)state;
    assert_string_equal(log_of(speak_to_journal),
        "<4>usage-shipper reader: warning: it said \"a.b.\"\nusage-shipper reader: elsewhere\n");
}

static void what_is_too_much_is_left_out_and_counted(void **state)
{
    const char *text = log_of(speak_too_much);
    unsigned written = 0;

    (void)state;
    for (const char *at = text; (at = strstr(at, "shipper: message\n")); at++)
        written++;
    check_row(
        "about as many as may be", written >= LIMIT_LOG_BURST && written < LIMIT_LOG_BURST + 50);
    check_row("said", strstr(text, " messages were left out, there were too many at once\n"));
    check_row("and goes on", strstr(text, "usage-shipper: later\n"));
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(lines_for_people),
        WITH_DIR(logfmt_has_time_level_and_process),
        WITH_DIR(json_is_an_object_a_line),
        WITH_DIR(journald_is_told_the_priority),
        WITH_DIR(what_is_too_much_is_left_out_and_counted),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
