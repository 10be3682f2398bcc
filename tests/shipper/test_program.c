/* SPDX-License-Identifier: MIT
 *
 * shipper/program.c through its header, with shells as programs.
 */
#include "shipper/channel.h"
#include "shipper/program.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000 };

static const char *const no_environment[] = {NULL};
static struct error err;

static struct program start_shell(const char *script, const char *const *environment)
{
    char name[] = "sh", option[] = "-c", text[300];
    char *const arguments[] = {name, option, text, NULL};
    struct program program;

    assert_true((size_t)snprintf(text, sizeof(text), "%s", script) < sizeof(text));
    assert_true(program_start("/bin/sh", arguments, environment, &program, &err));
    return program;
}

/* All that comes, to the end, in one of two static buffers. */
static struct span read_all(int descriptor)
{
    static char texts[2][1 << 16];
    static unsigned next;
    char *text = texts[next++ % 2];
    size_t len = 0;
    ssize_t got = 1;

    while (got > 0 && len < sizeof(texts[0])) {
        poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, BOUND_MS);
        got = read(descriptor, text + len, sizeof(texts[0]) - len);
        assert_true(got >= 0);
        len += (size_t)got;
    }
    close(descriptor);
    return (struct span){text, len};
}

static void both_outputs_arrive_and_the_exit_code(void **state)
{
    struct program program = start_shell("echo out; echo err >&2; exit 5", no_environment);
    int status = scratch_wait(program.pid, BOUND_MS);

    (void)state;
    check_row("exited", WIFEXITED(status));
    check_number("code", (uint64_t)WEXITSTATUS(status), 5);
    check_span("output", read_all(program.output), "out\n");
    check_span("errors", read_all(program.errors), "err\n");
}

/* Of signals, those that a program can set: 32 and 33 are libc's own. */
static void it_begins_with_nothing_of_ours(void **state)
{
    const char *const environment[] = {"GREETING=hello", NULL};
    sigset_t blocked, before;
    int ours = open("/dev/null", O_RDONLY); /* not O_CLOEXEC: an oversight */
    struct program program;

    (void)state;
    setenv("SECRET", "secret", 1);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    program =
        start_shell("echo $GREETING$SECRET; ls /proc/$$/fd; cat;"
                    "for set in Blk Ign; do"
                    " echo $((0x$(sed -n \"s/Sig$set:.//p\" /proc/self/status) & 0x7fffffff));"
                    "done",
            environment);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    unsetenv("SECRET");
    close(ours);
    assert_int_equal(scratch_wait(program.pid, BOUND_MS), 0);
    check_span("output", read_all(program.output), "hello\n0\n1\n2\n0\n0\n");
    close(program.errors);
}

static void one_that_is_not_there_says_so(void **state)
{
    char name[] = "nothing";
    char *const arguments[] = {name, NULL};
    struct program program;
    int status;

    (void)state;
    assert_true(program_start("/no/such/program", arguments, no_environment, &program, &err));
    status = scratch_wait(program.pid, BOUND_MS);
    check_row("exited", WIFEXITED(status));
    check_number("code", (uint64_t)WEXITSTATUS(status), PROGRAM_NOT_RUN);
    check_span("errors", read_all(program.errors),
        "cannot run /no/such/program: No such file or directory\n");
    close(program.output);
}

static void what_it_says_on_stderr_never_holds_it_up(void **state)
{
    struct program program =
        start_shell("head -c 1000000 /dev/zero >&2; echo done", no_environment);

    (void)state;
    scratch_wait(program.pid, BOUND_MS); /* nobody has read a byte */
    check_span("output", read_all(program.output), "done\n");
    close(program.errors);
}

/* Its end of the pipe is the last one: the end of the file is its death. */
static void it_dies_with_the_process_that_started_it(void **state)
{
    struct channel_message message = {.kind = CHANNEL_READY};
    int ends[2];
    pid_t child;

    (void)state;
    assert_true(channel_open(ends, &err));
    child = fork();
    if (child == 0) {
        message.descriptor = start_shell("echo ready; exec sleep 1000", no_environment).output;
        channel_send(ends[1], &message, &err);
        while (pause() < 0)
            continue;
    }
    close(ends[1]);
    poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, BOUND_MS);
    assert_int_equal(channel_receive(ends[0], &message), CHANNEL_GOT);
    poll(&(struct pollfd){.fd = message.descriptor, .events = POLLIN}, 1, BOUND_MS);
    kill(child, SIGKILL);
    check_row("killed", WIFSIGNALED(scratch_wait(child, BOUND_MS)));
    check_span("output", read_all(message.descriptor), "ready\n");
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_outputs_arrive_and_the_exit_code),
        cmocka_unit_test(it_begins_with_nothing_of_ours),
        cmocka_unit_test(one_that_is_not_there_says_so),
        cmocka_unit_test(what_it_says_on_stderr_never_holds_it_up),
        cmocka_unit_test(it_dies_with_the_process_that_started_it),
    };

    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
