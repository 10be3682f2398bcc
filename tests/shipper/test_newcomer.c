/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/newcomer.c: rotations into which no look falls, out of a pattern that
 * names the live log alone.
 */
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOLD_MS = 2000 }; /* more than it takes until nothing can be told any more */

static void append_number(struct file_world *w, struct buffer *wanted, int number)
{
    char line[20];

    snprintf(line, sizeof(line), "line %d\n", number);
    file_world_append(w, "a.log", line);
    buffer_append(wanted, span_of(line));
}

/* As logrotate does it: a.log.1 becomes a.log.2, and so on; the oldest is overwritten. */
static void rotate(struct file_world *w, int most)
{
    char from[20], to[20];

    for (int i = most; i >= 1; i--) {
        snprintf(to, sizeof(to), "a.log.%d", i);
        snprintf(from, sizeof(from), i == 1 ? "a.log" : "a.log.%d", i - 1);
        rename(file_world_path(w, from), file_world_path(w, to));
    }
}

static void check_wanted(struct file_world *w, const char *row, struct buffer *wanted)
{
    buffer_append_byte(wanted, '\0');
    file_world_check_got(w, row, wanted->bytes);
    buffer_finish(wanted);
}

static void sum_lost(void *arg, const struct spool_ledger_row *row)
{
    uint64_t *lost = arg;

    *lost += row->account.lines[ACCOUNT_POSSIBLY_LOST];
}

static uint64_t count_lost(struct file_world *w)
{
    uint64_t lost = 0;
    struct error err;

    file_world_commit(w);
    assert_true(spool_each_source(w->spool, sum_lost, &lost, &err));
    return lost;
}

static void torture_16_twenty_rotations_without_a_look(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0};

    append_number(w, &wanted, 0);
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    for (int i = 1; i <= 20; i++) {
        rotate(w, 30);
        append_number(w, &wanted, i);
    }
    file_world_drain(w, 50);
    file_world_drain(w, TOLD_MS);
    check_wanted(w, "all, the oldest first", &wanted);
    check_number("nothing is lost", count_lost(w), 0);
}

static void torture_16_those_that_no_look_can_find_are_counted(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0}, lost = {0};

    append_number(w, &wanted, 0);
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    for (int i = 1; i <= 20; i++) {
        rotate(w, 3);
        append_number(w, i < 17 ? &lost : &wanted, i);
    }
    file_world_drain(w, 50);
    file_world_drain(w, TOLD_MS);
    check_wanted(w, "the three that are there, and the live one", &wanted);
    check_number("made, written to and overwritten", count_lost(w), 16);
    buffer_finish(&lost);
}

static void torture_16_compressed_before_a_look(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0}, packed = {0};
    FILE *file;

    append_number(w, &wanted, 0);
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    rotate(w, 5);
    append_number(w, &wanted, 1);
    rotate(w, 5);
    append_number(w, &wanted, 2);
    gzip_append(&packed, SPAN("line 1\n"));
    file = fopen(file_world_path(w, "a.log.1.gz"), "w");
    assert_non_null(file);
    fwrite(packed.bytes, 1, packed.len, file);
    fclose(file);
    unlink(file_world_path(w, "a.log.1"));
    rename(file_world_path(w, "a.log.1.gz"), file_world_path(w, "a.log.2.gz"));
    file_world_drain(w, 50);
    file_world_drain(w, TOLD_MS);
    check_wanted(w, "from the compressed file", &wanted);
    check_number("nothing is lost", count_lost(w), 0);
    buffer_finish(&packed);
}

static void moved_to_where_nobody_looks_is_counted(void **state)
{
    struct file_world *w = *state;

    file_world_open(w, "a.log");
    mkdir(file_world_path(w, "away"), 0700);
    file_world_append(w, "a.log", "never seen\n");
    file_world_rename(w, "a.log", "away/a.log");
    file_world_append(w, "a.log", "seen\n");
    file_world_drain(w, 50);
    file_world_drain(w, TOLD_MS);
    file_world_drain(w, TOLD_MS);
    file_world_check_got(w, "the live one", "seen\n");
    check_number("the other", count_lost(w), 1);
}

static void what_was_read_or_empty_is_not_missed(void **state)
{
    struct file_world *w = *state;

    file_world_open(w, "*.log");
    file_world_append(w, "a.log", "one\n");
    file_world_drain(w, 0);
    unlink(file_world_path(w, "a.log"));
    close(creat(file_world_path(w, "empty.log"), 0600));
    unlink(file_world_path(w, "empty.log"));
    file_world_append(w, "b.log", "two\n");
    file_world_drain(w, 10);
    file_world_append(w, "b.log", "three\n");
    unlink(file_world_path(w, "b.log"));
    file_world_drain(w, TOLD_MS);
    file_world_drain(w, TOLD_MS);
    file_world_check_got(w, "all", "one\ntwo\nthree\n");
    check_number("nothing is lost", count_lost(w), 0);
}

/* What a pattern takes in is found under its new name anyway: once. */
static void within_the_pattern_each_is_read_once(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0};

    append_number(w, &wanted, 0);
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    for (int i = 1; i <= 5; i++) {
        rotate(w, 30);
        append_number(w, &wanted, i);
    }
    file_world_drain(w, 50);
    file_world_drain(w, TOLD_MS);
    check_number("each once", w->got.len, wanted.len);
    check_number("nothing is lost", count_lost(w), 0);
    buffer_finish(&wanted);
}

/* Root may read everything. */
static void what_cannot_be_opened_is_counted_when_it_leaves(void **state)
{
    struct file_world *w = *state;
    bool is_root = geteuid() == 0;

    file_world_open(w, "a.log");
    file_world_append(w, "a.log", "secret\n");
    chmod(file_world_path(w, "a.log"), 0);
    chmod(w->logs, 0755);
    assert_true(!is_root || seteuid(65534) == 0);
    file_world_drain(w, 50);
    assert_true(!is_root || seteuid(0) == 0);
    file_world_rename(w, "a.log", "a.log.1");
    assert_true(!is_root || seteuid(65534) == 0);
    file_world_drain(w, TOLD_MS);
    assert_true(!is_root || seteuid(0) == 0);
    check_number("its line", count_lost(w), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, file_world_set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(torture_16_twenty_rotations_without_a_look),
        TEST(torture_16_those_that_no_look_can_find_are_counted),
        TEST(torture_16_compressed_before_a_look),
        TEST(moved_to_where_nobody_looks_is_counted),
        TEST(what_was_read_or_empty_is_not_missed),
        TEST(within_the_pattern_each_is_read_once),
        TEST(what_cannot_be_opened_is_counted_when_it_leaves),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("newcomer", tests, NULL, NULL);
}
