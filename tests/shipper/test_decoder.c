/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/decoder.c with encoding.c and gunzip.c behind it: the same bytes
 * however the input is cut, and all that can be had of broken input.
 */
#include "parsers/memory.h"
#include "shipper/sources/decoder.h"
#include "tests/support/gzip.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define NONE "\xEF\xBF\xBD" /* U+FFFD */

struct outcome {
    struct buffer text;
    enum decoder_result result; /* at the end of the input */
    size_t left;                /* bytes that were not taken */
};

/* Feeds all of it, at first one piece, and one more whenever no more can be made of
 * what is there. */
static struct outcome decode(struct decoding decoding, struct span in, size_t piece)
{
    struct error err;
    struct decoder *decoder = decoder_new(decoding, &err);
    struct outcome outcome = {.result = DECODER_MORE};
    size_t given = 0;

    assert_non_null(decoder);
    for (;;) {
        struct span rest = {in.at, given};
        size_t before = outcome.text.len;

        outcome.result = decoder_feed(decoder, &rest, &outcome.text);
        check_row("bounded", outcome.text.len - before <= DECODER_MOST_BYTES);
        in = span_from(in, given - rest.len);
        if (rest.len < given || outcome.text.len > before) {
            given = rest.len;
            continue;
        }
        if (given == in.len || outcome.result == DECODER_BROKEN)
            break;
        given = in.len - given < piece ? in.len : given + piece;
    }
    outcome.left = in.len;
    decoder_free(decoder);
    return outcome;
}

static const struct encoding_row {
    const char *name;
    enum encoding encoding;
    struct span in;
    const char *out;
    size_t left;
} encoding_rows[] = {
    {"utf-8 is left alone", ENCODING_UTF_8, SPAN("a\xC3\xA9\xFF\x80\n"), "a\xC3\xA9\xFF\x80\n", 0},
    {"latin", ENCODING_ISO_8859_1, SPAN("M\xFCller \x80\xA4\n"), "Müller \xC2\x80¤\n", 0},
    {"windows", ENCODING_WINDOWS_1252, SPAN("M\xFCller \x80\x93\n"), "Müller €“\n", 0},
    {"windows: not assigned", ENCODING_WINDOWS_1252, SPAN("\x81\x8D\x8F\x90\x9D."),
        NONE NONE NONE NONE NONE ".", 0},
    {"little end", ENCODING_UTF_16LE, SPAN("a\0\xFC\0\xAC\x20\n\0"), "aü€\n", 0},
    {"big end", ENCODING_UTF_16BE, SPAN("\0a\0\xFC\x20\xAC\0\n"), "aü€\n", 0},
    {"the mark stays", ENCODING_UTF_16LE,
        SPAN("\xFF\xFE"
             "a\0"),
        "\xEF\xBB\xBF"
        "a",
        0},
    {"a pair", ENCODING_UTF_16LE, SPAN("\x3D\xD8\x00\xDE!\0"), "\xF0\x9F\x98\x80!", 0},
    {"a pair", ENCODING_UTF_16BE, SPAN("\xD8\x3D\xDE\x00\0!"), "\xF0\x9F\x98\x80!", 0},
    {"a high half alone", ENCODING_UTF_16LE,
        SPAN("\x3D\xD8"
             "a\0"),
        NONE "a", 0},
    {"a low half alone", ENCODING_UTF_16LE,
        SPAN("\x00\xDE"
             "a\0"),
        NONE "a", 0},
    {"halves in the wrong order", ENCODING_UTF_16BE, SPAN("\xDE\x00\xD8\x3D\0a"), NONE NONE "a", 0},
    {"a high half at the end", ENCODING_UTF_16LE, SPAN("a\0\x3D\xD8"), "a", 2},
    {"half a unit at the end", ENCODING_UTF_16LE, SPAN("a\0\n"), "a", 1},
    {"a byte of a pair", ENCODING_UTF_16BE, SPAN("\0a\xD8\x3D\xDE"), "a", 3},
    {"nothing", ENCODING_UTF_16BE, SPAN(""), "", 0},
};

static void transcodes_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(encoding_rows) / sizeof(*encoding_rows); i++) {
        const struct encoding_row *row = &encoding_rows[i];

        for (size_t piece = 1; piece <= row->in.len + 1; piece++) {
            struct outcome outcome =
                decode((struct decoding){false, row->encoding}, row->in, piece);

            check_span(row->name, buffer_span(&outcome.text), row->out);
            check_number(row->name, outcome.left, row->left);
            buffer_finish(&outcome.text);
        }
    }
}

static void transcodes_what_was_compressed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(encoding_rows) / sizeof(*encoding_rows); i++) {
        const struct encoding_row *row = &encoding_rows[i];
        struct buffer in = {0};

        gzip_append(&in, row->in);
        for (size_t piece = 1; piece <= in.len; piece += 7) {
            struct outcome outcome =
                decode((struct decoding){true, row->encoding}, buffer_span(&in), piece);

            check_span(row->name, buffer_span(&outcome.text), row->out);
            check_row(row->name, outcome.result == DECODER_END);
            buffer_finish(&outcome.text);
        }
        buffer_finish(&in);
    }
}

static void finds_out_how_a_file_is_to_be_read(void **state)
{
    static const struct {
        const char *name;
        struct span beginning;
        enum encoding configured, encoding;
    } rows[] = {
        {"text", SPAN("2026"), ENCODING_UTF_8, ENCODING_UTF_8},
        {"as configured", SPAN("2026"), ENCODING_UTF_16BE, ENCODING_UTF_16BE},
        {"empty", SPAN(""), ENCODING_ISO_8859_1, ENCODING_ISO_8859_1},
        {"little end",
            SPAN("\xFF\xFE"
                 "2\0"),
            ENCODING_UTF_8, ENCODING_UTF_16LE},
        {"big end", SPAN("\xFE\xFF\0002"), ENCODING_UTF_8, ENCODING_UTF_16BE},
        {"a mark knows better", SPAN("\xFE\xFF\0002"), ENCODING_UTF_16LE, ENCODING_UTF_16BE},
        {"UTF-8's mark too",
            SPAN("\xEF\xBB\xBF"
                 "2026"),
            ENCODING_WINDOWS_1252, ENCODING_UTF_8},
        {"half a mark", SPAN("\xFF"), ENCODING_UTF_8, ENCODING_UTF_8},
    };
    struct decoding decoding;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer gzip = {0};

        decoding = decoding_of(rows[i].beginning, rows[i].configured);
        check_number(rows[i].name, decoding.encoding, rows[i].encoding);
        check_row(rows[i].name, !decoding.is_gzip);
        gzip_append(&gzip, rows[i].beginning);
        decoding = decoding_of(buffer_span(&gzip), rows[i].configured);
        check_number(rows[i].name, decoding.encoding, rows[i].encoding);
        check_row(rows[i].name, decoding.is_gzip && !decoding_is_plain(decoding));
        buffer_finish(&gzip);
    }
    check_row("other methods", !decoding_of(SPAN("\x1F\x8B\x01"), ENCODING_UTF_8).is_gzip);
}

static const struct decoding plain_gzip = {true, ENCODING_UTF_8};

/* Two members; where the first ends. */
static struct buffer two_members(size_t *first)
{
    struct buffer in = {0};

    gzip_append(&in, SPAN("one\ntwo\n"));
    *first = in.len;
    gzip_append(&in, SPAN("three\nfour"));
    return in;
}

static void joins_members_whatever_the_pieces(void **state)
{
    size_t first;
    struct buffer in = two_members(&first);

    (void)state;
    for (size_t piece = 1; piece <= in.len; piece++) {
        struct outcome outcome = decode(plain_gzip, buffer_span(&in), piece);

        check_span("text", buffer_span(&outcome.text), "one\ntwo\nthree\nfour");
        check_row("end", outcome.result == DECODER_END);
        buffer_finish(&outcome.text);
    }
    buffer_finish(&in);
}

static void what_is_cut_off_may_still_come(void **state)
{
    size_t first;
    struct buffer in = two_members(&first);

    (void)state;
    for (size_t len = 0; len < in.len; len++) {
        struct outcome outcome = decode(plain_gzip, (struct span){in.bytes, len}, 5);

        check_row("a beginning",
            span_has_prefix(SPAN("one\ntwo\nthree\nfour"), buffer_span(&outcome.text)));
        check_row("the first member", len < first || outcome.text.len >= 8);
        check_row(
            "no end but a member's", (outcome.result == DECODER_END) == (len == first || len == 0));
        check_row("not broken", outcome.result != DECODER_BROKEN);
        buffer_finish(&outcome.text);
    }
    buffer_finish(&in);
}

static void what_is_damaged_ends_at_the_damage(void **state)
{
    size_t first;
    struct buffer in = two_members(&first);

    (void)state;
    for (size_t at = 0; at < in.len; at++) {
        struct outcome outcome;

        in.bytes[at] ^= 0x55;
        outcome = decode(plain_gzip, buffer_span(&in), in.len);
        check_row("bounded", outcome.text.len < 2000);
        check_row("the first member", at < first || outcome.text.len >= 8);
        /* Bytes 4 to 9 of a header say when, how and where it was made. */
        if (at >= first - 8 && at < first)
            check_row("its sum or length", outcome.result == DECODER_BROKEN);
        buffer_finish(&outcome.text);
        in.bytes[at] ^= 0x55;
    }
    buffer_finish(&in);
}

static void passes_over_padding_and_stops_at_what_is_no_gzip(void **state)
{
    static const struct {
        const char *name;
        struct span behind;
        enum decoder_result result;
    } rows[] = {
        {"nothing", SPAN(""), DECODER_END},
        {"zeros", SPAN("\0\0\0\0\0"), DECODER_END},
        {"text", SPAN("more"), DECODER_BROKEN},
        {"zeros, text", SPAN("\0\0more"), DECODER_BROKEN},
        {"half a header", SPAN("\x1F"), DECODER_MORE},
        {"no header", SPAN("\x1F\x8C"), DECODER_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer in = {0};
        struct outcome outcome;

        gzip_append(&in, SPAN("one\ntwo"));
        buffer_append(&in, rows[i].behind);
        outcome = decode(plain_gzip, buffer_span(&in), 3);
        check_span(rows[i].name, buffer_span(&outcome.text), "one\ntwo");
        check_number(rows[i].name, outcome.result, rows[i].result);
        buffer_finish(&outcome.text);
        buffer_finish(&in);
    }
}

static void says_what_is_wrong(void **state)
{
    struct buffer in = {0}, text = {0};
    struct error err;
    struct decoder *decoder = decoder_new(plain_gzip, &err);
    struct span rest;

    (void)state;
    gzip_append(&in, SPAN("one\n"));
    buffer_append(&in, SPAN("more"));
    rest = buffer_span(&in);
    assert_null(decoder_trouble(decoder));
    assert_int_equal(decoder_feed(decoder, &rest, &text), DECODER_BROKEN);
    assert_string_equal(
        decoder_trouble(decoder), "has bytes behind its compressed data that are none");
    assert_true(decoder_is_complete(decoder));
    decoder_free(decoder);

    decoder = decoder_new(plain_gzip, &err);
    buffer_clear(&text);
    rest = SPAN("\x1F\x8B\x08\0\0\0\0\0\0\3\xFF\xFF\xFF\xFF");
    assert_int_equal(decoder_feed(decoder, &rest, &text), DECODER_BROKEN);
    assert_string_equal(decoder_trouble(decoder), "has damaged compressed data");
    assert_false(decoder_is_complete(decoder));
    decoder_free(decoder);
    buffer_finish(&in);
    buffer_finish(&text);
}

static void expands_in_bounded_steps(void **state)
{
    struct buffer zeros = {0}, in = {0};
    struct outcome outcome;

    (void)state;
    memset(buffer_reserve(&zeros, 8u << 20), 0, 8u << 20);
    zeros.len = 8u << 20;
    gzip_append(&in, buffer_span(&zeros));
    check_row("a bomb", in.len < 10000);
    outcome = decode(plain_gzip, buffer_span(&in), in.len); /* checks each step */
    check_number("all of it", outcome.text.len, zeros.len);
    buffer_finish(&outcome.text);
    buffer_finish(&zeros);
    buffer_finish(&in);
}

/* Any bytes, in any encoding, cut anywhere. */
static void random_bytes_decode_the_same_in_any_pieces(void **state)
{
    uint64_t random = 88172645463325252u;
    char bytes[300];

    (void)state;
    for (unsigned run = 0; run < 400; run++) {
        struct decoding decoding = {run % 2, (enum encoding)(run / 2 % ENCODINGS)};
        struct buffer in = {0};
        struct outcome whole, cut;
        char name[40];

        snprintf(name, sizeof(name), "run %u", run);
        for (size_t i = 0; i < sizeof(bytes); i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes[i] = (char)random;
        }
        if (decoding.is_gzip)
            gzip_append(&in, (struct span){bytes, sizeof(bytes)});
        else
            buffer_append(&in, (struct span){bytes, sizeof(bytes)});
        whole = decode(decoding, buffer_span(&in), in.len);
        cut = decode(decoding, buffer_span(&in), 1 + random % 20);
        check_row(name, span_equal(buffer_span(&whole.text), buffer_span(&cut.text)));
        check_number(name, whole.left, cut.left);
        check_number(name, whole.result, cut.result);
        buffer_finish(&whole.text);
        buffer_finish(&cut.text);
        buffer_finish(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcodes_whatever_the_pieces),
        cmocka_unit_test(transcodes_what_was_compressed),
        cmocka_unit_test(finds_out_how_a_file_is_to_be_read),
        cmocka_unit_test(joins_members_whatever_the_pieces),
        cmocka_unit_test(what_is_cut_off_may_still_come),
        cmocka_unit_test(what_is_damaged_ends_at_the_damage),
        cmocka_unit_test(passes_over_padding_and_stops_at_what_is_no_gzip),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(expands_in_bounded_steps),
        cmocka_unit_test(random_bytes_decode_the_same_in_any_pieces),
    };

    return cmocka_run_group_tests_name("decoder", tests, NULL, NULL);
}
