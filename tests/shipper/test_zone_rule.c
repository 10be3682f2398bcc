/* SPDX-License-Identifier: MIT
 *
 * shipper/zone_rule.c through its header: TZ strings with what the clocks do in
 * 2026, and texts that are none.
 */
#include "parsers/timestamp.h"
#include "shipper/zone_rule.h"
#include "tests/support/test.h"

struct row {
    const char *text;
    int32_t standard_s;
    const char *first; /* the year's changes: moment and offset; NULL: none */
    int32_t first_s;
    const char *second;
    int32_t second_s;
};

static const struct row rows[] = {
    {"UTC0", 0, NULL, 0, NULL, 0},
    {"CET-1", 3600, NULL, 0, NULL, 0},
    {"<+0330>-3:30", 12600, NULL, 0, NULL, 0},
    {"ABC+3:04:05", -11045, NULL, 0, NULL, 0},
    {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, "2026-03-29T01:00:00Z", 7200, "2026-10-25T01:00:00Z",
        3600},
    {"EST5EDT,M3.2.0,M11.1.0", -18000, "2026-03-08T07:00:00Z", -14400, "2026-11-01T06:00:00Z",
        -18000},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", 36000, "2026-04-04T16:00:00Z", 36000, "2026-10-03T16:00:00Z",
        39600},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, "2026-03-29T01:00:00Z", 3600, "2026-10-25T01:00:00Z", 0},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, "2026-03-29T01:00:00Z", -3600,
        "2026-10-25T01:00:00Z", -7200},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, "2026-03-28T00:00:00Z", 10800, "2026-10-23T23:00:00Z",
        7200},
    {"AAA0BBB-2:30,M1.1.1/0,M12.5.6/0", 0, "2026-01-05T00:00:00Z", 9000, "2026-12-25T21:30:00Z", 0},
};

static void reads_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        struct zone_change changes[2];
        struct zone_rule rule;
        char text[TIMESTAMP_TEXT_BYTES];

        check_row(row->text, zone_rule_parse(span_of(row->text), &rule));
        check_row(row->text, rule.standard_s == row->standard_s);
        check_row(row->text, rule.has_summer == (row->first != NULL));
        if (!row->first)
            continue;
        zone_rule_changes(&rule, 2026, changes);
        timestamp_write(changes[0].at_s, text);
        check_span(row->text, span_of(text), row->first);
        check_row(row->text, changes[0].offset_s == row->first_s);
        timestamp_write(changes[1].at_s, text);
        check_span(row->text, span_of(text), row->second);
        check_row(row->text, changes[1].offset_s == row->second_s);
    }
}

static const char *const bad[] = {
    "",
    "CE-1",
    "CET",
    "CET-",
    "CET-25",
    "CET-1:60",
    "CET-1:00:60",
    "CET-1x",
    "<+03-3",
    "<x>-3",
    "CET-1CEST",
    "CET-1CEST,M3.5.0",
    "CET-1CEST,M3.5.0,",
    "CET-1CEST,M3.5.0,M10.5.0/",
    "CET-1CEST,M3.5.0,M10.5.0/168",
    "CET-1CEST,M3.5.0,M10.5.0/3 ",
    "CET-1CEST,M0.5.0,M10.5.0",
    "CET-1CEST,M13.5.0,M10.5.0",
    "CET-1CEST,M3.0.0,M10.5.0",
    "CET-1CEST,M3.6.0,M10.5.0",
    "CET-1CEST,M3.5.7,M10.5.0",
    "CET-99999999999999999999",
    "CET-1CEST,J60,J300",
    "Europe/Berlin",
};

static void refuses_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct zone_rule rule;

        check_row(bad[i], !zone_rule_parse(span_of(bad[i]), &rule));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_row),
        cmocka_unit_test(refuses_every_bad_row),
    };

    return cmocka_run_group_tests_name("zone_rule", tests, NULL, NULL);
}
