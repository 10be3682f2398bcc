/* SPDX-License-Identifier: MIT
 *
 * The file source through the verbs of source.h: real files, a real spool for the
 * cursors, and a clock that only moves when the test says so.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWEEP_MS = 6000, SETTLE_MS = 31000, BUSY_MS = 50 };

static int set_up(void **state)
{
    struct file_world *w;

    file_world_set_up(state);
    w = *state;
    w->input.start = START_DEFAULT;
    return 0;
}

static void reopen(struct file_world *w, const char *pattern)
{
    file_world_close(w);
    file_world_open(w, pattern);
}

static void starts_at_the_end_at_first_sight_and_at_the_beginning_of_later_files(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "old\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "first sight", "");
    file_world_append(w, "a.log", "new\n");
    file_world_append(w, "b.log", "later\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "running", "new\nlater\n");
    file_world_commit(w);

    file_world_close(w);
    file_world_append(w, "a.log", "while stopped\n");
    file_world_append(w, "c.log", "made while stopped\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "again", "while stopped\nmade while stopped\n");
}

static void what_others_do_in_the_folder_now_and_then_keeps_no_line_waiting(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "old\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_append(w, "other", "x");
    file_world_drain(w, 0);
    file_world_append(w, "a.log", "at once\n");
    file_world_drain(w, 0);
    file_world_check_got(w, "one event of another file", "at once\n");
    for (unsigned i = 0; i < 20; i++) {
        file_world_append(w, "other", "x");
        file_world_drain(w, 0);
    }
    file_world_append(w, "a.log", "in a moment\n");
    file_world_drain(w, 0);
    file_world_check_got(w, "many", "");
    file_world_drain(w, BUSY_MS);
    file_world_check_got(w, "a moment later", "in a moment\n");
}

static void the_place_of_the_first_sight_is_durable_before_anything_is_read(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "old\n");
    file_world_open(w, "*.log");
    file_world_commit(w);
    file_world_append(w, "a.log", "new\n");
    reopen(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "after a crash", "new\n");
}

static void starts_at_the_beginning_when_told_to(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "old\n");
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "literal path", "old\n");
}

static void reads_again_only_what_was_not_committed(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_append(w, "a.log", "two\nunfin");
    file_world_drain(w, 0);
    file_world_check_got(w, "before", "one\ntwo\n");
    check_number("before", w->source->verbs->held(w->source), 1);

    reopen(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "after a crash", "two\n");
    file_world_commit(w);
    file_world_append(w, "a.log", "ished\n");
    reopen(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "the line is whole", "unfinished\n");
    check_number("its place", w->read.chunk.offset, 8);
}

/* As an engine whose records begin with "-": the last waits, unless the chunk is
 * final. Draws what it takes, with a | where a chunk ends. */
static void take_records(struct file_world *w, const struct source_read *read)
{
    struct span bytes = read->chunk.bytes;

    w->got.len -= bytes.len;
    for (size_t i = bytes.len; i > 0 && !read->chunk.is_final && w->left == 0; i--)
        if (bytes.at[i - 1] == '-')
            w->left = bytes.len - (i - 1);
    if (w->left < bytes.len) {
        buffer_append(&w->got, (struct span){bytes.at, bytes.len - w->left});
        buffer_append_byte(&w->got, '|');
    }
}

static void holds_the_last_record_until_the_next_begins(void **state)
{
    struct file_world *w = *state;

    w->each = take_records;
    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "-a\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_append(w, "a.log", "x\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "nothing yet", "");
    check_number("held", w->source->verbs->held(w->source), 1);
    file_world_commit(w);
    reopen(w, "*.log");
    file_world_append(w, "a.log", "y\n-b\nx\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "across a restart", "-a\nx\ny\n|");
    check_number("its place", w->read.chunk.offset, 0);
    file_world_append(w, "a.log", "-c\n");
    file_world_drain(w, 3600 * 1000);
    file_world_check_got(w, "next", "-b\nx\n|");
    file_world_drain(w, 3600 * 1000);
    file_world_check_got(w, "not by a timer", "");
}

static void the_last_record_of_a_settled_file_is_complete(void **state)
{
    struct file_world *w = *state;

    w->each = take_records;
    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "-a\nx\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_rename(w, "a.log", "a.log.1");
    file_world_drain(w, SWEEP_MS);
    file_world_append(w, "a.log.1", "y\n");
    file_world_append(w, "a.log", "z\n-b\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "across the rotation", "z\n|");
    for (unsigned passed_s = 0; passed_s < 20; passed_s += 5)
        file_world_drain(w, 5000);
    file_world_check_got(w, "not settled yet", "");
    for (unsigned passed_s = 0; passed_s < 20; passed_s += 5)
        file_world_drain(w, 5000);
    file_world_check_got(w, "settled", "-a\nx\ny\n|");
    check_number("held", w->source->verbs->held(w->source), 1);
}

static void a_truncation_while_a_record_is_held_is_seen(void **state)
{
    struct file_world *w = *state;

    w->each = take_records;
    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "-a\nx\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", "-b\n");
    file_world_drain(w, SWEEP_MS);
    file_world_append(w, "a.log", "-c\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "what is there now", "-b\n|");
}

static void reads_the_rest_of_a_renamed_file_before_its_successor(void **state)
{
    static const char *const names[] = {"a.log.1", "rotated-a"}; /* in the pattern, and not */

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct file_world *w = *state;

        file_world_close(w);
        w->input.start = START_BEGINNING;
        file_world_append(w, "a.log", i == 0 ? "zero\n" : "one\n");
        file_world_open(w, "a.log*");
        file_world_drain(w, 0);
        buffer_clear(&w->got);
        file_world_append(w, "a.log", "rest\n");
        file_world_rename(w, "a.log", names[i]);
        file_world_append(w, "a.log", i == 0 ? "new zero\n" : "new one\n");
        file_world_append(w, names[i], "late\n");
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(
            w, names[i], i == 0 ? "rest\nlate\nnew zero\n" : "rest\nlate\nnew one\n");
        file_world_append(w, names[i], "later still\n");
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, names[i], "later still\n");
        file_world_commit(w);
        reopen(w, "a.log*");
        file_world_drain(w, SWEEP_MS);
        file_world_check_got(w, "nothing twice", "");
    }
}

/* Whether a file without a name any more is kept by one of our descriptors. */
static bool is_held_open(const struct file_world *w, const char *name)
{
    char wanted[400], target[400], link[40];
    bool is_one = false;

    snprintf(wanted, sizeof(wanted), "%s (deleted)", file_world_path(w, name));
    for (int fd = 0; fd < 256; fd++) {
        ssize_t len;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        len = readlink(link, target, sizeof(target) - 1);
        target[len > 0 ? len : 0] = '\0';
        is_one = is_one || strcmp(target, wanted) == 0;
    }
    return is_one;
}

static void forgets_a_file_without_a_name_when_it_is_quiet(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_append(w, "a.log", "two\n");
    unlink(file_world_path(w, "a.log"));
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "deleted", "one\ntwo\n");
    check_row("still open", is_held_open(w, "a.log"));
    for (int i = 0; i < 8; i++)
        file_world_drain(w, SWEEP_MS);
    check_row("closed", !is_held_open(w, "a.log"));
}

static void a_truncated_file_is_a_new_generation(void **state)
{
    static const char *const after[] = {"x\n", "One longer line than there was before\n"};
    struct file_world *w = *state;
    uint64_t generation;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\ntwo\nthree\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
        generation = w->read.origin.generation;
        buffer_clear(&w->got);
        assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
        file_world_append(w, "a.log", after[i]);
        file_world_drain(w, 0);
        file_world_check_got(w, "from its beginning", after[i]);
        check_row("another generation", w->read.origin.generation > generation);
        check_number("its first byte", w->read.chunk.offset, 0);
    }
}

/* Lines of 59 bytes, numbered from there. */
static void append_lines(struct file_world *w, const char *name, unsigned from, unsigned count)
{
    struct buffer text = {0};

    for (unsigned i = from; i < from + count; i++)
        buffer_printf(&text, "%06u a line that is long enough to fill a file soon, yes\n", i);
    buffer_append_byte(&text, '\0');
    file_world_append(w, name, text.bytes);
    buffer_finish(&text);
}

static size_t lines_got(struct file_world *w)
{
    size_t lines = 0;

    for (size_t i = 0; i < w->got.len; i++)
        lines += w->got.bytes[i] == '\n';
    buffer_clear(&w->got);
    return lines;
}

static void a_copy_is_not_read_again(void **state)
{
    struct file_world *w = *state;
    uint64_t generation;

    w->input.start = START_BEGINNING;
    append_lines(w, "a.log", 0, 100);
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    check_number("all", lines_got(w), 100);
    generation = w->read.origin.generation;

    /* Half of a copy, then the original is outgrown: `cp` under way. */
    file_world_copy(w, "a.log", "a.log.1");
    assert_int_equal(truncate(file_world_path(w, "a.log.1"), 3000), 0);
    file_world_drain(w, SWEEP_MS);
    check_number("half a copy", lines_got(w), 0);
    append_lines(w, "a.log", 100, 10);
    file_world_copy(w, "a.log", "a.log.1");
    append_lines(w, "a.log", 110, 10);
    file_world_drain(w, SWEEP_MS);
    check_number("the new lines, once", lines_got(w), 20);
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    append_lines(w, "a.log", 500, 5);
    file_world_drain(w, SWEEP_MS);
    check_number("after the truncation", lines_got(w), 5);
    check_row("a new life", w->read.origin.generation > generation);
    file_world_commit(w);
    reopen(w, "a.log*");
    file_world_drain(w, SWEEP_MS);
    check_number("after a restart", lines_got(w), 0);
}

static void what_only_a_copy_still_has_is_read_from_it_with_the_same_identity(void **state)
{
    struct file_world *w = *state;
    struct source_read first;

    w->input.start = START_BEGINNING;
    append_lines(w, "a.log", 0, 100);
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    first = w->read;
    check_number("before", lines_got(w), 100);
    append_lines(w, "a.log", 100, 10);
    file_world_copy(w, "a.log", "a.log.1");
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_drain(w, SWEEP_MS);
    check_number("the rest", lines_got(w), 10);
    check_number("generation", w->read.origin.generation, first.origin.generation);
    check_number("offset", w->read.chunk.offset, 100 * 59);
}

static void a_copy_goes_on_where_its_original_was_when_that_was_truncated(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    append_lines(w, "a.log", 0, 100);
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    check_number("before", lines_got(w), 100);
    append_lines(w, "a.log", 100, 50);
    file_world_copy(w, "a.log", "a.log.1");
    w->now.monotonic_ms += SWEEP_MS;
    assert_true(file_world_turn(w));
    check_number("from the original, the copy waits", lines_got(w), 50);
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_drain(w, 0);
    check_number("from the copy", lines_got(w), 0);
}

/* copytruncate after a burst, all of it before anybody looked. */
static void a_rotated_copy_of_an_unread_log_is_not_read_twice(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_open(w, "a.log*");
    append_lines(w, "a.log", 0, 100);
    file_world_copy(w, "a.log", "a.log.1");
    file_world_drain(w, SWEEP_MS);
    check_number("once", lines_got(w), 100);
}

/* cp in the middle of a line: whoever finishes the line, the copy's half of it is none. */
static void the_half_line_of_a_copy_is_not_a_line(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    append_lines(w, "a.log", 0, 100);
    file_world_append(w, "a.log", "user=al");
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    check_number("all but the half", lines_got(w), 100);
    file_world_copy(w, "a.log", "a.log.bak");
    file_world_copy(w, "a.log", "a.log.gone");
    file_world_drain(w, 0);
    unlink(file_world_path(w, "a.log.gone"));
    file_world_drain(w, SWEEP_MS);
    file_world_drain(w, SETTLE_MS);
    file_world_drain(w, SETTLE_MS);
    file_world_check_got(w, "while the log may go on", "");
    file_world_commit(w);
    file_world_append(w, "a.log", "ice\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "once it has", "user=alice\n");
    file_world_commit(w);
    reopen(w, "a.log*");
    file_world_drain(w, SETTLE_MS);
    file_world_drain(w, SETTLE_MS);
    file_world_check_got(w, "after a restart", "");
}

static void a_rotation_while_stopped_is_found_by_content(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "banner\none\n");
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_check_got(w, "before", "banner\none\n");
    file_world_close(w);
    file_world_append(w, "a.log", "two\n");
    file_world_rename(w, "a.log", "a.log.1");
    file_world_append(w, "a.log", "banner\nthree\n");
    file_world_open(w, "a.log*");
    file_world_drain(w, 0);
    file_world_check_got(w, "old rest, then the new file", "two\nbanner\nthree\n");
}

static void live_files_that_begin_alike_are_two(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    append_lines(w, "messages", 0, 80);
    append_lines(w, "syslog", 0, 80);
    append_lines(w, "syslog", 200, 1);
    file_world_open(w, "*s*");
    file_world_drain(w, 0);
    check_number("both", lines_got(w), 161);
    append_lines(w, "messages", 300, 1);
    append_lines(w, "syslog", 400, 1);
    file_world_drain(w, SWEEP_MS);
    check_number("both go on", lines_got(w), 2);
    file_world_commit(w);
    append_lines(w, "messages", 500, 1);
    reopen(w, "*s*");
    file_world_drain(w, 0);
    check_number("each has its row", lines_got(w), 1);
}

static void links_to_one_file_have_one_reader(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    assert_int_equal(link(file_world_path(w, "a.log"), file_world_path(w, "hard.log")), 0);
    assert_int_equal(symlink("a.log", file_world_path(w, "soft.log")), 0);
    file_world_open(w, "*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_append(w, "hard.log", "two\n");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "once", "one\ntwo\n");
}

static void takes_one_chunk_of_each_file_in_turn(void **state)
{
    struct file_world *w = *state;
    unsigned lines = 3 * LIMIT_CHUNK_BYTES / 59;
    char last = 0;

    w->input.start = START_BEGINNING;
    append_lines(w, "a.log", 0, lines);
    append_lines(w, "b.log", 900000, lines);
    file_world_open(w, "*.log");
    while (file_world_turn(w)) {
        check_row("bounded", w->read.chunk.bytes.len <= LIMIT_CHUNK_BYTES);
        check_row("in turn", w->chunks > 6 || w->read.chunk.bytes.at[0] != last);
        last = w->read.chunk.bytes.at[0];
    }
    check_number("all", lines_got(w), 2 * lines);
}

static void sets_the_mtime_as_reference_until_the_end_was_reached(void **state)
{
    struct timespec times[2] = {{1600000000, 0}, {1600000000, 0}};
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    utimensat(AT_FDCWD, file_world_path(w, "a.log"), times, 0);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    check_number("catching up", (uint64_t)w->read.origin.time.reference_s, 1600000000);
    file_world_append(w, "a.log", "two\n");
    file_world_drain(w, SWEEP_MS);
    check_number("live", (uint64_t)w->read.origin.time.reference_s, (uint64_t)w->now.wall_s);
}

static void a_time_of_1970_is_no_reference(void **state)
{
    struct timespec times[2] = {{0, 0}, {0, 0}};
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    utimensat(AT_FDCWD, file_world_path(w, "a.log"), times, 0);
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    check_number("now", (uint64_t)w->read.origin.time.reference_s, (uint64_t)w->now.wall_s);
}

static void ends_when_everything_there_is_was_read_once(void **state)
{
    struct file_world *w = *state;

    w->is_once = true;
    file_world_append(w, "a.log", "one\nunfin");
    file_world_append(w, "b.log", "unfinished too");
    file_world_append(w, "c.log", "two\n");
    file_world_open(w, "*.log");
    while (file_world_turn(w))
        ;
    file_world_check_got(w, "from the beginning", "one\ntwo\n");
    assert_int_equal(w->source->verbs->read(w->source, &w->now, &w->read), SOURCE_END);
    check_number("held", w->source->verbs->held(w->source), 2);
}

/* Root may read everything, so these tests are somebody else for a while. */
static void be_somebody(struct file_world *w, bool is_root)
{
    chmod(w->logs, 0755);
    assert_true(geteuid() != 0 || is_root || seteuid(65534) == 0);
    assert_true(!is_root || seteuid(getuid()) == 0);
}

static void a_file_that_may_not_be_read_at_first_starts_at_its_end_when_it_may(void **state)
{
    struct file_world *w = *state;

    file_world_append(w, "a.log", "months of history\n");
    chmod(file_world_path(w, "a.log"), 0);
    be_somebody(w, false);
    file_world_open(w, "*.log");
    be_somebody(w, true);
    file_world_commit(w);
    check_number("none", file_source_found(w->source, 0), 0);
    chmod(file_world_path(w, "a.log"), 0644);
    reopen(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "history", "");
    file_world_append(w, "a.log", "new\n");
    file_world_drain(w, 0);
    file_world_check_got(w, "new", "new\n");
    file_world_commit(w);
    unlink(file_world_path(w, "a.log"));
    file_world_append(w, "a.log", "a file of that name later\n");
    reopen(w, "*.log");
    file_world_drain(w, 0);
    file_world_check_got(w, "late once", "a file of that name later\n");
}

static void goes_on_when_a_file_can_be_read_again(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    file_world_commit(w);
    file_world_check_got(w, "before", "one\n");
    chmod(file_world_path(w, "a.log"), 0);
    file_world_append(w, "a.log", "two\n");
    be_somebody(w, false);
    reopen(w, "*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "meanwhile", "");
    be_somebody(w, true);
    chmod(file_world_path(w, "a.log"), 0644);
    file_world_drain(w, 0);
    file_world_check_got(w, "at its offset, at the hint", "two\n");
}

static void skips_what_is_no_file(void **state)
{
    struct file_world *w = *state;

    w->input.start = START_BEGINNING;
    assert_int_equal(mkfifo(file_world_path(w, "fifo.log"), 0600), 0);
    assert_int_equal(mkdir(file_world_path(w, "dir.log"), 0700), 0);
    assert_int_equal(symlink("loop.log", file_world_path(w, "loop.log")), 0);
    assert_int_equal(symlink("nowhere", file_world_path(w, "dangling.log")), 0);
    file_world_append(w, "a.log", "one\n");
    file_world_open(w, "*.log");
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "the file", "one\n");
    check_number("only that", file_source_found(w->source, 0), 1);
}

static void counts_what_it_passes_over(void **state)
{
    struct file_world *w = *state;
    char *line = memory_new(LIMIT_LINE_BYTES + 101);
    uint64_t passed = 0;

    w->input.start = START_BEGINNING;
    memset(line, 'x', LIMIT_LINE_BYTES + 100);
    file_world_append(w, "a.log", line);
    file_world_append(w, "a.log", "\nnext\n");
    file_world_open(w, "*.log");
    assert_true(file_world_turn(w));
    check_row("cut", w->read.chunk.is_cut);
    while (file_world_turn(w))
        passed += w->read.passed;
    check_number("rest of the line", passed, 101);
    check_row("next", span_is(w->read.chunk.bytes, "next\n"));
    free(line);
}

static void finds_files_in_directories_that_appear(void **state)
{
    struct file_world *w = *state;

    file_world_open(w, "*/app.log");
    file_world_drain(w, 0);
    assert_int_equal(mkdir(file_world_path(w, "one"), 0700), 0);
    file_world_append(w, "one/app.log", "hello\n");
    file_world_drain(w, 200);
    file_world_check_got(w, "told by a hint, long before the sweep", "hello\n");
}

static void a_file_that_two_inputs_name_has_one_reader(void **state)
{
    struct file_world *w = *state;
    struct file_input inputs[2] = {w->input, w->input};
    struct file_source_options options = {.inputs = inputs, .count = 2};
    char literal[300];
    struct error err;

    file_world_append(w, "a.log", "one\n");
    snprintf(w->pattern, sizeof(w->pattern), "%s/*.log", w->logs);
    snprintf(literal, sizeof(literal), "%s/a.log", w->logs);
    inputs[0].pattern = w->pattern;
    inputs[1].pattern = literal;
    inputs[0].start = inputs[1].start = START_BEGINNING;
    w->source = file_source_open(&options, w->spool, &w->now, &err);
    assert_non_null(w->source);
    file_world_drain(w, SWEEP_MS);
    file_world_check_got(w, "once", "one\n");
    check_number("the first has it", file_source_found(w->source, 0), 1);
    check_number("the second has not", file_source_found(w->source, 1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, file_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts_at_the_end_at_first_sight_and_at_the_beginning_of_later_files),
        TEST(what_others_do_in_the_folder_now_and_then_keeps_no_line_waiting),
        TEST(the_place_of_the_first_sight_is_durable_before_anything_is_read),
        TEST(starts_at_the_beginning_when_told_to),
        TEST(reads_again_only_what_was_not_committed),
        TEST(holds_the_last_record_until_the_next_begins),
        TEST(the_last_record_of_a_settled_file_is_complete),
        TEST(a_truncation_while_a_record_is_held_is_seen),
        TEST(reads_the_rest_of_a_renamed_file_before_its_successor),
        TEST(forgets_a_file_without_a_name_when_it_is_quiet),
        TEST(a_truncated_file_is_a_new_generation),
        TEST(a_copy_is_not_read_again),
        TEST(what_only_a_copy_still_has_is_read_from_it_with_the_same_identity),
        TEST(a_copy_goes_on_where_its_original_was_when_that_was_truncated),
        TEST(a_rotated_copy_of_an_unread_log_is_not_read_twice),
        TEST(the_half_line_of_a_copy_is_not_a_line),
        TEST(a_rotation_while_stopped_is_found_by_content),
        TEST(live_files_that_begin_alike_are_two),
        TEST(links_to_one_file_have_one_reader),
        TEST(takes_one_chunk_of_each_file_in_turn),
        TEST(sets_the_mtime_as_reference_until_the_end_was_reached),
        TEST(a_time_of_1970_is_no_reference),
        TEST(ends_when_everything_there_is_was_read_once),
        TEST(a_file_that_may_not_be_read_at_first_starts_at_its_end_when_it_may),
        TEST(goes_on_when_a_file_can_be_read_again),
        TEST(skips_what_is_no_file),
        TEST(counts_what_it_passes_over),
        TEST(finds_files_in_directories_that_appear),
        TEST(a_file_that_two_inputs_name_has_one_reader),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("file_source", tests, NULL, NULL);
}
