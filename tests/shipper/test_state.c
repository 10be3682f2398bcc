/* SPDX-License-Identifier: MIT
 *
 * shipper/state.c through its header: who may work in a state directory.
 */
#include "shipper/state.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000 };

static struct error err;

static int set_up(void **state)
{
    *state = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void a_missing_directory_is_made_for_its_owner_only(void **state)
{
    const char *dir = scratch_path(*state, "new");
    struct stat status;

    assert_true(state_make(dir, &err));
    assert_int_equal(stat(dir, &status), 0);
    check_number("mode", status.st_mode & 07777, 0700);
    assert_true(state_make(dir, &err));
}

static void a_missing_parent_is_an_error_with_a_hint(void **state)
{
    assert_false(state_make(scratch_path(*state, "no/where"), &err));
    check_number("kind", err.kind, ERROR_SYSTEM);
    check_row("hint", err.hint[0] != '\0');
}

static void the_second_instance_is_told_who_is_there(void **state)
{
    char number[32];
    int lock = state_lock(*state, 0, &err);

    assert_true(lock >= 0);
    assert_int_equal(state_lock(*state, 0, &err), -1);
    snprintf(number, sizeof(number), "by process %d", (int)getpid());
    check_row(err.message, strstr(err.message, number));
    check_row("hint", err.hint[0] != '\0');
    close(lock);
    lock = state_lock(*state, 0, &err);
    assert_true(lock >= 0);
    close(lock);
}

static void a_child_left_running_keeps_the_lock(void **state)
{
    int ends[2];
    int lock;
    pid_t child = 0, supervisor;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    supervisor = fork();
    if (supervisor == 0) {
        if (state_lock(*state, 0, &err) < 0)
            _exit(1);
        child = fork();
        if (child == 0)
            while (pause() < 0)
                continue;
        _exit(write(ends[1], &child, sizeof(child)) == sizeof(child) ? 0 : 1);
    }
    assert_int_equal(scratch_wait(supervisor, BOUND_MS), 0);
    assert_int_equal(read(ends[0], &child, sizeof(child)), sizeof(child));
    assert_int_equal(state_lock(*state, 0, &err), -1);
    check_row(err.message, strstr(err.message, "left running"));

    kill(child, SIGKILL);
    lock = state_lock(*state, BOUND_MS, &err); /* waits until it is gone */
    assert_true(lock >= 0);
    close(lock);
    close(ends[0]);
    close(ends[1]);
}

static void a_look_finds_who_is_there_and_keeps_nobody_out(void **state)
{
    struct state_holder holder = {true, 1, 1};
    int lock;

    assert_true(state_look(*state, &holder, &err));
    check_row("never locked", !holder.is_there);
    lock = state_lock(*state, 0, &err);
    assert_true(state_look(*state, &holder, &err));
    check_row("locked", holder.is_there);
    check_number("pid", (uint64_t)holder.pid, (uint64_t)getpid());
    check_row("since", holder.since_s > 1700000000);
    close(lock);
    assert_true(state_look(*state, &holder, &err));
    check_row("given back", !holder.is_there);
    lock = state_lock(*state, 0, &err);
    assert_true(lock >= 0);
    close(lock);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_missing_directory_is_made_for_its_owner_only),
        WITH_DIR(a_missing_parent_is_an_error_with_a_hint),
        WITH_DIR(the_second_instance_is_told_who_is_there),
        WITH_DIR(a_child_left_running_keeps_the_lock),
        WITH_DIR(a_look_finds_who_is_there_and_keeps_nobody_out),
    };

    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
