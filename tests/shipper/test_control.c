/* SPDX-License-Identifier: MIT
 *
 * shipper/control.c and shipper/notify.c: a service that is asked, and one that tells
 * systemd; both over real sockets.
 */
#include "shipper/clock.h"
#include "shipper/control.h"
#include "shipper/notify.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000 };

static char *dir;
static struct control *control;

static int set_up(void **state)
{
    struct error err;

    (void)state;
    dir = scratch_new();
    control = control_open(dir, &err);
    return !control;
}

static int tear_down(void **state)
{
    (void)state;
    control_close(control);
    scratch_remove(dir);
    return 0;
}

/* "now" is answered at once, anything else later. */
static void take_question(void *arg, struct span question, struct buffer *answer)
{
    unsigned *asked = arg;

    (*asked)++;
    if (span_is(question, "now"))
        buffer_append(answer, SPAN("here\n"));
}

/* A process that asks, and exits with 0 if it got that answer. */
static pid_t ask(const char *question, const char *wanted)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct buffer answer = {0};
        struct error err;
        bool is_good = control_ask(dir, question, BOUND_MS, &answer, &err) &&
                       span_is(buffer_span(&answer), wanted);

        _exit(is_good ? 0 : 1);
    }
    return pid;
}

/* Turns until so many have asked. */
static void turn_until(unsigned *asked, unsigned wanted)
{
    int64_t until_ms = clock_now().monotonic_ms + BOUND_MS;
    struct pollfd fds[CONTROL_DESCRIPTORS];

    while (*asked < wanted && clock_now().monotonic_ms < until_ms) {
        poll(fds, control_descriptors(control, fds), 1000);
        control_turn(control, take_question, asked);
    }
    check_number("asked", *asked, wanted);
}

static void answers_at_once_or_later(void **state)
{
    unsigned asked = 0;
    pid_t now = ask("now", "here\n"), later;

    (void)state;
    turn_until(&asked, 1);
    check_number("at once", (uint64_t)scratch_wait(now, BOUND_MS), 0);
    later = ask("later", "done\n");
    turn_until(&asked, 2);
    control_answer(control, SPAN("too early\n")); /* it was not gathered */
    control_gather(control);
    control_answer(control, SPAN("done\n"));
    check_number("later", (uint64_t)scratch_wait(later, BOUND_MS), 0);
}

static void those_who_come_later_wait_for_the_next_answer(void **state)
{
    unsigned asked = 0;
    pid_t first = ask("later", "one\n"), second;

    (void)state;
    turn_until(&asked, 1);
    control_gather(control);
    second = ask("later", "two\n");
    turn_until(&asked, 2);
    control_answer(control, SPAN("one\n"));
    control_gather(control);
    control_answer(control, SPAN("two\n"));
    check_number("the first", (uint64_t)scratch_wait(first, BOUND_MS), 0);
    check_number("the second", (uint64_t)scratch_wait(second, BOUND_MS), 0);
}

/* Who says nothing, or too much, takes nobody's place for good. */
static void silent_callers_make_room(void **state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    unsigned asked = 0;
    char noise[256];
    pid_t pid;
    int silent[20];

    (void)state;
    snprintf(to.sun_path, sizeof(to.sun_path), "%s/control.sock", dir);
    memset(noise, 'x', sizeof(noise));
    for (int i = 0; i < 20; i++) {
        silent[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(silent[i], (const struct sockaddr *)&to, sizeof(to)) == 0 && i % 2 == 0)
            send(silent[i], noise, sizeof(noise), MSG_NOSIGNAL | MSG_DONTWAIT);
        control_turn(control, take_question, &asked);
    }
    pid = ask("now", "here\n");
    turn_until(&asked, 1);
    check_number("answered", (uint64_t)scratch_wait(pid, BOUND_MS), 0);
    for (int i = 0; i < 20; i++)
        close(silent[i]);
}

static void nobody_else_may_ask_and_nobody_answers_after_the_end(void **state)
{
    struct buffer answer = {0};
    struct error err;
    struct stat status;

    (void)state;
    check_row("there", stat(scratch_path(dir, "control.sock"), &status) == 0);
    check_number("mode", status.st_mode & 0777, 0600);
    control_close(control);
    control = NULL;
    check_row("removed", stat(scratch_path(dir, "control.sock"), &status) < 0);
    check_row("refused", !control_ask(dir, "now", 1000, &answer, &err));
    check_row(err.message, strstr(err.message, "no service runs in"));
}

static int listen_as_systemd(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    check_row("listening", bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
    return fd;
}

static const char *hear(int fd)
{
    static char text[512];
    ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void torture_74_systemd_is_told_and_gets_signs_of_life(void **state)
{
    const char *path = scratch_path(dir, "notify");
    int systemd = listen_as_systemd(path);
    struct notify notify;
    char pid[16];

    (void)state;
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("NOTIFY_SOCKET", path, 1);
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    notify_open(&notify);
    check_row("out of the environment", !getenv("NOTIFY_SOCKET") && !getenv("WATCHDOG_USEC"));
    check_number("half of the time", (uint64_t)notify.every_ms, 1500);
    notify_ready(&notify, "following 2 inputs");
    assert_string_equal(hear(systemd), "READY=1\nSTATUS=following 2 inputs");
    check_number("first sign", (uint64_t)notify_turn(&notify, 10000), 11500);
    assert_string_equal(hear(systemd), "WATCHDOG=1");
    check_number("not yet", (uint64_t)notify_turn(&notify, 11499), 11500);
    assert_string_equal(hear(systemd), "");
    check_number("then again", (uint64_t)notify_turn(&notify, 11500), 13000);
    assert_string_equal(hear(systemd), "WATCHDOG=1");
    notify_status(&notify, "following 2 inputs");
    assert_string_equal(hear(systemd), "");
    notify_status(&notify, "waiting");
    assert_string_equal(hear(systemd), "STATUS=waiting");
    notify_reloading(&notify);
    check_row("reloading", strncmp(hear(systemd), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
    notify_stopping(&notify);
    check_row("stopping", strncmp(hear(systemd), "STOPPING=1\n", 11) == 0);
    notify_close(&notify);
    close(systemd);
}

static void without_systemd_nothing_is_sent(void **state)
{
    struct notify notify;

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    setenv("WATCHDOG_USEC", "3000000", 1);
    notify_open(&notify);
    check_row("nobody listens", notify.descriptor < 0);
    check_row("no signs of life", notify_turn(&notify, 10000) == INT64_MAX);
    notify_ready(&notify, "alone");
    notify_close(&notify);
}

#define WITH_SERVICE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVICE(answers_at_once_or_later),
        WITH_SERVICE(those_who_come_later_wait_for_the_next_answer),
        WITH_SERVICE(silent_callers_make_room),
        WITH_SERVICE(nobody_else_may_ask_and_nobody_answers_after_the_end),
        WITH_SERVICE(torture_74_systemd_is_told_and_gets_signs_of_life),
        WITH_SERVICE(without_systemd_nothing_is_sent),
    };

    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
