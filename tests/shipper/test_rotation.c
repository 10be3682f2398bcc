/* SPDX-License-Identifier: MIT
 *
 * The file source where logs are rotated, most of it with an input that names the
 * live log alone. Numbers are those of docs/reliability.md.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/gzip.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWEEP_MS = 61000, SETTLE_MS = 31000 };

/* Reads a.log to its end and stops: what follows happens while nobody looks. */
static void read_and_stop(struct file_world *w, const char *pattern, const char *text)
{
    file_world_append(w, "a.log", text);
    file_world_open(w, pattern);
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_check_got(w, "before", text);
    file_world_close(w);
}

static void start(struct file_world *w, const char *pattern)
{
    file_world_open(w, pattern);
    file_world_drain(w, 0);
}

static void compress(struct file_world *w, const char *name)
{
    struct buffer text = {0}, compressed = {0};
    char to[64];
    int in = open(file_world_path(w, name), O_RDONLY), out;
    ssize_t n;

    while ((n = read(in, buffer_reserve(&text, 65536), 65536)) > 0)
        text.len += (size_t)n;
    close(in);
    gzip_append(&compressed, buffer_span(&text));
    snprintf(to, sizeof(to), "%s.gz", name);
    out = open(file_world_path(w, to), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(out, compressed.bytes, compressed.len), (ssize_t)compressed.len);
    close(out);
    unlink(file_world_path(w, name));
    buffer_finish(&text);
    buffer_finish(&compressed);
}

/* Over FILE_MARKER_BYTES: what is needed to know a file by its content alone. */
static const char long_enough[] =
    "one line of many, which is long enough to be known by what it says and by nothing else\n"
    "and two lines of many, which are long enough to be known by what they say and nothing\n"
    "and three lines of many, which are long enough to be known by what they say, no more\n";

static void torture_9_the_writer_goes_on_in_the_renamed_file(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    file_world_rename(w, "a.log", "a.log.1");
    file_world_append(w, "a.log", "new one\n");
    for (int i = 0; i < 10; i++) {
        file_world_append(w, "a.log.1", "late\n");
        file_world_drain(w, 3000);
    }
    file_world_check_got(w, "all, each in its order",
        "one\nlate\nnew one\nlate\nlate\nlate\nlate\nlate\nlate\nlate\nlate\nlate\n");
}

struct rotated {
    const char *to;
    bool is_found;
};

static void torture_10_a_file_rotated_while_stopped_is_finished_first(void **state)
{
    static const struct rotated names[] = {{"a.log.1", true}, {"a.log-20261123", true},
        {"a-2026-11-23.log", true}, {"a.log.old", true}, {"elsewhere", false}};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct file_world *w = *state;

        read_and_stop(w, "a.log", "banner\n");
        file_world_append(w, "a.log", "rest\n");
        file_world_rename(w, "a.log", names[i].to);
        file_world_append(w, "a.log", "banner\nnew\n");
        start(w, "a.log");
        /* What both begin with was read. */
        file_world_check_got(w, names[i].to, names[i].is_found ? "rest\nnew\n" : "new\n");
        file_world_append(w, names[i].to, "late\n");
        file_world_drain(w, 2000);
        file_world_check_got(w, "its writer goes on", names[i].is_found ? "late\n" : "");
        file_world_tear_down(state);
        file_world_set_up(state);
    }
}

static void torture_10_in_the_glob_the_oldest_comes_first(void **state)
{
    struct file_world *w = *state;
    struct timespec old[2] = {{1600000000, 0}, {1600000000, 0}};

    read_and_stop(w, "a.log*", "one\n");
    file_world_append(w, "a.log", "rest\n");
    file_world_rename(w, "a.log", "a.log.2");
    utimensat(AT_FDCWD, file_world_path(w, "a.log.2"), old, 0);
    old[0].tv_sec = ++old[1].tv_sec;
    file_world_append(w, "a.log.1", "between\n");
    utimensat(AT_FDCWD, file_world_path(w, "a.log.1"), old, 0);
    file_world_append(w, "a.log", "new\n");
    start(w, "a.log*");
    file_world_check_got(w, "in order", "rest\nbetween\nnew\n");
}

static void siblings_of_which_nothing_was_read_are_left_alone(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log.1", "banner\nhistory\n");
    file_world_append(w, "a.log-2", long_enough);
    read_and_stop(w, "a.log", "banner\n");
    file_world_append(w, "a.log", "rest\n");
    start(w, "a.log");
    file_world_check_got(w, "the first line of all is no proof", "rest\n");
}

static void torture_11_an_archive_folder_is_looked_into_when_configured(void **state)
{
    char *folders[] = {NULL};
    struct strings archive = {folders, 1};

    for (int i = 0; i < 3; i++) {
        struct file_world *w = *state;
        char name[40];

        folders[0] = memory_string(i == 0   ? SPAN("archive")
                                   : i == 1 ? SPAN("old*")
                                            : span_of(file_world_path(w, "archive")));
        w->input.archive = &archive;
        assert_int_equal(mkdir(file_world_path(w, i == 1 ? "older" : "archive"), 0700), 0);
        snprintf(name, sizeof(name), "%s/whatever", i == 1 ? "older" : "archive");
        read_and_stop(w, "a.log", "one\n");
        file_world_append(w, "a.log", "rest\n");
        file_world_rename(w, "a.log", name);
        file_world_append(w, "a.log", "new\n");
        start(w, "a.log");
        check_row(folders[0], span_has_prefix(buffer_span(&w->got), SPAN("rest\n")) ||
                                  w->got.len == strlen("rest\nnew\n"));
        file_world_tear_down(state);
        free(folders[0]);
        file_world_set_up(state);
    }
}

static void torture_12_rotated_and_compressed_while_stopped(void **state)
{
    struct file_world *w = *state;

    read_and_stop(w, "a.log", long_enough);
    file_world_append(w, "a.log", "rest\n");
    file_world_rename(w, "a.log", "a.log.1");
    compress(w, "a.log.1");
    file_world_append(w, "a.log", "new\n"); /* often with the inode that has just become free */
    start(w, "a.log");
    file_world_check_got(w, "the rest from the .gz, then the new file", "rest\nnew\n");
    file_world_commit(w);
    file_world_close(w);
    start(w, "a.log");
    file_world_check_got(w, "nothing twice", "");
}

static void torture_12_rotated_and_compressed_while_running(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", long_enough);
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", long_enough);
    for (int i = 0; i < 3; i++) {
        char line[20];

        snprintf(line, sizeof(line), "new %d\n", i);
        file_world_rename(w, "a.log", "a.log.1");
        compress(w, "a.log.1");
        file_world_append(w, "a.log", line);
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, "the new file, not the .gz", line);
        unlink(file_world_path(w, "a.log.1.gz"));
    }
}

static void truncate_it(struct file_world *w, const struct source_read *read)
{
    (void)read;
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", "after\n");
    w->each = NULL;
}

static void torture_13_truncated_while_it_is_read(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\ntwo\n");
    file_world_open(w, "a.log");
    w->each = truncate_it;
    file_world_drain(w, 0);
    file_world_check_got(
        w, "what was read, and the new life from its beginning", "one\ntwo\nafter\n");
}

static void torture_13_what_copytruncate_saved_is_read_from_the_copy(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", long_enough);
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", long_enough);
    file_world_append(w, "a.log", "rest\n");
    file_world_copy(w, "a.log", "a.log.1");
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", "new\n");
    file_world_drain(w, 0);
    file_world_check_got(w, "outside the glob too", "rest\nnew\n");
}

static void torture_14_truncated_and_grown_beyond_the_old_offset(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\ntwo\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", "one\ntwo\n");
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", long_enough);
    file_world_drain(w, 0);
    file_world_check_got(w, "from its beginning", long_enough);
}

static void torture_16_twenty_rotations_in_a_second(void **state)
{
    struct file_world *w = *state;
    struct buffer wanted = {0};

    file_world_append(w, "a.log", "line 0\n");
    file_world_open(w, "a.log");
    for (int i = 0; i < 20; i++) {
        char line[20], to[20];

        buffer_printf(&wanted, "line %d\nrest %d\n", i, i);
        snprintf(line, sizeof(line), "rest %d\n", i);
        file_world_append(w, "a.log", line);
        snprintf(to, sizeof(to), "a.log.%d", i);
        file_world_rename(w, "a.log", to);
        snprintf(line, sizeof(line), "line %d\n", i + 1);
        file_world_append(w, "a.log", line);
        file_world_drain(w, 50);
    }
    buffer_printf(&wanted, "line 20\n");
    buffer_append_byte(&wanted, '\0');
    file_world_check_got(w, "all", wanted.bytes);
    buffer_finish(&wanted);
}

static void torture_17_deleted_and_made_again_alike(void **state)
{
    struct file_world *w = *state;
    uint64_t generation;

    file_world_append(w, "a.log", "first\none\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    generation = w->read.origin.generation;
    buffer_clear(&w->got);
    unlink(file_world_path(w, "a.log"));
    file_world_append(w, "a.log", "first\ntwo\n");
    file_world_drain(w, 2000);
    file_world_check_got(w, "all of it", "first\ntwo\n");
    check_row("another life", w->read.origin.generation > generation);
}

static void torture_22_saved_by_an_editor_and_by_sed(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", long_enough);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", long_enough);
    /* A new file under the old name: all of the old, and more. */
    file_world_copy(w, "a.log", ".a.log.swp");
    file_world_append(w, ".a.log.swp", "added\n");
    file_world_rename(w, ".a.log.swp", "a.log");
    file_world_drain(w, 2000);
    file_world_check_got(w, "only what is new", "added\n");
    /* One with other content is another file. */
    file_world_append(w, ".sed", "and nothing of the old\n");
    file_world_rename(w, ".sed", "a.log");
    file_world_drain(w, 2000);
    file_world_check_got(w, "all of it", "and nothing of the old\n");
}

static void torture_22_sed_itself_edits_the_last_lines(void **state)
{
    struct buffer command = {0};
    struct file_world *w = *state;

    file_world_append(w, "a.log", long_enough);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", long_enough);
    file_world_append(w, "a.log", "user=alice\n");
    buffer_printf(&command, "sed -i 's/alice/bob/; $a added' %s", file_world_path(w, "a.log"));
    buffer_append_byte(&command, '\0');
    assert_int_equal(system(command.bytes), 0);
    buffer_finish(&command);
    file_world_drain(w, 2000);
    file_world_check_got(w, "once before, once after", "user=alice\nuser=bob\nadded\n");
}

static void an_unlinked_log_is_final_after_settle(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\nhalf");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "while it is there", "one\n");
    unlink(file_world_path(w, "a.log"));
    file_world_drain(w, 0);
    file_world_drain(w, SETTLE_MS);
    file_world_check_got(w, "noticed before any sweep", "half");
}

static void torture_28_a_line_half_written_for_long_is_one_line(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "one\nhal");
    file_world_open(w, "a.log");
    for (int i = 0; i < 10; i++)
        file_world_drain(w, 60000);
    file_world_commit(w);
    file_world_check_got(w, "ten minutes", "one\n");
    file_world_close(w);
    start(w, "a.log");
    file_world_append(w, "a.log", "f\n");
    file_world_drain(w, 1000);
    file_world_check_got(w, "completed", "half\n");
    check_number("its place", w->read.chunk.offset, 4);
}

static void an_unfinished_line_is_final_where_nothing_is_added_any_more(void **state)
{
    static const char *const patterns[] = {"a.log", "a.log*"};

    for (size_t i = 0; i < 2; i++) {
        struct file_world *w = *state;

        file_world_append(w, "a.log", "one\nhal");
        file_world_open(w, patterns[i]);
        file_world_drain(w, SETTLE_MS);
        file_world_check_got(w, "under its live name never", "one\n");
        file_world_rename(w, "a.log", "a.log.1");
        file_world_append(w, "a.log", "new\n");
        file_world_drain(w, 2000);
        file_world_check_got(w, "not yet", "new\n");
        file_world_append(w, "a.log.1", "f");
        for (int k = 0; k < 20; k++)
            file_world_drain(w, 1000);
        file_world_check_got(w, "it has grown since", "");
        for (int k = 0; k < 12; k++)
            file_world_drain(w, 1000);
        file_world_check_got(w, "settled", "half");
        check_row("it says so", w->read.chunk.is_final);
        file_world_commit(w);
        file_world_append(w, "a.log.1", " too late\nnext\n");
        file_world_close(w);
        start(w, patterns[i]);
        file_world_check_got(w, "late", "next\n");
        check_number("no line was too long", w->read.passed, 0);
        file_world_tear_down(state);
        file_world_set_up(state);
    }
}

static void once_takes_unfinished_lines_when_told_to(void **state)
{
    struct file_world *w = *state;

    w->is_once = true;
    file_world_append(w, "a.log", "one\nhalf");
    file_world_append(w, "b.log", "nothing but half");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "held", "one\n");
    check_number("held", w->source->verbs->held(w->source), 2);
    file_world_commit(w);
    file_world_close(w);
    w->is_final = true;
    start(w, "*.log");
    file_world_check_got(w, "final", "halfnothing but half");
    file_world_commit(w);
    file_world_close(w);
    start(w, "*.log");
    file_world_check_got(w, "once", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, file_world_set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(torture_9_the_writer_goes_on_in_the_renamed_file),
        TEST(torture_10_a_file_rotated_while_stopped_is_finished_first),
        TEST(torture_10_in_the_glob_the_oldest_comes_first),
        TEST(siblings_of_which_nothing_was_read_are_left_alone),
        TEST(torture_11_an_archive_folder_is_looked_into_when_configured),
        TEST(torture_12_rotated_and_compressed_while_stopped),
        TEST(torture_12_rotated_and_compressed_while_running),
        TEST(torture_13_truncated_while_it_is_read),
        TEST(torture_13_what_copytruncate_saved_is_read_from_the_copy),
        TEST(torture_14_truncated_and_grown_beyond_the_old_offset),
        TEST(torture_16_twenty_rotations_in_a_second),
        TEST(torture_17_deleted_and_made_again_alike),
        TEST(torture_22_saved_by_an_editor_and_by_sed),
        TEST(torture_22_sed_itself_edits_the_last_lines),
        TEST(an_unlinked_log_is_final_after_settle),
        TEST(torture_28_a_line_half_written_for_long_is_one_line),
        TEST(an_unfinished_line_is_final_where_nothing_is_added_any_more),
        TEST(once_takes_unfinished_lines_when_told_to),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
