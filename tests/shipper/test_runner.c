/* SPDX-License-Identifier: MIT
 *
 * shipper/runner.c and shipper/errand.c through their headers, with shell scripts as
 * journalctl. The test plays the reader on the other end of the channel.
 */
#include "shipper/runner.h"

#include "shipper/errand.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000, TURN_MS = 2 };

struct world {
    char *dir;
    int ends[2]; /* the supervisor's, the reader's */
    struct input_config inputs[2];
    struct config config;
    struct runner *runner;
    char journalctl[200];
};

static struct world world;
static struct error err;

/* What journalctl is in this test: a script, which has its arguments. */
static void write_journalctl(const char *script)
{
    FILE *file = fopen(world.journalctl, "w");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(world.journalctl, 0700), 0);
}

static int set_up(void **state)
{
    (void)state;
    world = (struct world){.dir = scratch_new()};
    world.inputs[0].kind = INPUT_FILE;
    world.inputs[1].kind = INPUT_JOURNAL;
    world.config = (struct config){.inputs = world.inputs, .input_count = 2};
    snprintf(world.journalctl, sizeof(world.journalctl), "%s/journalctl", world.dir);
    world.runner = runner_new(&world.config, world.journalctl);
    return channel_open(world.ends, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    runner_free(world.runner);
    close(world.ends[0]);
    close(world.ends[1]);
    scratch_remove(world.dir);
    return 0;
}

/* Sends an errand as the reader and lets the runner take it. */
static bool ask(const struct errand *errand)
{
    struct channel_message message;

    assert_true(errand_send(world.ends[1], errand, &err));
    assert_int_equal(channel_receive(world.ends[0], &message), CHANNEL_GOT);
    assert_int_equal(message.kind, CHANNEL_ERRAND);
    return runner_take(world.runner, &message, world.ends[0]);
}

static bool has_report(void *arg)
{
    struct channel_message message;

    assert_true(runner_turn(world.runner, world.ends[0]));
    if (channel_receive(world.ends[1], &message) != CHANNEL_GOT)
        return false;
    assert_int_equal(message.kind, CHANNEL_REPORT);
    assert_true(errand_read_report(&message, arg));
    return true;
}

static struct errand_report await_report(void)
{
    struct errand_report report;

    check_row("a report", scratch_until(has_report, &report, BOUND_MS));
    return report;
}

static int open_journal(uint32_t number)
{
    const struct errand errand = {.kind = ERRAND_JOURNAL, .number = number, .input = 1};
    struct errand_report report;

    assert_true(ask(&errand));
    report = await_report();
    check_number("outcome", report.outcome, ERRAND_GIVEN);
    check_number("number", report.number, number);
    return report.descriptor;
}

/* To the end of the pipe, in a static buffer. */
static struct span read_all(int pipe)
{
    static char text[4096];
    size_t len = 0;
    ssize_t got = 1;

    while (got > 0 && len < sizeof(text)) {
        poll(&(struct pollfd){.fd = pipe, .events = POLLIN}, 1, BOUND_MS);
        got = read(pipe, text + len, sizeof(text) - len);
        assert_true(got >= 0);
        len += (size_t)got;
    }
    close(pipe);
    return (struct span){text, len};
}

static void check_exit(const struct errand_report *report, uint32_t number, int code)
{
    check_number("outcome", report->outcome, ERRAND_ENDED);
    check_number("number", report->number, number);
    check_row("exited", WIFEXITED(report->status));
    check_number("code", (uint64_t)WEXITSTATUS(report->status), (uint64_t)code);
}

/* --- what is done ---------------------------------------------------------- */

static void a_journal_is_a_pipe_and_then_a_word_on_its_end(void **state)
{
    struct errand_report report;
    int pipe;

    (void)state;
    write_journalctl("echo entries; echo 'something is wrong' >&2; exit 3");
    pipe = open_journal(7);
    check_span("entries", read_all(pipe), "entries\n");
    report = await_report();
    check_exit(&report, 7, 3);
    check_span("last words", span_of(report.words), "something is wrong");
}

static void the_command_line_comes_from_the_configuration(void **state)
{
    static char unit[] = "acme.service";
    static char *units[] = {unit};
    const struct errand errand = {
        .kind = ERRAND_JOURNAL, .input = 1, .reading = JOURNAL_FOLLOW, .cursor = "s=12;i=3"};

    (void)state;
    world.inputs[1].journal.unit = (struct strings){units, 1};
    write_journalctl("echo $@");
    assert_true(ask(&errand));
    check_span("arguments", read_all(await_report().descriptor),
        "--output=export --no-pager --follow --cursor=s=12;i=3 --unit=acme.service --\n");
    await_report();
}

static void several_run_side_by_side(void **state)
{
    uint32_t ended = 0;
    int pipes[2];
    FILE *gate;

    (void)state;
    /* Standard input has nothing. Neither ends before both were given. */
    write_journalctl("read line; until [ -e $0.gate ]; do sleep 0.01; done; echo the end");
    pipes[0] = open_journal(1);
    pipes[1] = open_journal(2);
    gate = fopen(scratch_path(world.dir, "journalctl.gate"), "w");
    assert_non_null(gate);
    fclose(gate);
    for (int i = 0; i < 2; i++) {
        check_span("pipe", read_all(pipes[i]), "the end\n");
        ended += await_report().number;
    }
    check_number("both", ended, 3);
}

static void the_last_words_are_the_last(void **state)
{
    struct errand_report report;

    (void)state;
    write_journalctl("for i in $(seq 1000); do echo word $i; done >&2");
    close(open_journal(1));
    report = await_report();
    check_exit(&report, 1, 0);
    check_number("length", strlen(report.words), ERRAND_WORDS_BYTES - 2);
    check_span("end", span_of(report.words + strlen(report.words) - 18), "word 999\nword 1000");
}

static void what_is_asked_to_end_is_killed(void **state)
{
    const struct errand end = {.kind = ERRAND_END, .number = 4}, none = {.kind = ERRAND_END};
    struct errand_report report;

    (void)state;
    write_journalctl("exec sleep 1000");
    close(open_journal(4));
    assert_true(ask(&none));
    assert_true(ask(&end));
    report = await_report();
    check_number("number", report.number, 4);
    check_row("killed", WIFSIGNALED(report.status) && WTERMSIG(report.status) == SIGKILL);
}

static void what_a_reader_started_ends_with_it(void **state)
{
    struct errand_report report;
    int pipe;

    (void)state;
    write_journalctl("echo ready; exec sleep 1000");
    pipe = open_journal(1);
    poll(&(struct pollfd){.fd = pipe, .events = POLLIN}, 1, BOUND_MS);
    runner_abandon(world.runner);
    check_span("its end", read_all(pipe), "ready\n");
    /* The next reader counts from the start, and hears of its own only. */
    write_journalctl("exit 5");
    close(open_journal(1));
    report = await_report();
    check_exit(&report, 1, 5);
}

static void a_child_of_the_supervisor_leaves_them_alone(void **state)
{
    struct errand_report report;
    int pipe, status;
    pid_t child;

    (void)state;
    write_journalctl("exec sleep 1000");
    pipe = open_journal(1);
    child = fork();
    if (child == 0) {
        runner_leave(world.runner);
        runner_free(world.runner);
        _exit(0);
    }
    status = scratch_wait(child, BOUND_MS);
    assert_int_equal(status, 0);
    check_number("still there",
        (uint64_t)poll(&(struct pollfd){.fd = pipe, .events = POLLIN}, 1, TURN_MS), 0);
    close(pipe);
    assert_true(ask(&(struct errand){.kind = ERRAND_END, .number = 1}));
    report = await_report();
    check_number("its own report", report.outcome, ERRAND_ENDED);
}

static void a_missing_journalctl_says_so_at_its_end(void **state)
{
    struct errand_report report;
    char wanted[300];

    (void)state;
    close(open_journal(1));
    report = await_report();
    check_exit(&report, 1, 127);
    snprintf(wanted, sizeof(wanted), "cannot run %s: No such file or directory", world.journalctl);
    check_span("words", span_of(report.words), wanted);
}

/* --- what is not done ------------------------------------------------------ */

static void what_the_configuration_does_not_have_is_refused(void **state)
{
    static const struct {
        const char *name;
        struct errand errand;
        const char *words;
    } rows[] = {
        {"unknown input", {.kind = ERRAND_JOURNAL, .input = 2}, "there is no input 2"},
        {"another kind", {.kind = ERRAND_JOURNAL, .input = 0}, "input 0 is no journal"},
        {"an option for a cursor",
            {.kind = ERRAND_JOURNAL, .input = 1, .cursor = "s=1 --vacuum-size=1"},
            "that is no cursor of a journal"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct errand_report report;

        assert_true(ask(&rows[i].errand));
        report = await_report();
        check_number(rows[i].name, report.outcome, ERRAND_REFUSED);
        check_span(rows[i].name, span_of(report.words), rows[i].words);
    }
}

static void a_number_in_use_is_refused(void **state)
{
    struct errand errand = {.kind = ERRAND_JOURNAL, .number = 1, .input = 1};

    (void)state;
    write_journalctl("exec sleep 1000");
    close(open_journal(1));
    assert_true(ask(&errand));
    check_number("refused", await_report().outcome, ERRAND_REFUSED);
}

static void what_is_no_errand_ends_the_channel(void **state)
{
    struct errand good = {.kind = ERRAND_JOURNAL, .input = 1}, errand;
    struct channel_message message = {
        .kind = CHANNEL_ERRAND, .descriptor = -1, .len = sizeof(errand) - 1};

    (void)state;
    memcpy(message.payload, &good, sizeof(good));
    check_row("too short", !runner_take(world.runner, &message, world.ends[0]));
    errand = good;
    errand.kind = ERRAND_KINDS;
    check_row("unknown kind", !ask(&errand));
    errand = good;
    errand.reading = JOURNAL_READINGS;
    check_row("unknown reading", !ask(&errand));
    errand = good;
    memset(errand.cursor, 'a', sizeof(errand.cursor));
    check_row("endless cursor", !ask(&errand));
    message = (struct channel_message){.kind = CHANNEL_ERRAND,
        .descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC),
        .len = sizeof(good)};
    memcpy(message.payload, &good, sizeof(good));
    check_row("a descriptor", !runner_take(world.runner, &message, world.ends[0]));
    check_number("which is closed", (uint64_t)fcntl(message.descriptor, F_GETFD), (uint64_t)-1);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_journal_is_a_pipe_and_then_a_word_on_its_end),
        IN_WORLD(the_command_line_comes_from_the_configuration),
        IN_WORLD(several_run_side_by_side),
        IN_WORLD(the_last_words_are_the_last),
        IN_WORLD(what_is_asked_to_end_is_killed),
        IN_WORLD(what_a_reader_started_ends_with_it),
        IN_WORLD(a_child_of_the_supervisor_leaves_them_alone),
        IN_WORLD(a_missing_journalctl_says_so_at_its_end),
        IN_WORLD(what_the_configuration_does_not_have_is_refused),
        IN_WORLD(a_number_in_use_is_refused),
        IN_WORLD(what_is_no_errand_ends_the_channel),
    };

    return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
