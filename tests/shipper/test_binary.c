/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/binary.c and hole.c, on bytes in memory.
 */
#include "shipper/sources/binary.h"
#include "shipper/sources/hole.h"
#include "tests/support/test.h"

static char bytes[BINARY_LOOK_BYTES];

/* The text again and again. */
static struct span fill(struct span text)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = text.at[i % text.len];
    return (struct span){bytes, sizeof(bytes)};
}

static void knows_what_is_no_log(void **state)
{
    static const struct {
        struct span beginning;
        const char *kind;
    } rows[] = {
        {SPAN("\x7F"
              "ELF\2\1\1"),
            "a program (ELF)"},
        {SPAN("PK\3\4\x14\0\0\0"), "a ZIP archive"},
        {SPAN("\xFD"
              "7zXZ\0\0\4"),
            "an xz archive"},
        {SPAN("BZh91AY&SY"), "a bzip2 archive"},
        {SPAN("\x28\xB5\x2F\xFD\4"), "a Zstandard archive"},
        {SPAN("SQLite format 3\0\x10\0"), "an SQLite database"},
        {SPAN("LPKSHHRH\0\0"), "a journal file"},
        {SPAN("%PDF-1.7\n"), "a PDF document"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_span(rows[i].kind, span_of(binary_kind(rows[i].beginning)), rows[i].kind);
}

static void knows_a_tar_by_the_mark_in_its_header(void **state)
{
    (void)state;
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, "logs/app.log", 12);
    memcpy(bytes + 257,
        "ustar\0"
        "00",
        8);
    assert_string_equal(binary_kind((struct span){bytes, 512}), "a tar archive");
    memcpy(bytes + 257, "ustar  ", 8);
    assert_string_equal(binary_kind((struct span){bytes, 512}), "a tar archive");
}

static void knows_random_bytes_and_wide_characters(void **state)
{
    uint64_t random = 1;

    (void)state;
    for (unsigned run = 0; run < 50; run++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (char)(random >> 56);
        }
        assert_string_equal(binary_kind((struct span){bytes, sizeof(bytes)}), "no text");
    }
    assert_string_equal(
        binary_kind(fill(SPAN("l\0o\0g\0i\0n\0\n\0"))), "UTF-16 without a byte order mark");
    assert_string_equal(
        binary_kind(fill(SPAN("\0l\0o\0g\0i\0n\0\n"))), "UTF-16 without a byte order mark");
}

static void lets_every_kind_of_text_pass(void **state)
{
    static const struct span texts[] = {
        SPAN("2026-11-23T10:11:12Z app1 acme[7]: started\n"),
        SPAN("\033[32mINFO\033[0m login ok\r\n"),
        SPAN("8=FIX.4.4\1"
             "9=112\1"
             "35=A\1\n"),
        SPAN("\x1E{\"a\":1}\n"),
        SPAN("M\xFCller \x80\x81\x90\xFF\xFE\n"),
        SPAN("\xE6\x97\xA5\xE6\x9C\xAC\n"),
        SPAN("BZhang logged in\n"),
        SPAN("PK of the order: 17\n"),
        SPAN("one NUL\0 in a long line of text that has no other one at all\n"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        check_row(texts[i].at, !binary_kind(texts[i]));
        check_row(texts[i].at, !binary_kind(fill(texts[i])));
    }
    assert_null(binary_kind(SPAN("")));
    fill(SPAN("login\n"));
    memset(bytes, 0, sizeof(bytes) - 1000);
    assert_null(binary_kind((struct span){bytes, sizeof(bytes)}));
    memset(bytes, 0, sizeof(bytes));
    assert_null(binary_kind((struct span){bytes, sizeof(bytes)}));
}

static void finds_holes_where_lines_begin_and_only_there(void **state)
{
    static const struct {
        struct span text;
        size_t first, next; /* next: 99 for none */
    } rows[] = {
        {SPAN(""), 0, 99},
        {SPAN("a\nb\n"), 0, 99},
        {SPAN("\0a\n"), 1, 99},
        {SPAN("\0\0\0"), 3, 99},
        {SPAN("a\n\0b\n"), 0, 2},
        {SPAN("a\0b\n"), 0, 99},
        {SPAN("a\0\n\0\0b\n"), 0, 3},
        {SPAN("a\n\0"), 0, 2},
        {SPAN("a\0\0\n"), 0, 99},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *next = hole_find(rows[i].text);

        check_number(rows[i].text.at, hole_bytes(rows[i].text), rows[i].first);
        check_number(rows[i].text.at, next ? (uint64_t)(next - rows[i].text.at) : 99, rows[i].next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_is_no_log),
        cmocka_unit_test(knows_a_tar_by_the_mark_in_its_header),
        cmocka_unit_test(knows_random_bytes_and_wide_characters),
        cmocka_unit_test(lets_every_kind_of_text_pass),
        cmocka_unit_test(finds_holes_where_lines_begin_and_only_there),
    };

    return cmocka_run_group_tests_name("binary", tests, NULL, NULL);
}
