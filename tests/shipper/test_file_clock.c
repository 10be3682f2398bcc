/* SPDX-License-Identifier: MIT
 *
 * A file source under clocks that lie: times of files that cannot be, and a wall
 * clock that jumps while it follows. Timers run on the monotonic clock, and what
 * was read is known by its bytes: nothing is sent again, nothing stands still.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { HOUR_S = 3600, YEAR_S = 365 * 24 * HOUR_S, SWEEP_MS = 61000 };

static void set_mtime(const struct file_world *w, const char *name, int64_t at_s)
{
    struct timespec times[2] = {{at_s, 0}, {at_s, 0}};

    assert_int_equal(utimensat(AT_FDCWD, file_world_path(w, name), times, 0), 0);
}

static void no_time_of_a_file_makes_it_read_twice_or_never(void **state)
{
    struct file_world *w = *state;
    const int64_t times[] = {0, -1, 1, w->now.wall_s - 10 * (int64_t)YEAR_S, w->now.wall_s + HOUR_S,
        w->now.wall_s + YEAR_S, INT32_MAX, INT64_C(1) << 33};

    file_world_open(w, "*.log");
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        char name[20], first[40], second[40];

        snprintf(name, sizeof(name), "%zu.log", i);
        snprintf(first, sizeof(first), "first of %zu\n", i);
        snprintf(second, sizeof(second), "second of %zu\n", i);
        file_world_append(w, name, first);
        set_mtime(w, name, times[i]);
        file_world_drain(w, 0);
        file_world_check_got(w, name, first);
        file_world_append(w, name, second);
        set_mtime(w, name, times[i]);
        file_world_drain(w, 0);
        file_world_check_got(w, name, second);
        file_world_commit(w);
        file_world_close(w);
        file_world_open(w, "*.log");
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, name, "");
    }
}

/* The lines of a file that was written in the future are as old as their reading. */
static void a_file_from_the_future_is_read_as_of_now(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    set_mtime(w, "a.log", w->now.wall_s + YEAR_S);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    check_number("reference", (uint64_t)w->read.origin.time.reference_s, (uint64_t)w->now.wall_s);
}

static void a_clock_that_jumps_sends_nothing_again_and_stops_nothing(void **state)
{
    static const int64_t jumps_s[] = {-HOUR_S, YEAR_S, -YEAR_S, HOUR_S, -2 * (int64_t)YEAR_S};
    struct file_world *w = *state;

    file_world_append(w, "gone.log", "gone\n");
    file_world_append(w, "a.log", "first\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", "first\ngone\n");
    file_world_commit(w);
    for (size_t i = 0; i < sizeof(jumps_s) / sizeof(*jumps_s); i++) {
        char row[40], line[40], later[40];

        snprintf(row, sizeof(row), "jump %zu", i);
        snprintf(line, sizeof(line), "line %zu\n", i);
        snprintf(later, sizeof(later), "later %zu\n", i);
        w->now.wall_s += jumps_s[i];
        file_world_append(w, "a.log", line);
        file_world_drain(w, 0);
        file_world_check_got(w, row, line);
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, row, "");
        file_world_commit(w);

        /* A restart under the new clock. */
        file_world_close(w);
        file_world_open(w, "*.log");
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, row, "");
        file_world_append(w, "a.log", later);
        file_world_drain(w, 0);
        file_world_check_got(w, row, later);
    }
}

static void a_rotation_is_known_under_a_clock_that_jumped(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_close(w);
    file_world_check_got(w, "before", "one\n");
    w->now.wall_s -= HOUR_S;
    file_world_append(w, "a.log", "two\n");
    file_world_rename(w, "a.log", "a.log.1");
    file_world_append(w, "a.log", "three\n");
    file_world_open(w, "a.log*");
    w->now.wall_s += YEAR_S;
    file_world_drain(w, SWEEP_MS);
    check_number("bytes of two and three", w->got.len, strlen("two\nthree\n"));
    check_row("two", memmem(w->got.bytes, w->got.len, "two\n", 4));
    check_row("three", memmem(w->got.bytes, w->got.len, "three\n", 6));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, file_world_set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_time_of_a_file_makes_it_read_twice_or_never),
        TEST(a_file_from_the_future_is_read_as_of_now),
        TEST(a_clock_that_jumps_sends_nothing_again_and_stops_nothing),
        TEST(a_rotation_is_known_under_a_clock_that_jumped),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("file_clock", tests, NULL, NULL);
}
