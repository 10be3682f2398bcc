/* SPDX-License-Identifier: MIT
 *
 * parsers/zone.c through its header, on a zone of four changes: Berlin's clocks
 * in 2025 and 2026.
 */
#include "parsers/timestamp.h"
#include "parsers/zone.h"
#include "tests/support/test.h"

static const struct zone_change changes[] = {
    {1743296400, 7200}, /* 2025-03-30T01:00:00Z */
    {1761440400, 3600}, /* 2025-10-26T01:00:00Z */
    {1774746000, 7200}, /* 2026-03-29T01:00:00Z */
    {1792890000, 3600}, /* 2026-10-25T01:00:00Z */
};
static const struct zone berlin = {.first_offset_s = 3600, .changes = changes, .count = 4};

static void offsets_hold_from_their_change_on(void **state)
{
    (void)state;
    check_number("long before", zone_offset(&berlin, INT64_MIN), 3600);
    check_number("second before the first", zone_offset(&berlin, 1743296399), 3600);
    check_number("first", zone_offset(&berlin, 1743296400), 7200);
    check_number("second before the second", zone_offset(&berlin, 1761440399), 7200);
    check_number("second", zone_offset(&berlin, 1761440400), 3600);
    check_number("last", zone_offset(&berlin, 1792890000), 3600);
    check_number("long after", zone_offset(&berlin, INT64_MAX), 3600);
    check_number("UTC", zone_offset(&zone_utc, 1795428672), 0);
}

/* The seconds since 1970 on a clock that shows the text. */
static int64_t reading(const char *text)
{
    static const struct time_context context = {.reference_s = 0, .zone = &zone_utc};
    struct timestamp timestamp;
    size_t used;

    check_row(text, timestamp_parse(span_of(text), &context, &timestamp, &used) == PARSE_OK);
    return timestamp.unix_s;
}

struct row {
    const char *local, *utc;
};

static const struct row rows[] = {
    {"2020-07-01 12:00:00", "2020-07-01T11:00:00Z"},
    {"2026-01-01 12:00:00", "2026-01-01T11:00:00Z"},
    {"2026-07-01 12:00:00", "2026-07-01T10:00:00Z"},
    {"2030-07-01 12:00:00", "2030-07-01T11:00:00Z"},

    /* Skipped: from 02:00:00 to 02:59:59 */
    {"2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
    {"2026-03-29 02:00:00", "2026-03-29T01:00:00Z"},
    {"2026-03-29 02:30:00", "2026-03-29T01:30:00Z"},
    {"2026-03-29 02:59:59", "2026-03-29T01:59:59Z"},
    {"2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},

    /* Twice: from 02:00:00 to 02:59:59 */
    {"2026-10-25 01:59:59", "2026-10-24T23:59:59Z"},
    {"2026-10-25 02:00:00", "2026-10-25T00:00:00Z"},
    {"2026-10-25 02:59:59", "2026-10-25T00:59:59Z"},
    {"2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
};

static void local_times_become_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char utc[TIMESTAMP_TEXT_BYTES];

        timestamp_write(zone_to_unix(&berlin, reading(rows[i].local)), utc);
        check_span(rows[i].local, span_of(utc), rows[i].utc);
    }
}

static void a_zone_without_changes_is_one_offset(void **state)
{
    static const struct zone behind = {.first_offset_s = -16200, .changes = NULL, .count = 0};

    (void)state;
    check_number("UTC", zone_to_unix(&zone_utc, 1795428672), 1795428672);
    check_number("-04:30", zone_to_unix(&behind, 1795428672), 1795428672 + 16200);
}

/* Every local hour that the clocks show leads back to itself. */
static void moments_and_readings_agree(void **state)
{
    (void)state;
    for (int64_t at_s = 1735689600; at_s < 1798761600; at_s += 3600) {
        int64_t local_s = at_s + zone_offset(&berlin, at_s);
        int64_t back_s = zone_to_unix(&berlin, local_s);

        check_row("same reading", back_s + zone_offset(&berlin, back_s) == local_s);
        check_row("first occurrence", back_s == at_s || back_s == at_s - 3600);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_hold_from_their_change_on),
        cmocka_unit_test(local_times_become_moments),
        cmocka_unit_test(a_zone_without_changes_is_one_offset),
        cmocka_unit_test(moments_and_readings_agree),
    };

    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
