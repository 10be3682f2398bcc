/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/file_stream.c under file_tail.c: real files that are compressed
 * or in another encoding, and that change between the reads.
 */
#include "parsers/memory.h"
#include "shipper/sources/file_seek.h"
#include "shipper/sources/file_tail.h"
#include "tests/support/gzip.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
    char *dir;
    char path[200];
    enum encoding encoding;
    struct file_tail tail;
    struct file_row row;
    bool is_known; /* the row has the source id */
    struct buffer buffer;
    struct tail_chunk chunk;
    struct error err;
    struct buffer got; /* what was delivered, a line behind its offset: "17:text\n" */
    uint64_t hole_bytes;
    unsigned seals;
};

static void put(const struct world *w, int flags, struct span bytes)
{
    int fd = open(w->path, O_WRONLY | O_CREAT | flags, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    close(fd);
}

static void reopen(struct world *w)
{
    if (w->tail.descriptor >= 0)
        file_tail_close(&w->tail);
    assert_true(file_tail_open(&w->tail, w->path, &w->err));
    w->tail.encoding = w->encoding;
    w->is_known = false;
}

static int set_up(void **state)
{
    struct world *w = memory_new(sizeof(*w));

    w->dir = scratch_new();
    snprintf(w->path, sizeof(w->path), "%s", scratch_path(w->dir, "app.log"));
    put(w, O_TRUNC, SPAN(""));
    w->tail.descriptor = -1;
    reopen(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    file_tail_close(&w->tail);
    buffer_finish(&w->buffer);
    buffer_finish(&w->got);
    scratch_remove(w->dir);
    free(w);
    return 0;
}

static void note_lines(struct world *w)
{
    struct span rest = w->chunk.lines;
    uint64_t offset = w->chunk.offset;

    while (rest.len > 0) {
        const char *newline = span_find(rest, '\n');
        size_t len = newline ? (size_t)(newline + 1 - rest.at) : rest.len;

        buffer_printf(&w->got, "%llu:%.*s", (unsigned long long)offset, (int)len, rest.at);
        offset += len;
        rest = span_from(rest, len);
    }
}

/* One chunk, by the row, which is checked like that of a file just found. */
static enum tail_result take(struct world *w)
{
    enum tail_result result;
    struct span line;

    if (!w->is_known) {
        struct file_hash id;

        result = file_tail_first_line(&w->tail, &w->buffer, &line, &w->err);
        if (result != TAIL_CHUNK)
            return result;
        id = file_hash_of(line);
        if (w->row.offset > 0 &&
            (!file_hash_equal(&id, &w->row.source_id) || !file_seek_fits(&w->tail, &w->row)))
            return TAIL_CHANGED;
        w->row.source_id = id;
        w->is_known = true;
    }
    result = file_tail_read(&w->tail, &w->row, &w->buffer, &w->chunk, &w->err);
    if (result == TAIL_CHUNK) {
        note_lines(w);
        w->hole_bytes += w->chunk.hole;
        file_tail_advance(&w->tail, &w->row, &w->chunk, w->chunk.lines.len);
    } else if (result == TAIL_QUIET) {
        w->seals += file_tail_seal(&w->tail, &w->row);
        file_tail_rest(&w->tail, &w->row, false);
    }
    return result;
}

static enum tail_result drain(struct world *w)
{
    enum tail_result result;

    while ((result = take(w)) == TAIL_CHUNK)
        ;
    return result;
}

/* --- gzip ------------------------------------------------------------------ */

static void a_compressed_file_grows_and_its_end_is_final(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\n"));
    gzip_append(&gzip, SPAN("three\nfour"));
    for (size_t i = 0; i < gzip.len; i++) {
        put(w, O_APPEND, (struct span){gzip.bytes + i, 1});
        assert_int_equal(drain(w), TAIL_QUIET);
        check_row("not before its end",
            i + 1 == gzip.len || !memmem(buffer_span(&w->got).at, w->got.len, "four", 4));
    }
    check_span("lines", buffer_span(&w->got), "0:one\n4:two\n8:three\n14:four");
    check_number("offset", w->row.offset, 18);
    check_number("held", w->tail.held_bytes, 0);

    buffer_clear(&w->got);
    buffer_clear(&gzip);
    gzip_append(&gzip, SPAN("teen\nfive\n"));
    put(w, O_APPEND, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_QUIET);
    check_span("the rest of the line is late", buffer_span(&w->got), "23:five\n");
    buffer_finish(&gzip);
}

static void a_compressed_copy_is_known_and_read_on(void **state)
{
    static const size_t reads[] = {4, 8, 14};
    static const char *const rests[] = {"4:two\n8:three\n", "8:three\n", ""};
    struct world *w = *state;

    for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
        const struct span text = SPAN("one\ntwo\nthree\n");
        struct buffer gzip = {0};

        w->row = (struct file_row){0};
        put(w, O_TRUNC, (struct span){text.at, reads[i]});
        reopen(w);
        assert_int_equal(drain(w), TAIL_QUIET);
        check_number("read", w->row.offset, reads[i]);
        buffer_clear(&w->got);

        gzip_append(&gzip, text);
        put(w, O_TRUNC, buffer_span(&gzip));
        reopen(w);
        assert_int_equal(drain(w), TAIL_QUIET);
        check_span("rest", buffer_span(&w->got), rests[i]);
        buffer_finish(&gzip);
    }
}

static void what_came_to_rest_is_not_decoded_again(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};
    struct stat now;

    gzip_append(&gzip, SPAN("one\n"));
    put(w, O_TRUNC, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_QUIET);
    assert_int_equal(fstat(w->tail.descriptor, &now), 0);
    assert_true(file_stream_is_resting(w->tail.stream, w->row.offset, &now));
    assert_false(file_stream_is_resting(w->tail.stream, 0, &now));
    put(w, O_APPEND, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_QUIET);
    check_span("both", buffer_span(&w->got), "0:one\n4:one\n");
    buffer_finish(&gzip);
}

static void the_seal_of_a_file_read_to_its_end_spares_decoding_it_again(void **state)
{
    struct world *w = *state;
    struct buffer text = {0}, gzip = {0};

    for (unsigned i = 0; i < 20000; i++)
        buffer_printf(&text, "line %u\n", i * 7919);
    gzip_append(&gzip, buffer_span(&text));
    put(w, O_TRUNC, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_QUIET);
    check_number("sealed", w->seals, 1);

    /* It is not decoded, or this would be seen. */
    gzip.bytes[gzip.len / 2] ^= 1;
    put(w, O_TRUNC, buffer_span(&gzip));
    reopen(w);
    buffer_clear(&w->got);
    assert_int_equal(take(w), TAIL_QUIET);
    check_span("nothing", buffer_span(&w->got), "");
    check_row("its end", !file_tail_reaches(&w->tail, w->row.offset + 1));
    assert_null(file_stream_trouble(w->tail.stream));

    /* Another sum, or another length, and it is. */
    gzip.bytes[gzip.len - 5] ^= 1;
    put(w, O_TRUNC, buffer_span(&gzip));
    reopen(w);
    assert_int_not_equal(take(w), TAIL_CHUNK);
    assert_non_null(file_stream_trouble(w->tail.stream));
    gzip.bytes[gzip.len - 5] ^= 1;
    gzip.bytes[gzip.len / 2] ^= 1;
    gzip_append(&gzip, SPAN("more\n"));
    put(w, O_TRUNC, buffer_span(&gzip));
    reopen(w);
    assert_int_equal(take(w), TAIL_CHUNK);
    check_span("more", w->chunk.lines, "more\n");
    check_number("the seal is gone", w->row.sealed_bytes, 0);
    buffer_finish(&text);
    buffer_finish(&gzip);
}

static void damage_ends_a_file_and_nothing_before_is_lost(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    gzip_append(&gzip, SPAN("one\ntwo\n"));
    buffer_append(&gzip, SPAN("no gzip\n"));
    put(w, O_TRUNC, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_QUIET);
    check_span("before", buffer_span(&w->got), "0:one\n4:two\n");
    assert_non_null(file_stream_trouble(w->tail.stream));
    assert_int_equal(fstat(w->tail.descriptor, &w->tail.stat), 0);
    check_number("left", file_stream_unread(w->tail.stream, &w->tail.stat), 8);
    buffer_finish(&gzip);
}

static void a_log_that_becomes_compressed_in_place_is_another_file(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0};

    put(w, O_TRUNC, SPAN("one\ntwo\n"));
    assert_int_equal(drain(w), TAIL_QUIET);
    gzip_append(&gzip, SPAN("other\n"));
    put(w, O_TRUNC, buffer_span(&gzip));
    assert_int_equal(drain(w), TAIL_CHANGED);
    buffer_finish(&gzip);
}

/* --- encodings ------------------------------------------------------------- */

/* The text in that encoding. */
static struct buffer encode(enum encoding encoding, struct span text)
{
    iconv_t opened = iconv_open(encoding_names[encoding], "utf-8");
    struct buffer copy = {0}, out = {0};
    size_t left = text.len * 2, room = left;
    char *in, *to = buffer_reserve(&out, room);

    buffer_append(&copy, text);
    in = copy.bytes;
    assert_true(opened != (iconv_t)-1);
    assert_int_equal(iconv(opened, &in, &text.len, &to, &left), 0);
    out.len = room - left;
    iconv_close(opened);
    buffer_finish(&copy);
    return out;
}

static void reads_each_encoding_as_it_grows(void **state)
{
    const struct span text = SPAN("Größe 7\nöffne Tür\n\nü\n");
    struct world *w = *state;

    for (unsigned encoding = ENCODING_ISO_8859_1; encoding < ENCODINGS; encoding++) {
        struct buffer raw = encode((enum encoding)encoding, text);

        put(w, O_TRUNC, SPAN(""));
        w->encoding = (enum encoding)encoding;
        w->row = (struct file_row){0};
        buffer_clear(&w->got);
        reopen(w);
        for (size_t i = 0; i < raw.len; i++) {
            put(w, O_APPEND, (struct span){raw.bytes + i, 1});
            if (i % 5 == 0)
                reopen(w);
            assert_int_equal(drain(w), TAIL_QUIET);
        }
        check_span(
            encoding_names[encoding], buffer_span(&w->got), "0:Größe 7\n10:öffne Tür\n22:\n23:ü\n");
        buffer_finish(&raw);
    }
}

static void sees_that_a_transcoded_file_was_rewritten(void **state)
{
    static const struct span after[] = {
        SPAN(""), SPAN("o\0n\0e\0\n\0"), SPAN("o\0n\0f\0\n\0t\0w\0o\0\n\0t\0h\0r\0e\0e\0\n\0")};
    struct world *w = *state;

    w->encoding = ENCODING_UTF_16LE;
    for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
        w->row = (struct file_row){0};
        put(w, O_TRUNC, SPAN("o\0n\0e\0\n\0t\0w\0o\0\n\0"));
        reopen(w);
        assert_int_equal(drain(w), TAIL_QUIET);
        check_number("read", w->row.offset, 8);
        put(w, O_TRUNC, after[i]);
        assert_int_equal(drain(w), TAIL_CHANGED);
    }
}

static void a_restart_reads_on_without_reading_all_again(void **state)
{
    struct world *w = *state;
    struct buffer text = {0}, raw;

    for (unsigned i = 0; i < 40000; i++)
        buffer_printf(&text, "line %u für alle\n", i);
    raw = encode(ENCODING_UTF_16BE, buffer_span(&text));
    w->encoding = ENCODING_UTF_16BE;
    put(w, O_TRUNC, buffer_span(&raw));
    reopen(w);
    assert_int_equal(drain(w), TAIL_QUIET);
    check_number("all", w->row.offset, text.len);
    check_row("from near its end", w->row.resume.raw > raw.len - (256u << 10));
    buffer_clear(&w->got);
    put(w, O_APPEND, SPAN("\0x\0\n"));
    reopen(w);
    assert_int_equal(drain(w), TAIL_QUIET);
    buffer_clear(&text);
    buffer_printf(&text, "%llu:x\n", (unsigned long long)w->row.offset - 2);
    check_row("the rest", span_equal(buffer_span(&w->got), buffer_span(&text)));

    /* A place that is not this file's is found out. */
    w->row.resume.raw -= 2;
    reopen(w);
    assert_int_equal(take(w), TAIL_CHANGED);
    w->row.resume = (struct file_place){0, 0};
    reopen(w);
    assert_int_equal(take(w), TAIL_QUIET);
    buffer_finish(&text);
    buffer_finish(&raw);
}

/* --- holes and long lines -------------------------------------------------- */

static void passes_over_holes(void **state)
{
    static const struct {
        struct span text;
        const char *lines;
        uint64_t hole_bytes;
    } rows[] = {
        {SPAN("\0\0\0one\n"), "3:one\n", 3},
        {SPAN("one\n\0\0two\n\0three\n"), "0:one\n6:two\n11:three\n", 3},
        {SPAN("a\0b\nc\n"), NULL, 0},
        {SPAN("one\n\0\0\0"), "0:one\n", 0}, /* not before something stands behind it */
        {SPAN("one\n\0\0t"), "0:one\n", 2},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w->row = (struct file_row){0};
        w->hole_bytes = 0;
        buffer_clear(&w->got);
        put(w, O_TRUNC, rows[i].text);
        reopen(w);
        assert_int_equal(drain(w), TAIL_QUIET);
        if (rows[i].lines)
            check_span(rows[i].lines, buffer_span(&w->got), rows[i].lines);
        check_number("hole", w->hole_bytes, rows[i].hole_bytes);
    }
}

static void passes_over_a_long_hole_in_bounded_steps(void **state)
{
    const off_t size = 20 << 20;
    struct world *w = *state;
    int fd = open(w->path, O_WRONLY);
    unsigned turns = 0;

    assert_int_equal(pwrite(fd, "one\n", 4, size), 4);
    close(fd);
    reopen(w);
    assert_int_equal(take(w), TAIL_CHUNK);
    check_number("a part of it", w->row.offset, w->hole_bytes);
    check_row("a part of it", w->hole_bytes <= LIMIT_CHUNK_BYTES);
    while (w->got.len == 0 && turns++ < 1000)
        assert_int_equal(take(w), TAIL_CHUNK);
    check_number("hole", w->hole_bytes, (uint64_t)size);
    check_span("line", buffer_span(&w->got), "20971520:one\n");
}

static void room_that_a_writer_made_is_no_hole(void **state)
{
    struct world *w = *state;
    int fd;

    put(w, O_TRUNC, SPAN("one\n"));
    assert_int_equal(truncate(w->path, 8u << 20), 0);
    reopen(w);
    assert_int_equal(drain(w), TAIL_QUIET);
    check_number("it waits", w->row.offset, 4);
    fd = open(w->path, O_WRONLY);
    assert_int_equal(pwrite(fd, "two\n", 4, 4), 4);
    close(fd);
    assert_int_equal(drain(w), TAIL_QUIET);
    check_span("lines", buffer_span(&w->got), "0:one\n4:two\n");
    check_number("hole", w->hole_bytes, 0);
}

static void refuses_what_is_no_log(void **state)
{
    struct world *w = *state;
    struct buffer gzip = {0}, tar = {0};

    memset(buffer_reserve(&tar, 1024), 0, 1024);
    tar.len = 1024;
    memcpy(tar.bytes, "app.log", 7);
    memcpy(tar.bytes + 257, "ustar", 6);
    put(w, O_TRUNC, buffer_span(&tar));
    assert_int_equal(take(w), TAIL_FAILED);
    assert_string_equal(w->err.message, "this is a tar archive, not a log");
    assert_int_equal(w->err.code, 0);
    gzip_append(&gzip, buffer_span(&tar));
    put(w, O_TRUNC, buffer_span(&gzip));
    assert_int_equal(take(w), TAIL_FAILED);
    assert_string_equal(w->err.message, "this is a tar archive, not a log");
    put(w, O_TRUNC, SPAN("a log after all\n"));
    assert_int_equal(take(w), TAIL_CHUNK);
    buffer_finish(&gzip);
    buffer_finish(&tar);
}

/* --- anything -------------------------------------------------------------- */

static uint64_t random_state;

static unsigned draw(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % below);
}

/* Lines of text and their offsets, as the reader should find them; a hole now and
 * then, and lines that are longer than what is read at once. */
static void make_text(struct buffer *text, struct buffer *wanted, uint64_t *hole_bytes)
{
    static const char *const words[] = {"alice", "bücher", "GET /", "\t", "ÿ", "0", "\r"};
    unsigned count = 20 + draw(200);

    *hole_bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t begin = text->len;

        for (unsigned n = draw(20); n > 0; n--)
            buffer_append(text, span_of(words[draw(7)]));
        if (draw(100) == 0)
            for (unsigned n = LIMIT_CHUNK_BYTES + draw(100000); n > 0; n--)
                buffer_append_byte(text, 'x');
        buffer_append_byte(text, '\n');
        buffer_printf(wanted, "%zu:%.*s", begin, (int)(text->len - begin), text->bytes + begin);
        for (unsigned n = draw(30) == 0 ? 1 + draw(3000) : 0; n > 0; n--, ++*hole_bytes)
            buffer_append_byte(text, '\0');
    }
    /* What is at the end is a hole only when something follows. */
    buffer_printf(wanted, "%zu:end\n", text->len);
    buffer_append(text, SPAN("end\n"));
}

static void run(struct world *w, uint64_t seed)
{
    struct buffer text = {0}, wanted = {0}, raw = {0}, gzip = {0};
    uint64_t hole_bytes;
    size_t at = 0;
    char name[40];

    snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
    random_state = seed * 0x9E3779B97F4A7C15u + 1;
    make_text(&text, &wanted, &hole_bytes);
    w->encoding = (enum encoding)draw(ENCODINGS);
    w->row = (struct file_row){0};
    w->hole_bytes = 0;
    buffer_clear(&w->got);
    raw = encode(w->encoding, buffer_span(&text));
    if (draw(2) == 0) {
        size_t half = draw((unsigned)raw.len);

        gzip_append(&gzip, (struct span){raw.bytes, half});
        gzip_append(&gzip, (struct span){raw.bytes + half, raw.len - half});
        buffer_finish(&raw);
        raw = gzip;
    }
    put(w, O_TRUNC, SPAN(""));
    reopen(w);
    while (at < raw.len) {
        size_t n = 1 + draw(draw(3) == 0 ? 40 : draw(2) == 0 ? 5000 : 300000);

        n = n < raw.len - at ? n : raw.len - at;
        put(w, O_APPEND, (struct span){raw.bytes + at, n});
        at += n;
        if (draw(4) == 0)
            reopen(w);
        if (draw(3) == 0)
            check_row(name, drain(w) == TAIL_QUIET);
        else if (draw(2) == 0)
            take(w);
        if (draw(5) == 0 && w->is_known)
            file_tail_put_aside(&w->tail, &w->row);
    }
    check_row(name, drain(w) == TAIL_QUIET);
    check_number(name, w->row.offset, text.len);
    check_number(name, w->hole_bytes, hole_bytes);
    check_row(name, span_equal(buffer_span(&w->got), buffer_span(&wanted)));
    buffer_finish(&text);
    buffer_finish(&wanted);
    buffer_finish(&raw);
}

static void lines_and_offsets_are_the_same_however_a_file_grows(void **state)
{
    for (uint64_t seed = 1; seed <= 25; seed++)
        run(*state, seed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_compressed_file_grows_and_its_end_is_final),
        TEST(a_compressed_copy_is_known_and_read_on),
        TEST(what_came_to_rest_is_not_decoded_again),
        TEST(the_seal_of_a_file_read_to_its_end_spares_decoding_it_again),
        TEST(damage_ends_a_file_and_nothing_before_is_lost),
        TEST(a_log_that_becomes_compressed_in_place_is_another_file),
        TEST(reads_each_encoding_as_it_grows),
        TEST(sees_that_a_transcoded_file_was_rewritten),
        TEST(a_restart_reads_on_without_reading_all_again),
        TEST(passes_over_holes),
        TEST(passes_over_a_long_hole_in_bounded_steps),
        TEST(room_that_a_writer_made_is_no_hole),
        TEST(refuses_what_is_no_log),
        TEST(lines_and_offsets_are_the_same_however_a_file_grows),
    };

    return cmocka_run_group_tests_name("file_stream", tests, NULL, NULL);
}
