/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/file_tail.c on real files that change between the reads.
 */
#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/sources/file_seek.h"
#include "shipper/sources/file_tail.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
    char *dir;
    char path[200];
    struct file_tail tail;
    struct file_row row;
    struct buffer buffer;
    struct tail_chunk chunk;
    struct error err;
};

static void put(const struct world *w, int flags, struct span bytes)
{
    int fd = open(w->path, O_WRONLY | O_CREAT | flags, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static void add(const struct world *w, const char *text)
{
    put(w, O_APPEND, span_of(text));
}

static int set_up(void **state)
{
    struct world *w = memory_new(sizeof(*w));

    w->dir = scratch_new();
    snprintf(w->path, sizeof(w->path), "%s", scratch_path(w->dir, "app.log"));
    add(w, "");
    assert_true(file_tail_open(&w->tail, w->path, &w->err));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    file_tail_close(&w->tail);
    buffer_finish(&w->buffer);
    scratch_remove(w->dir);
    free(w);
    return 0;
}

/* Reads on by the row, which is of this file from the first line on. */
static enum tail_result take(struct world *w)
{
    enum tail_result result;
    struct span line;

    if (w->row.offset == 0) {
        if (file_tail_first_line(&w->tail, &w->buffer, &line, &w->err) != TAIL_CHUNK)
            return TAIL_QUIET;
        w->row.source_id = file_hash_of(line);
    }
    result = file_tail_read(&w->tail, &w->row, &w->buffer, &w->chunk, &w->err);
    if (result == TAIL_CHUNK)
        file_tail_advance(&w->tail, &w->row, &w->chunk, w->chunk.lines.len);
    return result;
}

static void delivers_whole_lines_only(void **state)
{
    struct world *w = *state;

    assert_int_equal(take(w), TAIL_QUIET);
    add(w, "one\ntwo\nthr");
    assert_int_equal(take(w), TAIL_CHUNK);
    check_span("first", w->chunk.lines, "one\ntwo\n");
    check_number("first", w->tail.held_bytes, 3);
    check_row("nothing more", !w->chunk.has_more);
    assert_int_equal(take(w), TAIL_QUIET);
    add(w, "ee\n");
    assert_int_equal(take(w), TAIL_CHUNK);
    check_span("second", w->chunk.lines, "three\n");
    check_number("second", w->chunk.offset, 8);
    check_number("second", w->tail.held_bytes, 0);
}

/* Reads on; of the chunk only so much is taken. */
static enum tail_result take_some(struct world *w, size_t taken)
{
    enum tail_result result = file_tail_read(&w->tail, &w->row, &w->buffer, &w->chunk, &w->err);

    if (result == TAIL_CHUNK)
        file_tail_advance(&w->tail, &w->row, &w->chunk, taken);
    return result;
}

static void what_is_not_taken_comes_again_when_there_is_more(void **state)
{
    struct world *w = *state;

    w->row.source_id = file_hash_of(SPAN("one"));
    add(w, "one\ntwo\n");
    assert_int_equal(take_some(w, 0), TAIL_CHUNK);
    check_number("held", w->tail.held_bytes, 8);
    add(w, " thr");
    assert_int_equal(take_some(w, 0), TAIL_QUIET);
    check_number("held", w->tail.held_bytes, 12);
    add(w, "ee\n");
    assert_int_equal(take_some(w, 4), TAIL_CHUNK);
    check_span("again", w->chunk.lines, "one\ntwo\n three\n");
    check_number("row", w->row.offset, 4);
    check_number("held", w->tail.held_bytes, 11);
    assert_int_equal(take_some(w, 0), TAIL_QUIET);
    w->tail.is_final = true;
    assert_int_equal(take_some(w, 11), TAIL_CHUNK);
    check_span("final", w->chunk.lines, "two\n three\n");
    check_row("final", w->chunk.is_final && !w->chunk.is_cut);
    check_number("held", w->tail.held_bytes, 0);
    assert_int_equal(take_some(w, 0), TAIL_QUIET);
}

static void a_truncation_forgets_what_was_not_taken(void **state)
{
    struct world *w = *state;

    w->row.source_id = file_hash_of(SPAN("one"));
    add(w, "one\ntwo\n");
    assert_int_equal(take_some(w, 0), TAIL_CHUNK);
    put(w, O_TRUNC, SPAN("ten\n"));
    assert_int_equal(take_some(w, 0), TAIL_CHANGED);
    w->row = (struct file_row){.source_id = file_hash_of(SPAN("ten"))};
    assert_int_equal(take_some(w, 4), TAIL_CHUNK);
    check_span("new", w->chunk.lines, "ten\n");
}

static void what_is_not_taken_grows_to_the_limit_and_is_then_cut(void **state)
{
    static const struct {
        const char *name;
        size_t last_bytes; /* of the line behind those that fit in */
        bool is_skipping;  /* behind it: it was itself too long */
    } ends[] = {{"a line", 100, false}, {"an over-long line", 2 * LIMIT_LINE_BYTES, true}};
    struct buffer text = {0};
    struct world *w = *state;

    for (size_t i = 0; i < LIMIT_LINE_BYTES / 64; i++)
        buffer_printf(&text, "%062zu\r\n", i);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        w->row =
            (struct file_row){.source_id = file_hash_of(span_between(text.bytes, text.bytes + 63))};
        w->tail.open_end = 0;
        put(w, O_TRUNC, buffer_span(&text));
        for (size_t left = ends[i].last_bytes; left > 0; left -= 4)
            add(w, left > 4 ? "more" : "end\n");
        for (w->chunk.is_cut = false; !w->chunk.is_cut;) {
            check_row(ends[i].name, take_some(w, 0) == TAIL_CHUNK);
            check_row(ends[i].name, w->chunk.has_more);
        }
        check_number(ends[i].name, w->chunk.lines.len, LIMIT_LINE_BYTES);
        check_number(ends[i].name, w->chunk.offset, 0);
        file_tail_advance(&w->tail, &w->row, &w->chunk, LIMIT_LINE_BYTES);
        check_row(ends[i].name, !w->row.is_skipping);
        check_row(ends[i].name, take(w) == TAIL_CHUNK);
        check_number(ends[i].name, w->chunk.offset, LIMIT_LINE_BYTES);
        check_row(ends[i].name, w->row.is_skipping == ends[i].is_skipping);
    }
    buffer_finish(&text);
}

static void knows_the_first_line_when_it_is_finished(void **state)
{
    struct world *w = *state;
    struct span line;

    assert_int_equal(file_tail_first_line(&w->tail, &w->buffer, &line, &w->err), TAIL_QUIET);
    add(w, "star");
    assert_int_equal(file_tail_first_line(&w->tail, &w->buffer, &line, &w->err), TAIL_QUIET);
    check_number("held", w->tail.held_bytes, 4);
    add(w, "ted\nnext\n");
    assert_int_equal(file_tail_first_line(&w->tail, &w->buffer, &line, &w->err), TAIL_CHUNK);
    check_span("line", line, "started");
}

static void sees_a_truncation_however_far_the_file_has_grown(void **state)
{
    static const char *const after[] = {"", "x\n", "nother line of the same length\n",
        "Another line\nthat is longer than what was there before the truncation\n"};
    struct world *w = *state;

    for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
        w->row = (struct file_row){0};
        put(w, O_TRUNC, SPAN("another line of the same lengt\n"));
        assert_int_equal(take(w), TAIL_CHUNK);
        put(w, O_TRUNC, span_of(after[i]));
        check_row(after[i], take(w) == TAIL_CHANGED);
    }
}

static void sees_that_the_first_line_is_another_before_it_is_read(void **state)
{
    struct world *w = *state;

    add(w, "one\n");
    w->row.source_id = file_hash_of(SPAN("one"));
    put(w, O_TRUNC, SPAN("another\n"));
    assert_int_equal(
        file_tail_read(&w->tail, &w->row, &w->buffer, &w->chunk, &w->err), TAIL_CHANGED);
}

static void reads_on_in_what_was_rewritten_with_the_same_bytes(void **state)
{
    struct world *w = *state;

    add(w, "one\n");
    assert_int_equal(take(w), TAIL_CHUNK);
    put(w, O_TRUNC, SPAN("one\ntwo\n"));
    assert_int_equal(take(w), TAIL_CHUNK);
    check_span("rest", w->chunk.lines, "two\n");
}

/* A line of that many bytes, its terminator included. */
static void add_line(struct world *w, size_t len, char c)
{
    char *line = memory_new(len);

    memset(line, c, len - 1);
    line[len - 1] = '\n';
    put(w, O_APPEND, (struct span){line, len});
    free(line);
}

static void cuts_an_over_long_line_and_goes_on_behind_it(void **state)
{
    struct world *w = *state;

    add(w, "before\n");
    add_line(w, 3 * LIMIT_LINE_BYTES, 'x');
    add(w, "after\n");
    assert_int_equal(take(w), TAIL_CHUNK);
    check_span("before", w->chunk.lines, "before\n");
    check_row("before", w->chunk.has_more);
    assert_int_equal(take(w), TAIL_CHUNK);
    check_row("cut", w->chunk.is_cut && w->row.is_skipping);
    check_number("cut", w->chunk.lines.len, LIMIT_LINE_BYTES);
    for (uint64_t passed = 0; w->chunk.lines.len != 6; passed += w->chunk.passed) {
        assert_int_equal(take(w), TAIL_CHUNK);
        check_row("no byte of it is delivered",
            w->chunk.lines.len == 0 || span_is(w->chunk.lines, "after\n"));
        check_row("bounded", passed <= 2 * LIMIT_LINE_BYTES);
    }
    check_number("end", w->row.offset, 7 + 3 * LIMIT_LINE_BYTES + 6);
    check_row("end", !w->row.is_skipping);
}

static void passes_over_the_rest_of_a_line_that_is_still_being_written(void **state)
{
    struct world *w = *state;

    add_line(w, LIMIT_LINE_BYTES + 2, 'x');
    assert_int_equal(truncate(w->path, LIMIT_LINE_BYTES + 1), 0);
    assert_int_equal(take(w), TAIL_CHUNK);
    check_row("cut", w->chunk.is_cut);
    assert_int_equal(take(w), TAIL_CHUNK);
    check_number("rest", w->chunk.passed, 1);
    assert_int_equal(take(w), TAIL_QUIET);
    add(w, "more of it\nnext\n");
    assert_int_equal(take(w), TAIL_CHUNK);
    check_number("rest", w->chunk.passed, 11);
    check_span("next", w->chunk.lines, "next\n");
}

static void delivers_a_line_of_just_the_limit_whole(void **state)
{
    struct world *w = *state;

    add_line(w, LIMIT_LINE_BYTES + 1, 'x');
    assert_int_equal(take(w), TAIL_CHUNK);
    check_row("whole", !w->chunk.is_cut);
    check_number("whole", w->chunk.lines.len, LIMIT_LINE_BYTES + 1);
}

static void reads_a_long_file_in_bounded_chunks(void **state)
{
    struct world *w = *state;
    size_t lines = 0;

    for (size_t i = 0; i < 3 * LIMIT_CHUNK_BYTES / 1000; i++)
        add_line(w, 1000, (char)('a' + i % 26));
    while (take(w) == TAIL_CHUNK) {
        check_row("bounded", w->chunk.lines.len <= LIMIT_CHUNK_BYTES);
        check_number("whole lines", w->chunk.lines.len % 1000, 0);
        lines += w->chunk.lines.len / 1000;
    }
    check_number("all", lines, 3 * LIMIT_CHUNK_BYTES / 1000);
    check_row("known again", file_seek_fits(&w->tail, &w->row));
}

static void starts_behind_the_last_whole_line(void **state)
{
    static const struct {
        const char *text;
        uint64_t end;
    } rows[] = {{"", 0}, {"unfinished", 0}, {"one\n", 4}, {"one\ntwo\nthr", 8}, {"\n\n", 2}};
    struct world *w = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        put(w, O_TRUNC, span_of(rows[i].text));
        w->row = (struct file_row){0};
        check_row(rows[i].text, file_seek_end(&w->tail, &w->row, &w->err));
        check_number(rows[i].text, w->row.offset, rows[i].end);
        check_row(rows[i].text, file_seek_fits(&w->tail, &w->row));
        check_row(rows[i].text, take(w) == TAIL_QUIET);
    }
}

static void knows_a_copy_that_is_shorter_than_what_was_read(void **state)
{
    struct world *w = *state;
    struct world copy = *w;
    struct file_row placed = {0};

    snprintf(copy.path, sizeof(copy.path), "%s", scratch_path(w->dir, "app.log.1"));
    for (char c = 'a'; c < 'k'; c++)
        add_line(w, 300, c);
    assert_int_equal(take(w), TAIL_CHUNK);
    for (char c = 'a'; c < 'd'; c++)
        add_line(&copy, 300, c);
    assert_true(file_tail_open(&copy.tail, copy.path, &w->err));
    check_row("too short for proof", !file_seek_copied(&copy.tail, &w->tail, &w->row, &placed));
    add_line(&copy, 300, 'd');
    add(&copy, "ee");
    check_row("copy", file_seek_copied(&copy.tail, &w->tail, &w->row, &placed));
    check_number("copy", placed.offset, 1200);
    add(&copy, "f\n");
    check_row("other bytes", !file_seek_copied(&copy.tail, &w->tail, &w->row, &placed));
    assert_int_equal(truncate(copy.path, 1200), 0);
    assert_int_equal(truncate(w->path, 0), 0);
    check_row("original is gone", !file_seek_copied(&copy.tail, &w->tail, &w->row, &placed));
    file_tail_close(&copy.tail);
}

static void opens_nothing_but_files_and_never_waits(void **state)
{
    struct world *w = *state;
    struct file_tail tail;
    const char *fifo = scratch_path(w->dir, "fifo");

    assert_int_equal(mkfifo(fifo, 0600), 0);
    check_row("fifo", !file_tail_open(&tail, fifo, &w->err));
    check_row("fifo", strstr(w->err.message, "is a FIFO"));
    check_row("directory", !file_tail_open(&tail, w->dir, &w->err));
    check_row("directory", strstr(w->err.message, "is a directory"));
    check_row("device", !file_tail_open(&tail, "/dev/null", &w->err));
    check_row("device", strstr(w->err.message, "is a device"));
    check_row("nothing", !file_tail_open(&tail, scratch_path(w->dir, "no"), &w->err));
    check_number("nothing", (uint64_t)w->err.code, ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(delivers_whole_lines_only),
        TEST(what_is_not_taken_comes_again_when_there_is_more),
        TEST(a_truncation_forgets_what_was_not_taken),
        TEST(what_is_not_taken_grows_to_the_limit_and_is_then_cut),
        TEST(knows_the_first_line_when_it_is_finished),
        TEST(sees_a_truncation_however_far_the_file_has_grown),
        TEST(sees_that_the_first_line_is_another_before_it_is_read),
        TEST(reads_on_in_what_was_rewritten_with_the_same_bytes),
        TEST(cuts_an_over_long_line_and_goes_on_behind_it),
        TEST(passes_over_the_rest_of_a_line_that_is_still_being_written),
        TEST(delivers_a_line_of_just_the_limit_whole),
        TEST(reads_a_long_file_in_bounded_chunks),
        TEST(starts_behind_the_last_whole_line),
        TEST(knows_a_copy_that_is_shorter_than_what_was_read),
        TEST(opens_nothing_but_files_and_never_waits),
    };

    return cmocka_run_group_tests_name("file_tail", tests, NULL, NULL);
}
