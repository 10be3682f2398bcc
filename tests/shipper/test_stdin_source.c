/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/stdin_source.c through the verbs of a source: a pipe that the test
 * writes into, a spool, and a window that outlives the source.
 */
#include "parsers/limits.h"
#include "shipper/sources/file_row.h"
#include "shipper/sources/stdin_source.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct world {
    char *dir;
    struct spool *spool;
    struct spool_batch *batch;
    struct stdin_options options;
    int writer;
    struct source *source;
    struct buffer got;   /* what was delivered */
    uint64_t generation; /* of the latest chunk */
    struct file_hash source_id;
};

static struct error err;
static struct now now = {.wall_s = 1795428672};

static int set_up(void **state)
{
    struct world *w = test_calloc(1, sizeof(*w));
    int ends[2];

    w->dir = scratch_new();
    assert_true(spool_prepare(w->dir, &err));
    w->spool = spool_open(w->dir, &(struct spool_options){0}, &err);
    w->batch = spool_batch_new();
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
    w->writer = ends[1];
    w->options = (struct stdin_options){.fd = ends[0], .window = stdin_window_new(&err)};
    *state = w;
    return 0;
}

static void close_source(struct world *w)
{
    if (w->source)
        w->source->verbs->close(w->source);
    w->source = NULL;
    spool_batch_clear(w->batch);
}

static int tear_down(void **state)
{
    struct world *w = *state;

    close_source(w);
    close(w->options.fd);
    if (w->writer >= 0)
        close(w->writer);
    munmap(w->options.window, sizeof(*w->options.window));
    spool_batch_free(w->batch);
    spool_close(w->spool);
    scratch_remove(w->dir);
    buffer_finish(&w->got);
    test_free(w);
    return 0;
}

static void open_source(struct world *w)
{
    w->source = stdin_source_open(&w->options, w->spool, &now, &err);
    assert_non_null(w->source);
}

static void put(struct world *w, struct span bytes)
{
    assert_int_equal(write(w->writer, bytes.at, bytes.len), bytes.len);
}

static void close_writer(struct world *w)
{
    close(w->writer);
    w->writer = -1;
}

static void commit(struct world *w)
{
    w->source->verbs->save(w->source, w->batch);
    assert_int_equal(spool_commit(w->spool, w->batch, &err), SPOOL_DONE);
    spool_batch_clear(w->batch);
    w->source->verbs->committed(w->source);
}

/* One turn: a chunk that is taken whole goes to `got`. */
static enum source_result turn(struct world *w)
{
    struct source_read read;
    enum source_result result = w->source->verbs->read(w->source, &now, &read);

    if (result != SOURCE_CHUNK)
        return result;
    buffer_append(&w->got, read.chunk.bytes);
    w->generation = read.origin.generation;
    memcpy(w->source_id.bytes, read.origin.source_id.at, FILE_HASH_BYTES);
    if (read.chunk.bytes.len > 0)
        spool_batch_count(w->batch, STDIN_KIND, read.key, ACCOUNT_NO_RULE, read.chunk.bytes.len, 1);
    spool_batch_count(w->batch, STDIN_KIND, read.key, ACCOUNT_TOO_LONG, read.passed, 0);
    w->source->verbs->advance(w->source, read.chunk.bytes.len);
    return result;
}

/* Reads until there is nothing now, committing where it is asked for. */
static enum source_result drain(struct world *w)
{
    enum source_result result;

    while ((result = turn(w)) == SOURCE_CHUNK || result == SOURCE_FULL)
        if (result == SOURCE_FULL)
            commit(w);
    return result;
}

static void check_account(void *arg, const struct spool_ledger_row *row)
{
    check_number("account", account_bytes(&row->account), row->source.position);
    *(struct spool_source *)arg = row->source;
}

static struct spool_source row_of(struct world *w)
{
    struct spool_source source = {0};

    commit(w);
    assert_true(spool_each_source(w->spool, check_account, &source, &err));
    return source;
}

static void an_unfinished_line_waits_until_the_pipe_ends(void **state)
{
    struct world *w = *state;
    struct file_hash first = file_hash_of(SPAN("one"));

    open_source(w);
    assert_int_equal(drain(w), SOURCE_IDLE);
    put(w, SPAN("one\ntw"));
    assert_int_equal(drain(w), SOURCE_IDLE);
    check_span("whole lines", buffer_span(&w->got), "one\n");
    check_row("source id", file_hash_equal(&w->source_id, &first));
    check_number("held", w->source->verbs->held(w->source), 1);
    check_number("held bytes", row_of(w).held, 2);
    put(w, SPAN("o\nthr"));
    close_writer(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("all", buffer_span(&w->got), "one\ntwo\nthr");
    check_number("held", w->source->verbs->held(w->source), 0);
    check_number("position", row_of(w).position, 11);
    check_row("ended", !row_of(w).is_open);
}

/* Descends from the pipe: closed as in a crash, opened again with the same window. */
static void what_was_not_committed_is_read_again_by_the_next_reader(void **state)
{
    struct world *w = *state;

    open_source(w);
    put(w, SPAN("one\ntwo\n"));
    drain(w);
    commit(w);
    put(w, SPAN("three\nfo"));
    drain(w);
    close_source(w);
    buffer_clear(&w->got);
    open_source(w);
    put(w, SPAN("ur\n"));
    close_writer(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("again", buffer_span(&w->got), "three\nfour\n");
    check_number("position", row_of(w).position, 19);
}

/* Killed before it could note what the system had given it. */
static void what_was_being_read_when_it_died_is_found(void **state)
{
    struct world *w = *state;
    struct stdin_window *window = w->options.window;

    open_source(w);
    put(w, SPAN("one\ntwo\n"));
    drain(w);
    window->end = window->reading_at;
    window->is_reading = true;
    close_source(w);
    buffer_clear(&w->got);
    open_source(w);
    close_writer(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("found", buffer_span(&w->got), "one\ntwo\n");
}

static void it_asks_for_a_commit_when_the_window_is_full(void **state)
{
    struct world *w = *state;
    struct buffer lines = {0};
    unsigned full = 0;

    for (unsigned i = 0; i < 20000; i++)
        buffer_printf(&lines, "line %05u of many that go through a window\n", i);
    open_source(w);
    for (unsigned round = 0; round < 8; round++) {
        put(w, buffer_span(&lines));
        for (;;) {
            enum source_result result = turn(w);

            if (result == SOURCE_FULL) {
                commit(w);
                full++;
            } else if (result != SOURCE_CHUNK) {
                break;
            }
        }
    }
    check_row("asked", full > 0);
    check_number("all", w->got.len, 8 * lines.len);
    commit(w);
    /* Where the window has come round to its beginning, too. */
    put(w, buffer_span(&lines));
    drain(w);
    close_source(w);
    buffer_clear(&w->got);
    open_source(w);
    drain(w);
    check_row("again", span_equal(buffer_span(&w->got), buffer_span(&lines)));
    buffer_finish(&lines);
}

static void every_byte_of_long_lines_and_holes_is_accounted_for(void **state)
{
    struct world *w = *state;
    char *line = test_malloc(LIMIT_LINE_BYTES / 2);

    memset(line, 'x', LIMIT_LINE_BYTES / 2);
    open_source(w);
    put(w, SPAN("one\n\0\0\0\0two\n"));
    drain(w);
    check_span("a hole", buffer_span(&w->got), "one\ntwo\n");
    for (unsigned i = 0; i < 3; i++) {
        put(w, (struct span){line, LIMIT_LINE_BYTES / 2});
        drain(w);
        commit(w);
    }
    close_source(w);
    open_source(w);
    put(w, SPAN("x\nfour\n"));
    close_writer(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_number("position", row_of(w).position, 12 + LIMIT_LINE_BYTES / 2 * 3 + 7);
    check_span("behind it", span_from(buffer_span(&w->got), w->got.len - 5), "four\n");
    test_free(line);
}

static void a_compressed_pipe_is_decompressed(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\nthree"));
    put(w, buffer_span(&gzip));
    close_writer(w);
    open_source(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("lines", buffer_span(&w->got), "one\ntwo\nthree");
    check_number("position", row_of(w).position, 13);
    buffer_finish(&gzip);
}

static void a_compressed_pipe_that_is_cut_off_is_said(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\nthree"));
    put(w, (struct span){gzip.bytes, gzip.len - 9});
    close_writer(w);
    open_source(w);
    assert_int_equal(drain(w), SOURCE_BROKEN);
    buffer_finish(&gzip);
}

static void a_compressed_pipe_cannot_go_on_after_a_crash(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\n"));
    put(w, buffer_span(&gzip));
    open_source(w);
    drain(w);
    commit(w);
    close_source(w);
    open_source(w);
    assert_int_equal(drain(w), SOURCE_BROKEN);
    check_row("ended", !row_of(w).is_open);
    buffer_finish(&gzip);
}

/* In place of the pipe; read from where it stands. */
static void use_file(struct world *w, struct span bytes, off_t at)
{
    close(w->options.fd);
    w->options.fd = memfd_create("stdin", 0);
    assert_int_equal(write(w->options.fd, bytes.at, bytes.len), bytes.len);
    lseek(w->options.fd, at, SEEK_SET);
}

static void of_a_file_the_unfinished_line_is_held_back(void **state)
{
    struct world *w = *state;

    use_file(w, SPAN("skipped\none\ntwo\nthr"), 8);
    open_source(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("whole lines", buffer_span(&w->got), "one\ntwo\n");
    check_number("held", w->source->verbs->held(w->source), 1);
    check_number("held bytes", row_of(w).held, 3);
}

static void a_file_is_read_on_after_a_crash(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\n"));
    gzip_append(&gzip, SPAN("three\n"));
    use_file(w, buffer_span(&gzip), 0);
    open_source(w);
    turn(w);
    commit(w);
    close_source(w);
    open_source(w);
    assert_int_equal(drain(w), SOURCE_END);
    check_span("each once", buffer_span(&w->got), "one\ntwo\nthree\n");
    buffer_finish(&gzip);
}

/* A log that is piped in is itself; what a program writes now is new. */
static void only_without_once_a_stream_is_a_generation(void **state)
{
    struct world *w = *state;

    put(w, SPAN("one\n"));
    open_source(w);
    drain(w);
    check_row("a stream", w->generation != 0);
    commit(w);
    close_source(w);
    memset(w->options.window, 0, sizeof(*w->options.window));
    w->options.is_once = true;
    put(w, SPAN("one\n"));
    open_source(w);
    commit(w);
    drain(w);
    check_number("a log", w->generation, 0);
    check_number("begun anew", row_of(w).position, 4);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_unfinished_line_waits_until_the_pipe_ends),
        IN_WORLD(what_was_not_committed_is_read_again_by_the_next_reader),
        IN_WORLD(what_was_being_read_when_it_died_is_found),
        IN_WORLD(it_asks_for_a_commit_when_the_window_is_full),
        IN_WORLD(every_byte_of_long_lines_and_holes_is_accounted_for),
        IN_WORLD(a_compressed_pipe_is_decompressed),
        IN_WORLD(a_compressed_pipe_that_is_cut_off_is_said),
        IN_WORLD(a_compressed_pipe_cannot_go_on_after_a_crash),
        IN_WORLD(of_a_file_the_unfinished_line_is_held_back),
        IN_WORLD(a_file_is_read_on_after_a_crash),
        IN_WORLD(only_without_once_a_stream_is_a_generation),
    };

    return cmocka_run_group_tests_name("stdin_source", tests, NULL, NULL);
}
