/* SPDX-License-Identifier: MIT
 *
 * parsers/lines.c: where lines end, and that no byte of a chunk is counted
 * twice or not at all.
 */
#include "parsers/lines.h"
#include "tests/support/test.h"

struct framing {
    const char *chunk;
    const char *lines[4];
    size_t whole_bytes[4];
};

static const struct framing framings[] = {
    {"", {NULL}, {0}},
    {"one\n", {"one"}, {4}},
    {"one\r\ntwo", {"one", "two"}, {5, 3}},
    {"\n\r\n\n", {"", "", ""}, {1, 2, 1}},
    {"a\rb\n", {"a\rb"}, {4}},
    {"a\r\r\nb\r", {"a\r", "b\r"}, {4, 2}},
};

static void ends_lines_at_every_newline_and_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(framings) / sizeof(*framings); i++) {
        const struct framing *row = &framings[i];
        struct span rest = span_of(row->chunk), line;
        size_t count = 0, sum = 0, whole_bytes;

        while (lines_next(&rest, &line, &whole_bytes)) {
            check_span(row->chunk, line, row->lines[count]);
            check_number(row->chunk, whole_bytes, row->whole_bytes[count]);
            sum += whole_bytes;
            count++;
        }
        check_row(row->chunk, row->lines[count] == NULL);
        check_number(row->chunk, sum, strlen(row->chunk));
    }
}

static void keeps_nul_bytes(void **state)
{
    struct span rest = SPAN("a\0b\nc"), line;
    size_t whole_bytes;

    (void)state;
    check_row("nul", lines_next(&rest, &line, &whole_bytes));
    check_row("nul", span_equal(line, SPAN("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_lines_at_every_newline_and_nowhere_else),
        cmocka_unit_test(keeps_nul_bytes),
    };

    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
