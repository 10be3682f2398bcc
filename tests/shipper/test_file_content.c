/* SPDX-License-Identifier: MIT
 *
 * The file source on files whose bytes are not those of lines: compressed beside
 * their original, in other encodings, and no logs at all.
 */
#include "parsers/memory.h"
#include "shipper/log.h"
#include "tests/support/file_world.h"
#include "tests/support/gzip.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SWEEP_MS = 6000 };

static int set_up(void **state)
{
    struct file_world *w = memory_new(sizeof(*w));

    file_world_init(w);
    w->input.start = START_BEGINNING;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct file_world *w = *state;

    file_world_finish(w);
    free(w);
    return 0;
}

static void append(const struct file_world *w, const char *name, struct span bytes)
{
    int fd = open(file_world_path(w, name), O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static void check_got(struct file_world *w, const char *row, const char *wanted)
{
    check_span(row, buffer_span(&w->got), wanted);
    buffer_clear(&w->got);
}

/* Enough to tell a copy by: FILE_HEAD_BYTES. */
static struct buffer long_text(void)
{
    struct buffer text = {0};

    for (unsigned i = 0; i < 2000; i++)
        buffer_printf(&text, "line %u of the log that is rotated\n", i);
    return text;
}

static void is_not_read_again_while_it_is_being_compressed(void **state)
{
    struct file_world *w = *state;
    struct buffer text = long_text(), gzip = {0};

    gzip_append(&gzip, buffer_span(&text));
    append(w, "app.log", buffer_span(&text));
    file_world_open(w, "app.log*");
    file_world_drain(w, 0);
    check_row("read", span_equal(buffer_span(&w->got), buffer_span(&text)));
    buffer_clear(&w->got);
    file_world_rename(w, "app.log", "app.log.1");
    for (size_t at = 0; at < gzip.len; at += 500) {
        size_t n = gzip.len - at < 500 ? gzip.len - at : 500;

        append(w, "app.log.1.gz", (struct span){gzip.bytes + at, n});
        file_world_drain(w, 100);
        check_got(w, "while it grows", "");
    }
    unlink(file_world_path(w, "app.log.1"));
    file_world_append(w, "app.log", "the next log\n");
    file_world_drain(w, SWEEP_MS);
    check_got(w, "the next", "the next log\n");
    file_world_drain(w, 40000);
    file_world_commit(w);
    file_world_close(w);
    file_world_open(w, "app.log*");
    file_world_drain(w, 0);
    check_got(w, "a restart", "");
    buffer_finish(&text);
    buffer_finish(&gzip);
}

static void what_only_the_compressed_file_has_is_read_from_it_with_the_same_identity(void **state)
{
    struct file_world *w = *state;
    struct buffer gzip = {0};
    char source_id[16];
    uint64_t generation;

    file_world_append(w, "app.log", "one\ntwo\nthr");
    file_world_open(w, "app.log*");
    file_world_drain(w, 0);
    check_got(w, "before", "one\ntwo\n");
    memcpy(source_id, w->read.origin.source_id.at, sizeof(source_id));
    generation = w->read.origin.generation;
    file_world_commit(w);
    file_world_close(w);

    unlink(file_world_path(w, "app.log"));
    gzip_append(&gzip, SPAN("one\ntwo\nthree\nfo"));
    append(w, "app.log-20261123.gz", buffer_span(&gzip));
    file_world_append(w, "app.log", "next\n");
    file_world_open(w, "app.log-*");
    file_world_drain(w, 0);
    check_got(w, "the rest", "three\nfo");
    check_number("offset", w->read.chunk.offset, 8);
    check_row("final", w->read.chunk.is_final);
    check_number("generation", w->read.origin.generation, generation);
    check_row("source id", memcmp(source_id, w->read.origin.source_id.at, sizeof(source_id)) == 0);
    buffer_finish(&gzip);
}

static void many_are_inflated_one_after_the_other(void **state)
{
    struct file_world *w = *state;
    struct buffer text = {0};

    for (unsigned file = 0; file < 20; file++) {
        struct buffer gzip = {0};
        char name[40];

        buffer_clear(&text);
        for (unsigned i = 0; i < 20000; i++)
            buffer_printf(&text, "%02u: line %u of that file\n", file, i);
        gzip_append(&gzip, buffer_span(&text));
        snprintf(name, sizeof(name), "app.log.%02u.gz", file);
        append(w, name, buffer_span(&gzip));
        buffer_finish(&gzip);
    }
    w->is_once = true;
    file_world_open(w, "*.gz");
    file_world_drain(w, 0);
    check_number("all of it", w->got.len, 20 * text.len);
    for (size_t i = 0; i < w->got.len; i += text.len)
        check_row("one file, first line to last",
            memcmp(w->got.bytes + i,
                w->got.bytes + i + text.len - strlen("00: line 19999 of that file\n"), 3) == 0);
    buffer_finish(&text);
}

static void each_input_has_its_encoding(void **state)
{
    struct file_world *w = *state;

    w->input.encoding = ENCODING_WINDOWS_1252;
    append(w, "a.log", SPAN("Zo\xEB \x80\n"));
    append(w, "b.log", SPAN("\xEF\xBB\xBFZo\xC3\xAB\n"));
    file_world_open(w, "a.log");
    file_world_drain(w, 0);
    check_got(w, "configured", "Zo\xC3\xAB \xE2\x82\xAC\n");
    append(w, "a.log", SPAN("M\xFC"));
    file_world_drain(w, SWEEP_MS);
    append(w, "a.log", SPAN("ller\n"));
    file_world_drain(w, SWEEP_MS);
    check_got(w, "more", "M\xC3\xBCller\n");
    check_number("offset", w->read.chunk.offset, 9);
    file_world_close(w);
    file_world_open(w, "b.log");
    file_world_drain(w, 0);
    check_got(w, "a mark", "\xEF\xBB\xBFZo\xC3\xAB\n");
}

static void what_is_no_log_is_looked_at_again_and_counted_once(void **state)
{
    struct file_world *w = *state;

    append(w, "a.log",
        SPAN("\x7F"
             "ELF\2\1\1\0 and a newline\n"));
    file_world_open(w, "*.log");
    file_world_drain(w, 0);
    check_number("not followed", file_source_found(w->source, 0), 0);
    for (unsigned i = 0; i < 10; i++)
        file_world_drain(w, 70000);
    check_got(w, "skipped", "");
    assert_int_equal(truncate(file_world_path(w, "a.log"), 0), 0);
    file_world_append(w, "a.log", "a log after all\n");
    file_world_drain(w, 70000);
    check_got(w, "another content", "a log after all\n");
    check_number("followed", file_source_found(w->source, 0), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_not_read_again_while_it_is_being_compressed),
        TEST(what_only_the_compressed_file_has_is_read_from_it_with_the_same_identity),
        TEST(many_are_inflated_one_after_the_other),
        TEST(each_input_has_its_encoding),
        TEST(what_is_no_log_is_looked_at_again_and_counted_once),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("file_content", tests, NULL, NULL);
}
