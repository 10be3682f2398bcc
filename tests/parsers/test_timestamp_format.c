/* SPDX-License-Identifier: MIT
 *
 * parsers/timestamp_format.c through its header: formats, texts, and what becomes of both
 * in timestamp_parse_as; formats that are refused, with the place.
 */
#include "parsers/timestamp.h"
#include "parsers/timestamp_format.h"
#include "tests/support/test.h"

static const struct time_context context = {.reference_s = 1795428672, .zone = &zone_utc};

struct row {
    const char *format, *text, *wanted; /* the moment and what was left, "no" or "bad" */
};

static const struct row rows[] = {
    {"%d/%m/%Y %H:%M:%S", "02/08/2026 16:08:03 x", "2026-08-02T16:08:03Z| x"},
    {"%m/%d/%Y %H:%M:%S", "02/08/2026 16:08:03 x", "2026-02-08T16:08:03Z| x"},
    {"%d/%m/%Y %H:%M:%S", "13/13/2026 16:08:03", "bad"},
    {"%m/%d/%Y %H:%M:%S", "23/08/2026 16:08:03", "bad"},
    {"%d/%m/%y, %I:%M %p", "2/8/26, 4:08 PM", "2026-08-02T16:08:00Z|"},
    {"%d/%m/%Y %H:%M:%S", "02/08/2026 16:08:03.123456", "2026-08-02T16:08:03Z|"},
    {"%Y-%m-%d %H:%M:%S.%f", "2026-11-23 10:11:12.123", "2026-11-23T10:11:12Z|"},
    {"%Y-%m-%d %H:%M:%S,%L %z", "2026-11-23 10:11:12,123 +0200", "2026-11-23T08:11:12Z|"},
    {"%Y-%m-%d %H:%M:%S.%f", "2026-11-23 10:11:12", "no"},
    {"%FT%T%z", "2026-11-23T10:11:12Z", "2026-11-23T10:11:12Z|"},
    {"%FT%T%z", "2026-11-23T10:11:12.5+05:30 x", "2026-11-23T04:41:12Z| x"},
    {"%D %R", "11/23/26 10:11", "2026-11-23T10:11:00Z|"},
    {"%b %e %H:%M:%S", "Nov  3 10:11:12 web1", "2026-11-03T10:11:12Z| web1"},
    {"%a %b %e %T %Y", "Tue Nov  3 10:11:12 2026", "2026-11-03T10:11:12Z|"},
    {"%A, %d-%B-%y %T %Z", "Monday, 23-November-26 10:11:12 CET", "2026-11-23T09:11:12Z|"},
    {"[%d.%m.%Y / %H.%M.%S]", "[23.11.2026 / 10.11.12] x", "2026-11-23T10:11:12Z| x"},
    {"%Y%m%d%H%M%S", "20261123101112", "2026-11-23T10:11:12Z|"},
    {"%d%m%y-%H%M", "231126-1011", "2026-11-23T10:11:00Z|"},
    {"%Y-%m-%d", "2026-11-23", "2026-11-23T00:00:00Z|"},
    {"%H:%M", "10:11", "2026-11-23T10:11:00Z|"},
    {"%s", "1795428672.25", "2026-11-23T10:11:12Z|"},
    {"%s", "86400", "1970-01-02T00:00:00Z|"},
    {"at %s", "at 1795428672 x", "2026-11-23T10:11:12Z| x"},
    {"day %d of %m, %H%%%M", "day 23 of 11, 10%11", "2026-11-23T10:11:00Z|"},
    {"Y%Y m%m d%d", "Y2026 m11 d23", "2026-11-23T00:00:00Z|"},

    {"%H:%M", "10:11:12", "no"},
    {"%I:%M%p", "10:11", "no"},
    {"%Y-%m-%d", "2026-11-23T10:11:12Z", "no"},
    {"%d/%m/%Y", "23/11/2026:10:11", "no"},
    {"%d/%m/%Y", "23/11/26", "no"},
    {"%s", "123456789012", "no"},
    {"%s", "x", "no"},
    {"%H:%M:%S", "25:00:00", "bad"},
    {"%I:%M %p", "13:00 PM", "bad"},
    {"%Y-%m-%d", "2026-02-30", "bad"},
};

static void reads_every_row(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span text = span_of(rows[i].text);
        struct timestamp_format_fault fault;
        const char *shape = timestamp_format_compile(span_of(rows[i].format), arena, &fault);
        char moment[TIMESTAMP_TEXT_BYTES];
        struct timestamp timestamp;
        size_t used = 0;
        enum parse_result result;

        check_row(rows[i].format, shape != NULL);
        result = timestamp_parse_as(&shape, 1, text, &context, &timestamp, &used);
        buffer_clear(&out);
        if (result == PARSE_OK) {
            timestamp_write(timestamp.unix_s, moment);
            buffer_printf(&out, "%s|%s", moment, rows[i].text + used);
        } else {
            buffer_append(&out, result == PARSE_NO ? SPAN("no") : SPAN("bad"));
        }
        check_span(rows[i].format, buffer_span(&out), rows[i].wanted);
    }
    buffer_finish(&out);
    arena_free(arena);
}

static void the_first_that_gives_a_moment_counts(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct timestamp_format_fault fault;
    const char *const shapes[] = {
        timestamp_format_compile(SPAN("%m/%d/%Y %T"), arena, &fault),
        timestamp_format_compile(SPAN("%d/%m/%Y %T"), arena, &fault),
    };
    struct timestamp timestamp;
    size_t used;

    (void)state;
    check_row("second", timestamp_parse_as(shapes, 2, SPAN("23/11/2026 10:11:12"), &context,
                            &timestamp, &used) == PARSE_OK);
    check_number("second", (uint64_t)timestamp.unix_s, 1795428672);
    check_row("said", !timestamp.is_order_guess);
    check_row("neither", timestamp_parse_as(shapes, 2, SPAN("2026-11-23 10:11:12"), &context,
                             &timestamp, &used) == PARSE_NO);
    arena_free(arena);
}

static void what_could_give_no_moment_is_refused(void **state)
{
    static const struct {
        const char *format;
        size_t offset, len;
        const char *message;
    } bad[] = {
        {"%d/%q/%Y", 3, 2, "an unknown directive"},
        {"%d/%m/%", 6, 1, "an unknown directive"},
        {"%d/%m/%Y %d", 9, 2, "what it reads was read before"},
        {"%F %T %H", 6, 2, "what it reads was read before"},
        {"%d/%Y", 0, 5, "half a date"},
        {"%Y %H:%M", 0, 8, "half a date"},
        {"yyyy-MM-dd", 0, 10, "neither a date nor a time of day"},
        {"%M:%S", 0, 5, "neither a date nor a time of day"},
        {"%d/%m %M:%S", 0, 11, "minutes without an hour"},
        {"%I:%M", 0, 5, "an hour by the 12-hour clock, and no AM or PM"},
    };
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct timestamp_format_fault fault;

        check_row(bad[i].format, !timestamp_format_compile(span_of(bad[i].format), arena, &fault));
        check_number(bad[i].format, fault.offset, bad[i].offset);
        check_number(bad[i].format, fault.len, bad[i].len);
        check_span(bad[i].format, span_of(fault.message), bad[i].message);
        check_row(bad[i].format, fault.hint[0] != '\0');
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_row),
        cmocka_unit_test(the_first_that_gives_a_moment_counts),
        cmocka_unit_test(what_could_give_no_moment_is_refused),
    };

    return cmocka_run_group_tests_name("timestamp_format", tests, NULL, NULL);
}
