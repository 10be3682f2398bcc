/* SPDX-License-Identifier: MIT
 *
 * shipper/supervisor.c with children of our own. The supervisor runs in a
 * process beside the test; what its children do and see is on a shared page.
 */
#include "shipper/channel.h"
#include "shipper/clock.h"
#include "shipper/command.h"
#include "shipper/supervisor.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000, STARTS_KEPT = 16, LONG_MS = 600000 };

/* What one kind of child did. `turn` numbers what happens, over both. */
struct actor {
    _Atomic int starts, pid, stopped_turn, drained_turn, ended_turn, closed_turn;
    _Atomic int64_t started_ms[STARTS_KEPT];
    _Atomic bool has_key;
};

struct stage {
    _Atomic int turn;
    struct actor reader, sender;
};

static struct stage *stage;
static char *dir;
static char key[] = "secret";

static void enter(struct actor *actor, const struct child *child)
{
    struct channel_message ready = {.kind = CHANNEL_READY, .descriptor = -1};
    struct error err;
    int start = actor->starts;

    actor->pid = getpid();
    actor->has_key = child->api_key && strcmp(child->api_key, "secret") == 0;
    if (start < STARTS_KEPT)
        actor->started_ms[start] = clock_now().monotonic_ms;
    actor->starts++;
    channel_send(child->channel, &ready, &err);
}

/* Until told or left alone. */
static int obey(struct actor *actor, const struct child *child)
{
    struct channel_message message;

    enter(actor, child);
    for (;;) {
        poll(&(struct pollfd){.fd = child->channel, .events = POLLIN}, 1, -1);
        switch (channel_receive(child->channel, &message)) {
        case CHANNEL_EMPTY:
            continue;
        case CHANNEL_CLOSED:
            actor->closed_turn = ++stage->turn;
            return 0;
        case CHANNEL_GOT:
            *(message.kind == CHANNEL_STOP ? &actor->stopped_turn : &actor->drained_turn) =
                ++stage->turn;
            usleep(2000); /* so that an early word to the other one would show */
            actor->ended_turn = ++stage->turn;
            return 0;
        }
    }
}

static int obedient_reader(const struct child *child)
{
    return obey(&stage->reader, child);
}

static int obedient_sender(const struct child *child)
{
    return obey(&stage->sender, child);
}

static int hanging_reader(const struct child *child)
{
    enter(&stage->reader, child);
    while (pause() < 0)
        continue;
    return 0;
}

static int failing_reader(const struct child *child)
{
    enter(&stage->reader, child);
    return 3;
}

static int reader_failing_at_first(const struct child *child)
{
    if (stage->reader.starts > 0)
        return obedient_reader(child);
    stage->reader.starts++;
    return 3;
}

static int healthy_but_failing_reader(const struct child *child)
{
    enter(&stage->reader, child);
    usleep(60000);
    return 3;
}

static int finishing_reader(const struct child *child)
{
    enter(&stage->reader, child);
    stage->reader.ended_turn = ++stage->turn;
    return 0;
}

static int sender_that_cannot_work(const struct child *child)
{
    enter(&stage->sender, child);
    return EXIT_CONFIG;
}

/* Killed at its first draining. */
static int sender_dying_in_drain(const struct child *child)
{
    if (stage->sender.starts > 0)
        return obedient_sender(child);
    enter(&stage->sender, child);
    poll(&(struct pollfd){.fd = child->channel, .events = POLLIN}, 1, -1);
    raise(SIGKILL);
    return 1;
}

static int wipe_witness_reader(const struct child *child)
{
    static const char wiped[sizeof(key)];

    stage->reader.has_key = memcmp(key, wiped, sizeof(key)) != 0 || child->api_key;
    return obedient_reader(child);
}

static struct supervisor_options options(void)
{
    static struct shared shared;
    static struct in_force in_force;

    return (struct supervisor_options){
        .in_force = &in_force,
        .shared = &shared,
        .reader = obedient_reader,
        .sender = obedient_sender,
        .times = {.restart_first_ms = 5,
            .restart_most_ms = 20,
            .healthy_ms = LONG_MS,
            .stop_within_ms = LONG_MS},
    };
}

static int set_up(void **state)
{
    (void)state;
    stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    dir = scratch_new();
    return stage == MAP_FAILED;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(stage, sizeof(*stage));
    scratch_remove(dir);
    return 0;
}

/* Its log goes to dir/log. */
static pid_t supervise(struct supervisor_options with)
{
    pid_t pid = fork();

    if (pid == 0) {
        int log = open(scratch_path(dir, "log"), O_WRONLY | O_CREAT | O_APPEND, 0600);

        dup2(log, STDERR_FILENO);
        close(log);
        _exit(supervisor_run(&with));
    }
    return pid;
}

static void check_exit(pid_t pid, int code)
{
    int status = scratch_wait(pid, BOUND_MS);

    check_row("ended by itself", status >= 0 && WIFEXITED(status));
    check_number("exit code", (uint64_t)WEXITSTATUS(status), (uint64_t)code);
}

/* What the supervisor has logged, in a static buffer. */
static const char *read_log(void)
{
    static char log[8192];
    int file = open(scratch_path(dir, "log"), O_RDONLY);
    ssize_t len = read(file, log, sizeof(log) - 1);

    close(file);
    log[len > 0 ? len : 0] = '\0';
    return log;
}

static bool is_logged(void *text)
{
    return strstr(read_log(), text) != NULL;
}

static void check_logged(const char *text)
{
    if (!strstr(read_log(), text))
        print_error("log:\n%s", read_log());
    check_row(text, strstr(read_log(), text));
}

struct starts {
    int reader, sender;
};

static bool has_started(void *arg)
{
    const struct starts *least = arg;

    return stage->reader.starts >= least->reader && stage->sender.starts >= least->sender;
}

static void wait_for_starts(int reader, int sender)
{
    struct starts least = {reader, sender};

    check_row("started", scratch_until(has_started, &least, BOUND_MS));
}

/* At work for ever, once; then it waits as it should. */
static int reader_hanging_at_first(const struct child *child)
{
    counter *pulse = &child->shared->reader_pulse;

    if (stage->reader.starts > 0) {
        pulse_wait(pulse);
        return obedient_reader(child);
    }
    enter(&stage->reader, child);
    pulse_work(pulse);
    while (pause() < 0)
        continue;
    return 0;
}

static void both_are_told_to_stop_the_reader_first(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

    (void)state;
    for (int i = 0; i < 3; i++) {
        pid_t pid;

        memset(stage, 0, sizeof(*stage));
        pid = supervise(options());
        wait_for_starts(1, 1);
        kill(pid, signals[i]);
        check_exit(pid, EXIT_FINE);
        check_row("reader told", stage->reader.stopped_turn == 1);
        check_row("then gone", stage->reader.ended_turn == 2);
        check_row("then the sender told", stage->sender.stopped_turn == 3);
        check_number("no restart", (uint64_t)(stage->reader.starts + stage->sender.starts), 2);
    }
    check_logged("stopping, asked by SIGTERM");
    check_logged("running: reader is process");
}

static void a_signal_right_after_the_start_is_not_lost(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        pid_t pid = supervise(options());
        struct starts least = {1, 0};

        check_row("started", scratch_until(has_started, &least, BOUND_MS));
        kill(pid, SIGTERM);
        check_exit(pid, EXIT_FINE);
        memset(stage, 0, sizeof(*stage));
    }
}

static void a_killed_child_is_started_again(void **state)
{
    pid_t pid = supervise(options());

    (void)state;
    wait_for_starts(1, 1);
    kill(stage->reader.pid, SIGKILL);
    wait_for_starts(2, 1);
    kill(stage->sender.pid, SIGKILL);
    wait_for_starts(2, 2);
    kill(stage->reader.pid, SIGKILL);
    kill(stage->sender.pid, SIGKILL);
    wait_for_starts(3, 3);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_logged("the reader was killed by signal 9 (Killed), starting it again in 5 ms");
    check_logged("the sender was killed by signal 9 (Killed), starting it again in 5 ms");
}

static void a_child_that_fails_before_it_is_ready_is_started_again(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = reader_failing_at_first;
    pid = supervise(with);
    wait_for_starts(2, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_logged("the reader exited with code 3, starting it again in 5 ms");
}

/* A shell's `trap '' CHLD` is inherited. */
static void deaths_are_seen_where_the_parent_ignored_them(void **state)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    pid_t pid = supervise(options());

    (void)state;
    signal(SIGCHLD, before);
    wait_for_starts(1, 1);
    kill(stage->reader.pid, SIGKILL);
    wait_for_starts(2, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
}

static void pauses_double_up_to_a_bound(void **state)
{
    static const int64_t least_ms[] = {5, 10, 20, 20, 20};
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = failing_reader;
    pid = supervise(with);
    wait_for_starts(6, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    for (int i = 0; i < 5; i++)
        check_row(
            "pause", stage->reader.started_ms[i + 1] - stage->reader.started_ms[i] >= least_ms[i]);
    check_number("the other goes on", (uint64_t)stage->sender.starts, 1);
    check_logged("starting it again in 20 ms");
}

static void a_healthy_life_ends_the_doubling(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = healthy_but_failing_reader;
    with.times.healthy_ms = 50;
    pid = supervise(with);
    wait_for_starts(4, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_logged("starting it again in 5 ms");
    check_row("never longer", !strstr(read_log(), "in 10 ms"));
}

static void a_stop_during_the_pause_does_not_wait(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = failing_reader;
    with.times.restart_first_ms = with.times.restart_most_ms = LONG_MS;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_number("once", (uint64_t)stage->reader.starts, 1);
    check_row("sender told", stage->sender.stopped_turn > 0);
}

static void a_child_that_hangs_is_killed_in_time(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = hanging_reader;
    with.times.stop_within_ms = 1000;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_row("the sender had its turn", stage->sender.stopped_turn > 0);
    check_logged("the reader has not stopped in time, killing it");
}

static void a_second_signal_kills_at_once(void **state)
{
    static char stopping[] = "stopping, asked by SIGINT";
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = hanging_reader;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGINT);
    check_row("stopping", scratch_until(is_logged, stopping, BOUND_MS));
    kill(pid, SIGINT);
    check_exit(pid, EXIT_FINE);
}

static void a_second_signal_at_the_same_time_says_the_same(void **state)
{
    static char killing[] = "killing it";
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.times.same_wish_ms = BOUND_MS;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGTERM);
    kill(pid, SIGINT);
    check_exit(pid, EXIT_FINE);
    check_row("the sender had its turn", stage->sender.stopped_turn > 0);
    check_row("nobody was killed", !is_logged(killing));
}

static void a_child_that_cannot_work_ends_all(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.sender = sender_that_cannot_work;
    pid = supervise(with);
    check_exit(pid, EXIT_CONFIG);
    check_number("once", (uint64_t)stage->sender.starts, 1);
    check_row("reader stopped in order", stage->reader.stopped_turn > 0);
    check_logged("the sender can't work with this configuration, stopping");
}

static void once_ends_when_the_sender_has_drained(void **state)
{
    struct supervisor_options with = options();

    (void)state;
    with.is_once = true;
    with.reader = finishing_reader;
    check_exit(supervise(with), EXIT_FINE);
    check_row("drained after the reader's end",
        stage->sender.drained_turn > stage->reader.ended_turn && stage->reader.ended_turn > 0);
    check_number("never stopped", (uint64_t)stage->sender.stopped_turn, 0);
}

static void a_sender_that_dies_draining_drains_again(void **state)
{
    struct supervisor_options with = options();

    (void)state;
    with.is_once = true;
    with.reader = finishing_reader;
    with.sender = sender_dying_in_drain;
    check_exit(supervise(with), EXIT_FINE);
    check_number("twice", (uint64_t)stage->sender.starts, 2);
    check_row("drained", stage->sender.drained_turn > 0);
}

static void once_stopped_before_its_end_says_so(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.is_once = true;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FOUND);
    check_number("not drained", (uint64_t)stage->sender.drained_turn, 0);
}

static void children_leave_signals_to_the_supervisor(void **state)
{
    pid_t pid = supervise(options());

    (void)state;
    wait_for_starts(1, 1);
    kill(stage->reader.pid, SIGTERM);
    kill(stage->reader.pid, SIGINT);
    kill(stage->sender.pid, SIGHUP);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_row("told", stage->reader.stopped_turn > 0 && stage->sender.stopped_turn > 0);
    check_number("no restart", (uint64_t)(stage->reader.starts + stage->sender.starts), 2);
}

static bool have_both_seen_the_end(void *arg)
{
    (void)arg;
    return stage->reader.closed_turn > 0 && stage->sender.closed_turn > 0;
}

static void children_end_when_the_supervisor_is_killed(void **state)
{
    pid_t pid = supervise(options());

    (void)state;
    wait_for_starts(1, 1);
    kill(stage->reader.pid, SIGKILL); /* the second reader has seen the sender's channel */
    wait_for_starts(2, 1);
    kill(pid, SIGKILL);
    check_row("killed", WIFSIGNALED(scratch_wait(pid, BOUND_MS)));
    check_row("both end", scratch_until(have_both_seen_the_end, NULL, BOUND_MS));
}

static void only_the_sender_has_the_key(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = wipe_witness_reader;
    with.api_key = key;
    pid = supervise(with);
    wait_for_starts(1, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    check_row("not the reader", !stage->reader.has_key);
    check_row("the sender", stage->sender.has_key);
}

static void torture_74_a_loop_that_hangs_is_started_again_one_that_waits_is_not(void **state)
{
    struct supervisor_options with = options();
    pid_t pid;

    (void)state;
    with.reader = reader_hanging_at_first;
    with.shared = shared_new(&(struct error){0});
    with.times.look_every_ms = 5;
    with.times.hung_after_ms = 50;
    pid = supervise(with);
    wait_for_starts(2, 1);
    check_logged("the reader hangs: its loop has not turned for");
    usleep(200000); /* four times as long as a hanging one lives */
    check_number("starts of a reader that waits", (uint64_t)stage->reader.starts, 2);
    check_number("starts of a sender that waits", (uint64_t)stage->sender.starts, 1);
    kill(pid, SIGTERM);
    check_exit(pid, EXIT_FINE);
    munmap(with.shared, sizeof(*with.shared));
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STAGE(both_are_told_to_stop_the_reader_first),
        WITH_STAGE(a_signal_right_after_the_start_is_not_lost),
        WITH_STAGE(a_killed_child_is_started_again),
        WITH_STAGE(a_child_that_fails_before_it_is_ready_is_started_again),
        WITH_STAGE(deaths_are_seen_where_the_parent_ignored_them),
        WITH_STAGE(pauses_double_up_to_a_bound),
        WITH_STAGE(a_healthy_life_ends_the_doubling),
        WITH_STAGE(a_stop_during_the_pause_does_not_wait),
        WITH_STAGE(a_child_that_hangs_is_killed_in_time),
        WITH_STAGE(a_second_signal_kills_at_once),
        WITH_STAGE(a_second_signal_at_the_same_time_says_the_same),
        WITH_STAGE(a_child_that_cannot_work_ends_all),
        WITH_STAGE(once_ends_when_the_sender_has_drained),
        WITH_STAGE(a_sender_that_dies_draining_drains_again),
        WITH_STAGE(once_stopped_before_its_end_says_so),
        WITH_STAGE(children_leave_signals_to_the_supervisor),
        WITH_STAGE(children_end_when_the_supervisor_is_killed),
        WITH_STAGE(only_the_sender_has_the_key),
        WITH_STAGE(torture_74_a_loop_that_hangs_is_started_again_one_that_waits_is_not),
    };

    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
