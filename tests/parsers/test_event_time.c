/* SPDX-License-Identifier: MIT
 *
 * When an event happened: a line as a rule file reads it, the reference and the
 * zone of its input (engine.h), and the event_at that comes out. What the shapes of
 * times are is tested in test_timestamp.c, what zones do in test_zone.c.
 */
#include "parsers/engine.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

#include <stdio.h>

static const char rules_text[] = "product: acme\n"
                                 "format: plain\n"
                                 "rules:\n"
                                 "  - name: seen\n"
                                 "    match: 'user=(?<u>\\S+)(?: at (?<at>.+))?'\n"
                                 "    %s\n"
                                 "    event:\n"
                                 "      activity_type: SEEN\n"
                                 "      user_id: '${u}'\n"
                                 "      ip_addr: 192.0.2.9\n"
                                 "    samples: [{line: 'user=a', event: {user_id: a}}]\n";

/* Clocks of Berlin: forward on 29 March 2026, back on 25 October, at 01:00 UTC. */
static const struct zone_change changes[] = {
    {1743296400, 7200}, {1761440400, 3600}, {1774746000, 7200}, {1792890000, 3600}};
static const struct zone berlin = {.first_offset_s = 3600, .changes = changes, .count = 4};

static void keep_time(void *arg, const struct event *event)
{
    *(int64_t *)arg = event->at_s;
}

/* The event of one line, as "2026-11-23T10:11:12Z"; "none" without one. */
static void time_of(const char *time_key, const char *line, const struct time_context *context,
    char text[TIMESTAMP_TEXT_BYTES])
{
    char yaml[1024];
    int64_t at_s = 0;
    const struct engine_output output = {.event = keep_time, .arg = &at_s};
    const struct engine_source source = {.source_id = SPAN("here"), .time = *context};
    const struct engine_chunk chunk = {.bytes = span_of(line)};
    struct engine_counts counts = {0};
    struct loaded_rules loaded;
    struct engine_rules rules;
    struct engine_settings settings = {.instance = SPAN("test"), .rules = &rules, .rules_count = 1};
    struct engine *engine;

    snprintf(yaml, sizeof(yaml), rules_text, time_key);
    loaded = rules_load(yaml);
    rules = (struct engine_rules){.file = loaded.file};
    engine = engine_new(&settings);
    engine_feed(engine, &source, &chunk, &output, &counts);
    if (counts.events == 1)
        timestamp_write(at_s, text);
    else
        strcpy(text, "none");
    engine_free(engine);
    rules_unload(&loaded);
}

static int64_t moment(const char *text)
{
    static const struct time_context context = {.reference_s = 0, .zone = &zone_utc};
    struct timestamp timestamp;
    size_t used;

    check_row(text, timestamp_parse(span_of(text), &context, &timestamp, &used) == PARSE_OK);
    return timestamp.unix_s;
}

struct row {
    const char *line, *reference;
    const struct zone *zone;
    const char *wanted;
};

static const struct row rows[] = {
    /* New year, live: the line is a second old. */
    {"Dec 31 23:59:59 user=a", "2027-01-01T00:00:00Z", &zone_utc, "2026-12-31T23:59:59Z"},
    {"Jan  1 00:00:00 user=a", "2027-01-01T00:00:01Z", &zone_utc, "2027-01-01T00:00:00Z"},
    /* A writer whose clock is a little ahead of ours. */
    {"Jan  1 00:00:02 user=a", "2026-12-31T23:59:58Z", &zone_utc, "2027-01-01T00:00:02Z"},
    /* In a zone that is already, or not yet, in the new year. */
    {"Jan  1 00:30:00 user=a", "2026-12-31T23:30:01Z", &berlin, "2026-12-31T23:30:00Z"},
    {"Dec 31 23:30:00 user=a", "2027-01-01T00:00:01Z", &berlin, "2026-12-31T22:30:00Z"},

    /* Catching up: the reference is when the file was last written. */
    {"Dec 31 10:11:12 user=a", "2025-12-31T23:00:00Z", &zone_utc, "2025-12-31T10:11:12Z"},
    {"Jan  2 10:11:12 user=a", "2025-12-31T23:00:00Z", &zone_utc, "2025-01-02T10:11:12Z"},
    {"Nov 23 10:11:12 user=a", "2024-11-24T00:00:00Z", &zone_utc, "2024-11-23T10:11:12Z"},
    /* A file from the future or from 1970 still gives some year, and no other harm. */
    {"Nov 23 10:11:12 user=a", "2038-01-19T03:14:08Z", &zone_utc, "2037-11-23T10:11:12Z"},
    {"Nov 23 10:11:12 user=a", "1970-01-01T00:00:00Z", &zone_utc, "1970-01-01T00:00:00Z"},

    /* 29 February without a year takes the latest leap year. */
    {"Feb 29 10:11:12 user=a", "2028-02-29T10:11:13Z", &zone_utc, "2028-02-29T10:11:12Z"},
    {"Feb 29 10:11:12 user=a", "2027-03-01T10:11:12Z", &zone_utc, "2024-02-29T10:11:12Z"},

    /* Clocks set forward: 02:30 is read as before. Back: as its first occurrence. */
    {"2026-03-29 02:30:00 user=a", "2026-11-23T10:11:12Z", &berlin, "2026-03-29T01:30:00Z"},
    {"2026-10-25 02:30:00 user=a", "2026-11-23T10:11:12Z", &berlin, "2026-10-25T00:30:00Z"},
    {"2026-10-25 02:30:00 CET user=a", "2026-11-23T10:11:12Z", &berlin, "2026-10-25T01:30:00Z"},
    {"Oct 25 02:30:00 user=a", "2026-10-25T01:30:01Z", &berlin, "2026-10-25T00:30:00Z"},

    /* Its own zone before the input's, which counts only where there is none. */
    {"2026-11-23T10:11:12Z user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T10:11:12Z"},
    {"2026-11-23T10:11:12 user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T09:11:12Z"},
    {"2026-11-23T10:11:12+0530 user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T04:41:12Z"},

    /* Seconds, milliseconds, microseconds. */
    {"1795428672 user=a", "2020-01-01T00:00:00Z", &berlin, "2026-11-23T10:11:12Z"},
    {"1795428672123 user=a", "2020-01-01T00:00:00Z", &berlin, "2026-11-23T10:11:12Z"},
    {"1795428672123456 user=a", "2020-01-01T00:00:00Z", &berlin, "2026-11-23T10:11:12Z"},

    /* No time, or an impossible one: the reference. */
    {"user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T10:11:12Z"},
    {"2026-02-30T10:11:12Z user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T10:11:12Z"},
    {"Feb 30 10:11:12 user=a", "2026-11-23T10:11:12Z", &berlin, "2026-11-23T10:11:12Z"},
};

static void a_lines_own_time_is_settled_by_reference_and_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct time_context context = {
            .reference_s = moment(rows[i].reference), .zone = rows[i].zone};
        char text[TIMESTAMP_TEXT_BYTES];

        time_of("continue: true", rows[i].line, &context, text);
        check_span(rows[i].line, span_of(text), rows[i].wanted);
    }
}

static void the_time_that_the_rule_names_counts(void **state)
{
    static const struct row named[] = {
        {"2020-01-01T00:00:00Z user=a at Dec 31 23:59:59", "2027-01-01T00:00:30Z", &zone_utc,
            "2026-12-31T23:59:59Z"},
        {"2020-01-01T00:00:00Z user=a at 1795428672123", "2027-01-01T00:00:30Z", &zone_utc,
            "2026-11-23T10:11:12Z"},
        {"2020-01-01T00:00:00Z user=a at 2026-07-01 10:11:12", "2027-01-01T00:00:30Z", &berlin,
            "2026-07-01T08:11:12Z"},
    };
    static const struct {
        const char *time, *line, *wanted;
    } told[] = {
        {"{from: '${at}', formats: ['%d/%m/%Y %H:%M']}", "1795428672 user=a at 02/08/2026 10:11",
            "2026-08-02T08:11:00Z"},
        {"{from: ['${at}', '${at}'], zone: '+05:30'}", "1795428672 user=a at 2026-07-01 10:11:12",
            "2026-07-01T04:41:12Z"},
        {"{zone: '-0500'}", "2026-07-01 10:11:12 user=a", "2026-07-01T15:11:12Z"},
        {"{zone: '-0500'}", "2026-07-01 10:11:12Z user=a", "2026-07-01T10:11:12Z"},
        {"{formats: ['%H:%M', '%d/%m/%Y %H:%M:%S'], zone: UTC}", "02/08/2026 10:11:12 user=a",
            "2026-08-02T10:11:12Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
        struct time_context context = {
            .reference_s = moment(named[i].reference), .zone = named[i].zone};
        char text[TIMESTAMP_TEXT_BYTES];

        time_of("time: '${at}'", named[i].line, &context, text);
        check_span(named[i].line, span_of(text), named[i].wanted);
    }
    for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
        const struct time_context context = {.reference_s = 1795428672, .zone = &berlin};
        char key[120], text[TIMESTAMP_TEXT_BYTES];

        snprintf(key, sizeof(key), "time: %s", told[i].time);
        time_of(key, told[i].line, &context, text);
        check_span(told[i].line, span_of(text), told[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lines_own_time_is_settled_by_reference_and_zone),
        cmocka_unit_test(the_time_that_the_rule_names_counts),
    };

    return cmocka_run_group_tests_name("event_time", tests, NULL, NULL);
}
