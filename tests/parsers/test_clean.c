/* SPDX-License-Identifier: MIT
 *
 * parsers/clean.c: what goes, what stays, and when a line is copied.
 */
#include "parsers/clean.h"
#include "tests/support/test.h"

struct row {
    const char *line, *cleaned;
    bool is_copy;
};

static const struct row rows[] = {
    {"", "", false},
    {"plain text", "plain text", false},
    {"\xEF\xBB\xBFtext\r", "text", false},
    {"text\r\r", "text\r", false},
    /* Colours: at the ends, in the middle, nothing else on the line. */
    {"\x1b[32mtext\x1b[0m", "text", false},
    {"\x1b[1m\x1b[38;5;208mtext", "text", false},
    {"user \x1b[33malice\x1b[39m logged in", "user alice logged in", true},
    {"a\x1b[0m\x1b[1mb\x1b[0mc\r", "abc", true},
    {"\x1b[0m", "", false},
    {"a\x1b[?25l b\x1b[2 q c", "a b c", true},
    {"\x1b(B\x1b[mtext", "text", false},
    /* A title and a link. */
    {"\x1b]0;title\x07text", "text", false},
    {"\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link", false},
    /* Unfinished ones stay and swallow nothing. */
    {"a\x1b[12", "a\x1b[12", false},
    {"a\x1b", "a\x1b", false},
    {"a \x1b]0;title b", "a \x1b]0;title b", false},
    {"a \x1b]0;t\x1b[1mb", "a \x1b]0;tb", true},
    /* docker compose. */
    {"web-1  | GET /", "GET /", false},
    {"my_app.db-12 | ready", "ready", false},
    {"\x1b[36mweb-1  | \x1b[0mready", "ready", true},
    {"web-1 | ", "", false},
    {"web-1|GET /", "web-1|GET /", false},
    {"web-1 |GET /", "web-1 |GET /", false},
    {"203.0.113.7 | https | alice", "203.0.113.7 | https | alice", false},
    {"INFO   | jvm 1    | started", "INFO   | jvm 1    | started", false},
    {"| text", "| text", false},
    {"two words | text", "two words | text", false},
};

static void takes_off_what_the_product_never_wrote(void **state)
{
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span line = span_of(rows[i].line), cleaned;

        check_row(rows[i].line, clean_line(line, arena, &cleaned));
        check_span(rows[i].line, cleaned, rows[i].cleaned);
        check_row(rows[i].line, (cleaned.at < line.at || cleaned.at > span_end(line)) ==
                                    (rows[i].is_copy && cleaned.len > 0));
        arena_reset(arena);
    }
    arena_free(arena);
}

static void says_when_the_arena_is_full(void **state)
{
    struct arena *arena = arena_new(16);
    struct span cleaned;

    (void)state;
    check_row(
        "full", !clean_line(SPAN("0123456789\x1b[0m0123456789\x1b[0m0123456789"), arena, &cleaned));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_off_what_the_product_never_wrote),
        cmocka_unit_test(says_when_the_arena_is_full),
    };

    return cmocka_run_group_tests_name("clean", tests, NULL, NULL);
}
