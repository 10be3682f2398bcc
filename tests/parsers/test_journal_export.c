/* SPDX-License-Identifier: MIT
 *
 * parsers/journal_export.c through its header: entries in one piece and byte by byte.
 */
#include "parsers/journal_export.h"

#include "parsers/memory.h"
#include "tests/support/test.h"

#include <stdlib.h>

static const struct {
    const char *name;
    struct span bytes;
    const char *wanted; /* every entry, its fields described, ended by a bar */
} rows[] = {
    {"two entries", SPAN("A=1\nMESSAGE=hello\n\nA=2\n\n"), "A=[1] MESSAGE=[hello]|A=[2]|"},
    {"a value with equals signs", SPAN("MESSAGE=a=b=c\n\n"), "MESSAGE=[a=b=c]|"},
    {"an empty value", SPAN("MESSAGE=\n\n"), "MESSAGE=[]|"},
    {"a repeated field", SPAN("A=1\nA=2\n\n"), "A=[1] A=[2]|"},
    {"binary with newlines", SPAN("MESSAGE\n\5\0\0\0\0\0\0\0a\n\nb\n\nA=1\n\n"),
        "MESSAGE=[a\n\nb\n] A=[1]|"},
    {"an empty binary value", SPAN("MESSAGE\n\0\0\0\0\0\0\0\0\nA=1\n\n"), "MESSAGE=[] A=[1]|"},
    {"blank lines between entries", SPAN("\n\nA=1\n\n\n\nA=2\n\n"), "A=[1]|A=[2]|"},
    {"unfinished", SPAN("A=1\nMESSAGE=he"), ""},
};

static void add_entry(const struct journal_export *entry, struct buffer *out)
{
    size_t count;
    const struct field *fields = journal_export_fields(entry, &count);

    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s%.*s=[%.*s]", i > 0 ? " " : "", (int)fields[i].name.len,
            fields[i].name.at, (int)fields[i].value.len, fields[i].value.at);
    buffer_append_byte(out, '|');
}

static void check_pieces(size_t row, size_t piece_bytes)
{
    struct journal_export *entry = journal_export_new();
    struct span rest = rows[row].bytes;
    struct buffer got = {0};

    while (rest.len > 0) {
        struct span piece = {rest.at, rest.len < piece_bytes ? rest.len : piece_bytes};

        rest = span_from(rest, piece.len);
        while (journal_export_read(entry, &piece))
            add_entry(entry, &got);
        assert_int_equal(piece.len, 0);
    }
    check_span(rows[row].name, buffer_span(&got), rows[row].wanted);
    buffer_finish(&got);
    journal_export_free(entry);
}

static void reads_entries_whole_and_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (size_t piece_bytes = 1; piece_bytes <= rows[i].bytes.len; piece_bytes++)
            check_pieces(i, piece_bytes);
}

static void finds_a_field_by_name(void **state)
{
    struct journal_export *entry = journal_export_new();
    struct span rest = SPAN("A=1\nMESSAGE=hello\nMESSAGE=again\n\n");

    (void)state;
    assert_true(journal_export_read(entry, &rest));
    check_span("the first", journal_export_get(entry, SPAN("MESSAGE")), "hello");
    check_span("absent", journal_export_get(entry, SPAN("B")), NULL);
    check_row("not cut", !journal_export_is_cut(entry));
    journal_export_free(entry);
}

static void a_value_over_the_limit_is_cut_and_the_rest_still_read(void **state)
{
    struct journal_export *entry = journal_export_new();
    char *big = memory_new(2u * LIMIT_LINE_BYTES);
    struct span rest = SPAN("MESSAGE=");

    (void)state;
    memset(big, 'x', 2u * LIMIT_LINE_BYTES);
    assert_false(journal_export_read(entry, &rest));
    rest = (struct span){big, 2u * LIMIT_LINE_BYTES};
    assert_false(journal_export_read(entry, &rest));
    rest = SPAN("\nA=1\n\nA=2\n\n");
    assert_true(journal_export_read(entry, &rest));
    check_row("cut", journal_export_is_cut(entry));
    check_number("length", journal_export_get(entry, SPAN("MESSAGE")).len,
        LIMIT_LINE_BYTES - strlen("MESSAGE="));
    check_span("behind it", journal_export_get(entry, SPAN("A")), "1");
    assert_true(journal_export_read(entry, &rest));
    check_row("the next is whole", !journal_export_is_cut(entry));
    check_span("the next", journal_export_get(entry, SPAN("A")), "2");
    free(big);
    journal_export_free(entry);
}

static void too_many_fields_are_left_out(void **state)
{
    struct journal_export *entry = journal_export_new();
    size_t count;

    (void)state;
    for (unsigned i = 0; i <= LIMIT_JOURNAL_FIELDS; i++) {
        struct span rest = SPAN("A=1\n");

        assert_false(journal_export_read(entry, &rest));
    }
    assert_true(journal_export_read(entry, &SPAN("\n")));
    journal_export_fields(entry, &count);
    check_number("fields", count, LIMIT_JOURNAL_FIELDS);
    check_row("said", journal_export_is_cut(entry));
    journal_export_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_entries_whole_and_in_pieces),
        cmocka_unit_test(finds_a_field_by_name),
        cmocka_unit_test(a_value_over_the_limit_is_cut_and_the_rest_still_read),
        cmocka_unit_test(too_many_fields_are_left_out),
    };

    return cmocka_run_group_tests_name("journal_export", tests, NULL, NULL);
}
