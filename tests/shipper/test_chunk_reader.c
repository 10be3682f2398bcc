/* SPDX-License-Identifier: MIT
 *
 * shipper/chunk_reader.c over a pipe fed by a forked writer, so that reads come
 * back short and lines arrive in pieces.
 */
#include "shipper/chunk_reader.h"
#include "tests/support/gzip.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A descriptor from which text can be read, written in pieces of that size. */
static int feed(struct span text, size_t piece, pid_t *writer)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    *writer = fork();
    if (*writer == 0) {
        while (text.len > 0) {
            size_t n = text.len < piece ? text.len : piece;

            if (write(ends[1], text.at, n) != (ssize_t)n)
                _exit(1);
            text = span_from(text, n);
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

/* What came out: all whole chunks joined, cut ones marked, the unfinished line. */
struct outcome {
    struct buffer whole, unfinished;
    uint64_t cut_count;
};

static struct outcome read_all(struct span text, size_t piece)
{
    struct outcome outcome = {0};
    struct chunk_reader reader;
    struct engine_chunk chunk;
    enum chunk_result result;
    struct error err;
    pid_t writer;
    int status, fd = feed(text, piece, &writer);
    uint64_t next = 0;

    chunk_reader_init(&reader, fd, ENCODING_UTF_8);
    while ((result = chunk_reader_next(&reader, &chunk, &err)) != CHUNK_END) {
        assert_int_not_equal(result, CHUNK_ERROR);
        assert_true(chunk.offset >= next);
        assert_memory_equal(text.at + chunk.offset, chunk.bytes.at, chunk.bytes.len);
        next = chunk.offset + chunk.bytes.len;
        buffer_append(result == CHUNK_WHOLE ? &outcome.whole : &outcome.unfinished, chunk.bytes);
        outcome.cut_count += chunk.is_cut;
    }
    chunk_reader_finish(&reader);
    close(fd);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    return outcome;
}

static void outcome_finish(struct outcome *outcome)
{
    buffer_finish(&outcome->whole);
    buffer_finish(&outcome->unfinished);
}

static void gives_whole_lines_and_the_unfinished_one_apart(void **state)
{
    const struct span text = SPAN("one\ntwo\r\n\nfour");

    (void)state;
    for (size_t piece = 1; piece <= text.len; piece++) {
        struct outcome outcome = read_all(text, piece);

        check_span("whole", buffer_span(&outcome.whole), "one\ntwo\r\n\n");
        check_span("unfinished", buffer_span(&outcome.unfinished), "four");
        outcome_finish(&outcome);
    }
}

/* Takes records of two lines only; joins what was taken with a | behind each chunk. */
static void what_is_not_taken_comes_again_with_more_behind_it(void **state)
{
    const struct span text = SPAN("1\n 1\n2\n 2\n3\n 3\n4\n 4");

    (void)state;
    for (size_t piece = 1; piece <= text.len; piece++) {
        struct buffer got = {0};
        struct chunk_reader reader;
        struct engine_chunk chunk;
        enum chunk_result result;
        struct error err;
        pid_t writer;
        int fd = feed(text, piece, &writer);
        uint64_t next = 0;

        chunk_reader_init(&reader, fd, ENCODING_UTF_8);
        while ((result = chunk_reader_next(&reader, &chunk, &err)) != CHUNK_END) {
            size_t taken = chunk.is_final ? chunk.bytes.len : chunk.bytes.len / 5 * 5;

            check_number("offset", chunk.offset, next);
            check_row("final", chunk.is_final == (result == CHUNK_UNFINISHED));
            buffer_append(&got, (struct span){chunk.bytes.at, taken});
            chunk_reader_take(&reader, taken);
            next += taken;
        }
        check_row("all", span_equal(buffer_span(&got), text));
        chunk_reader_finish(&reader);
        buffer_finish(&got);
        close(fd);
        assert_int_equal(waitpid(writer, NULL, 0), writer);
    }
}

static void what_is_not_taken_grows_to_the_limit_and_is_then_cut(void **state)
{
    struct buffer text = {0};
    struct chunk_reader reader;
    struct engine_chunk chunk;
    struct error err;
    pid_t writer;
    int fd;

    (void)state;
    for (size_t i = 0; i < LIMIT_LINE_BYTES / 32; i++)
        buffer_printf(&text, "%063zu\n", i);
    fd = feed(buffer_span(&text), 60000, &writer);
    chunk_reader_init(&reader, fd, ENCODING_UTF_8);
    do {
        assert_int_equal(chunk_reader_next(&reader, &chunk, &err), CHUNK_WHOLE);
        check_number("offset", chunk.offset, 0);
        chunk_reader_take(&reader, chunk.is_cut ? chunk.bytes.len : 0);
    } while (!chunk.is_cut);
    check_row("whole lines", chunk.bytes.at[chunk.bytes.len - 1] == '\n');
    check_row("about the limit", chunk.bytes.len + 64 >= LIMIT_LINE_BYTES);
    check_row("bounded", reader.held.len < LIMIT_LINE_BYTES + 2 * DECODER_MOST_BYTES);
    assert_int_equal(chunk_reader_next(&reader, &chunk, &err), CHUNK_WHOLE);
    check_row("reads on", chunk.offset > 0 && !chunk.is_cut);
    while (chunk_reader_next(&reader, &chunk, &err) != CHUNK_END)
        ;
    chunk_reader_finish(&reader);
    close(fd);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    buffer_finish(&text);
}

static void an_empty_stream_has_no_chunk(void **state)
{
    struct outcome outcome = read_all(SPAN(""), 1);

    (void)state;
    check_number("whole", outcome.whole.len, 0);
    check_number("unfinished", outcome.unfinished.len, 0);
    outcome_finish(&outcome);
}

static void cuts_an_over_long_line_and_goes_on_behind_it(void **state)
{
    struct buffer text = {0};
    struct outcome outcome;

    (void)state;
    buffer_append(&text, SPAN("before\n"));
    memset(buffer_reserve(&text, 3 * LIMIT_LINE_BYTES), 'x', 3 * LIMIT_LINE_BYTES);
    text.len += 3 * LIMIT_LINE_BYTES;
    buffer_append(&text, SPAN("\nafter\n"));
    outcome = read_all(buffer_span(&text), 60000);
    check_number("cut", outcome.cut_count, 1);
    check_number(
        "kept", outcome.whole.len, strlen("before\n") + LIMIT_LINE_BYTES + strlen("after\n"));
    check_number("unfinished", outcome.unfinished.len, 0);
    outcome_finish(&outcome);
    buffer_finish(&text);
}

static enum chunk_result read_encoded(
    struct span raw, size_t piece, enum encoding encoding, struct buffer *got, struct error *err)
{
    struct chunk_reader reader;
    struct engine_chunk chunk;
    enum chunk_result result;
    pid_t writer;
    int fd = feed(raw, piece, &writer);

    chunk_reader_init(&reader, fd, encoding);
    while ((result = chunk_reader_next(&reader, &chunk, err)) <= CHUNK_UNFINISHED) {
        buffer_printf(got, "%llu:%.*s", (unsigned long long)chunk.offset, (int)chunk.bytes.len,
            chunk.bytes.at);
        chunk_reader_take(&reader, chunk.bytes.len);
    }
    chunk_reader_finish(&reader);
    close(fd);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    return result;
}

static void decodes_and_passes_over_holes(void **state)
{
    static const struct {
        const char *name;
        struct span raw;
        enum encoding encoding;
        const char *got;
    } rows[] = {
        {"by its mark",
            SPAN("\xFF\xFE"
                 "a\0\n\0"),
            ENCODING_UTF_8,
            "0:\xEF\xBB\xBF"
            "a\n"},
        {"as told", SPAN("Zo\xEB\n"), ENCODING_ISO_8859_1, "0:Zo\xC3\xAB\n"},
        {"two bytes", SPAN("a\n"), ENCODING_UTF_8, "0:a\n"},
        {"a hole", SPAN("\0\0a\n\0b\n"), ENCODING_UTF_8, "2:a\n5:b\n"},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (unsigned is_gzip = 0; is_gzip < 2; is_gzip++) {
            struct buffer raw = {0}, got = {0};

            if (is_gzip)
                gzip_append(&raw, rows[i].raw);
            else
                buffer_append(&raw, rows[i].raw);
            /* Whole: where chunks end would depend on the pieces. */
            check_row(rows[i].name, read_encoded(buffer_span(&raw), raw.len, rows[i].encoding, &got,
                                        &err) == CHUNK_END);
            check_span(rows[i].name, buffer_span(&got), rows[i].got);
            buffer_finish(&raw);
            buffer_finish(&got);
        }
}

static void says_what_is_wrong_behind_what_could_be_read(void **state)
{
    struct buffer raw = {0}, got = {0};
    struct error err;

    (void)state;
    gzip_append(&raw, SPAN("one\n"));
    assert_int_equal(
        read_encoded((struct span){raw.bytes, raw.len - 1}, 3, ENCODING_UTF_8, &got, &err),
        CHUNK_ERROR);
    check_span("cut off", buffer_span(&got), "0:one\n");
    assert_string_equal(err.message, "it ends in the middle of its compressed data");
    buffer_append(&raw, SPAN("more"));
    buffer_clear(&got);
    assert_int_equal(read_encoded(buffer_span(&raw), 3, ENCODING_UTF_8, &got, &err), CHUNK_ERROR);
    check_span("more", buffer_span(&got), "0:one\n");
    assert_string_equal(err.message, "it has bytes behind its compressed data that are none");
    buffer_finish(&raw);
    buffer_finish(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_passes_over_holes),
        cmocka_unit_test(says_what_is_wrong_behind_what_could_be_read),
        cmocka_unit_test(gives_whole_lines_and_the_unfinished_one_apart),
        cmocka_unit_test(what_is_not_taken_comes_again_with_more_behind_it),
        cmocka_unit_test(what_is_not_taken_grows_to_the_limit_and_is_then_cut),
        cmocka_unit_test(an_empty_stream_has_no_chunk),
        cmocka_unit_test(cuts_an_over_long_line_and_goes_on_behind_it),
    };

    return cmocka_run_group_tests_name("chunk_reader", tests, NULL, NULL);
}
