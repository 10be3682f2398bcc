/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/watch.c on a real directory.
 */
#include "shipper/sources/watch.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static struct watch *watch;
static int watched;
static unsigned anything;
static uint32_t move; /* the latest */
static struct buffer names;

static void changed(void *arg, const struct watch_change *change)
{
    (void)arg;
    if (!change->name) {
        anything++;
        return;
    }
    check_row("its directory", change->directory == watched);
    buffer_printf(&names, "%s%s ",
        change->event == WATCH_CAME   ? "+"
        : change->event == WATCH_WENT ? "-"
                                      : "",
        change->name);
    if (change->move != 0 && change->event == WATCH_WENT)
        move = change->move;
    else if (change->move != 0)
        check_row("one number for both", change->move == move);
}

static void see(void)
{
    struct pollfd fd = {.fd = watch_descriptor(watch), .events = POLLIN};

    anything = 0;
    buffer_clear(&names);
    if (poll(&fd, 1, 5000) > 0)
        watch_read(watch, changed, NULL);
}

static int set_up(void **state)
{
    (void)state;
    dir = scratch_new();
    watch = watch_new(0);
    watched = watch_directory(watch, dir);
    return watched >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    watch_free(watch);
    scratch_remove(dir);
    return 0;
}

static void write_file(const char *name)
{
    int fd = open(scratch_path(dir, name), O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static void tells_names_that_are_made_written_and_renamed(void **state)
{
    (void)state;
    write_file("a.log");
    see();
    check_span("made and written", buffer_span(&names), "+a.log a.log ");
    rename(scratch_path(dir, "a.log"), scratch_path(dir, "b.log"));
    see();
    check_span("renamed", buffer_span(&names), "-a.log +b.log ");
    check_number("renamed", anything, 0);
    check_row("as one move", move != 0);
}

static void says_that_anything_may_have_changed_when_directories_do(void **state)
{
    (void)state;
    mkdir(scratch_path(dir, "new"), 0700);
    see();
    check_row("made", anything > 0);
    rmdir(scratch_path(dir, "new"));
    see();
    check_row("removed", anything > 0);
}

static void follows_a_path_to_the_directory_that_is_there_now(void **state)
{
    char old[200];

    (void)state;
    snprintf(old, sizeof(old), "%s.old", dir);
    assert_int_equal(rename(dir, old), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
    see();
    check_row("moved away", anything > 0);
    watched = watch_directory(watch, dir);
    check_row("watched again", watched >= 0);
    write_file("a.log");
    see();
    check_span("in the new one", buffer_span(&names), "+a.log a.log ");
    rmdir(old);
}

static void cannot_watch_what_is_not_there(void **state)
{
    (void)state;
    check_row("absent", watch_directory(watch, scratch_path(dir, "absent")) < 0);
    write_file("file");
    check_row("a file", watch_directory(watch, scratch_path(dir, "file")) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_names_that_are_made_written_and_renamed),
        TEST(says_that_anything_may_have_changed_when_directories_do),
        TEST(follows_a_path_to_the_directory_that_is_there_now),
        TEST(cannot_watch_what_is_not_there),
    };
    int code = cmocka_run_group_tests_name("watch", tests, NULL, NULL);

    buffer_finish(&names);
    return code;
}
