/* SPDX-License-Identifier: MIT
 *
 * parsers/draft_records.c through its header.
 */
#include "parsers/draft_records.h"
#include "parsers/limits.h"
#include "tests/support/test.h"

static void objects_over_several_lines_become_a_line_each(void **state)
{
    static const struct span text[] = {SPAN("started"), SPAN("{"), SPAN("  \"a\": {"),
        SPAN("    \"b\": 1"), SPAN("  }"), SPAN("}"), SPAN("{ "), SPAN("\"a\": 2}"),
        SPAN("{\"a\": 3}")};
    static const char *const joined[] = {
        "started", "{ \"a\": { \"b\": 1 } }", "{ \"a\": 2}", "{\"a\": 3}"};
    struct span lines[sizeof(text) / sizeof(*text)];
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    memcpy(lines, text, sizeof(text));
    assert_true(draft_records_are_spread(lines, sizeof(text) / sizeof(*text)));
    assert_int_equal(draft_records_join(lines, sizeof(text) / sizeof(*text), arena), 4);
    for (size_t i = 0; i < 4; i++)
        check_span(joined[i], lines[i], joined[i]);
    arena_free(arena);
}

static void a_log_of_whole_objects_is_left_alone(void **state)
{
    static const struct span lines[] = {SPAN("{\"a\": 1}"), SPAN("{"), SPAN("{\"a\": 2}")};

    (void)state;
    assert_false(draft_records_are_spread(lines, 3));
    assert_false(draft_records_are_spread(lines, 1));
    assert_false(draft_records_are_spread(lines, 0));
}

static void a_record_ends_at_its_limits(void **state)
{
    enum { LINES = LIMIT_RECORD_LINES + 2 };
    struct span *lines = test_malloc(LINES * sizeof(*lines));
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES), *full = arena_new(1);

    (void)state;
    for (size_t i = 0; i < LINES; i++)
        lines[i] = SPAN("1");
    lines[0] = SPAN("{");
    assert_int_equal(draft_records_join(lines, LINES, arena), 3);
    lines[0] = SPAN("{");
    lines[1] = SPAN("}");
    assert_int_equal(draft_records_join(lines, 2, full), 1);
    check_span("no room", lines[0], "{");
    arena_free(arena);
    arena_free(full);
    test_free(lines);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_over_several_lines_become_a_line_each),
        cmocka_unit_test(a_log_of_whole_objects_is_left_alone),
        cmocka_unit_test(a_record_ends_at_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
