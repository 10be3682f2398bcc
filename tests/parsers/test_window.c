/* SPDX-License-Identifier: MIT
 *
 * Windows of event time, over the days on which clocks are set.
 */
#include "parsers/window.h"

#include "parsers/timestamp.h"
#include "tests/support/test.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

/* Clocks of Berlin: forward on 29 March 2026, back on 25 October, at 01:00 UTC. */
static const struct zone_change berlin_changes[] = {{1774746000, 7200}, {1792890000, 3600}};
static const struct zone berlin = {.first_offset_s = 3600, .changes = berlin_changes, .count = 2};

/* Clocks of Beirut: forward at midnight, which that day has not, on 29 March 2026. */
static const struct zone_change beirut_changes[] = {{1774735200, 10800}};
static const struct zone beirut = {.first_offset_s = 7200, .changes = beirut_changes, .count = 1};

static const struct zone kathmandu = {
    .first_offset_s = 20700, .changes = NULL, .count = 0}; /* +05:45 */

static int64_t moment(const char *text)
{
    static const struct time_context context = {.reference_s = 0, .zone = &zone_utc};
    struct timestamp timestamp;
    size_t used;

    check_row(text, timestamp_parse(span_of(text), &context, &timestamp, &used) == PARSE_OK);
    return timestamp.unix_s;
}

struct row {
    const char *time;
    int64_t length_s;
    const struct zone *zone;
    const char *start, *end;
};

static const struct row rows[] = {
    {"2026-11-23T10:11:12Z", HOUR_S, &zone_utc, "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"},
    {"2026-11-23T10:00:00Z", HOUR_S, &zone_utc, "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"},
    {"2026-11-23T09:59:59Z", HOUR_S, &zone_utc, "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"},
    {"2026-11-23T10:11:12Z", DAY_S, &zone_utc, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"},
    {"2026-11-22T10:11:12Z", 7 * DAY_S, &zone_utc, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"},
    {"2026-11-23T00:00:00Z", 7 * DAY_S, &zone_utc, "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"},
    {"1970-01-01T00:00:00Z", DAY_S, &zone_utc, "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"},
    {"2026-11-23T10:11:12Z", HOUR_S, &kathmandu, "2026-11-23T09:15:00Z", "2026-11-23T10:15:00Z"},

    /* A day of 23 hours. */
    {"2026-03-28T23:00:00Z", DAY_S, &berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
    {"2026-03-29T00:59:59Z", DAY_S, &berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
    {"2026-03-29T21:59:59Z", DAY_S, &berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
    {"2026-03-29T22:00:00Z", DAY_S, &berlin, "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"},
    {"2026-03-29T00:30:00Z", HOUR_S, &berlin, "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
    {"2026-03-29T01:30:00Z", HOUR_S, &berlin, "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
    {"2026-03-29T03:00:00Z", 6 * HOUR_S, &berlin, "2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z"},
    {"2026-03-29T01:10:00Z", 2 * HOUR_S, &berlin, "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},

    /* A day of 25 hours, one of which has its clock time twice. */
    {"2026-10-24T22:00:00Z", DAY_S, &berlin, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
    {"2026-10-25T22:59:59Z", DAY_S, &berlin, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
    {"2026-10-25T23:00:00Z", DAY_S, &berlin, "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"},
    {"2026-10-25T00:30:00Z", HOUR_S, &berlin, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
    {"2026-10-25T01:30:00Z", HOUR_S, &berlin, "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},

    /* A day without midnight. */
    {"2026-03-28T22:00:00Z", DAY_S, &beirut, "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
    {"2026-03-29T20:59:59Z", DAY_S, &beirut, "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
};

static void begins_where_the_clocks_of_its_zone_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct window window = window_of(rows[i].length_s, rows[i].zone, moment(rows[i].time));
        char start[TIMESTAMP_TEXT_BYTES], end[TIMESTAMP_TEXT_BYTES];

        timestamp_write(window.start_s, start);
        timestamp_write(window.end_s, end);
        check_span(rows[i].time, span_of(start), rows[i].start);
        check_span(rows[i].time, span_of(end), rows[i].end);
    }
}

/* Each moment of a year is in the window that it is given, and these follow each other
 * without gap or overlap. */
static void every_moment_is_in_exactly_one_window(void **state)
{
    static const int64_t lengths[] = {900, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S};
    const struct zone *const zones[] = {&zone_utc, &berlin, &beirut, &kathmandu};
    int64_t from = moment("2026-01-01T00:00:00Z"), to = moment("2027-01-01T00:00:00Z");

    (void)state;
    for (size_t z = 0; z < 4; z++)
        for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
            struct window window = window_of(lengths[i], zones[z], from);

            for (int64_t t = from; t < to; t += 300) {
                struct window of_t = window_of(lengths[i], zones[z], t);

                if (t >= window.end_s) {
                    assert_int_equal(of_t.start_s, window.end_s);
                    window = of_t;
                }
                assert_int_equal(of_t.start_s, window.start_s);
                assert_int_equal(of_t.end_s, window.end_s);
                assert_true(of_t.start_s <= t && t < of_t.end_s);
            }
        }
}

static void a_day_is_cut_into_equal_parts_only(void **state)
{
    (void)state;
    assert_true(window_is_length(60));
    assert_true(window_is_length(8 * HOUR_S));
    assert_true(window_is_length(30 * DAY_S));
    assert_false(window_is_length(7 * HOUR_S));
    assert_false(window_is_length(36 * HOUR_S));
    assert_false(window_is_length(0));
    assert_false(window_is_length(-60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_where_the_clocks_of_its_zone_say),
        cmocka_unit_test(every_moment_is_in_exactly_one_window),
        cmocka_unit_test(a_day_is_cut_into_equal_parts_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
