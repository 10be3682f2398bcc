/* SPDX-License-Identifier: MIT
 *
 * parsers/plain.c: where it looks for a timestamp.
 */
#include "parsers/plain.h"
#include "tests/support/test.h"

static struct record record;

struct row {
    const char *text, *time;
};

static const struct row rows[] = {
    {"", ""},
    {"2026-11-23 10:11:12 login", "2026-11-23 10:11:12 login"},
    {"[2026-11-23 10:11:12] login", "2026-11-23 10:11:12] login"},
    {"<2026-11-23T10:11:12Z> login", "2026-11-23T10:11:12Z> login"},
    {"[I 2026-11-23 10:11:12.689 App] login", "2026-11-23 10:11:12.689 App] login"},
    {"[", ""},
    {"[notice] 2026-11-23T10:11:12Z x", "2026-11-23T10:11:12Z x"},
    {"ERROR    2026-11-23T10:11:12 - x", "2026-11-23T10:11:12 - x"},
    {"warn: 2026/11/23 10:11:12 x", "2026/11/23 10:11:12 x"},
    {"INFO  [main] 2026-11-23 10:11:12,118 x", "2026-11-23 10:11:12,118 x"},
    {"INFO [2026-11-23 10:11:12] x", "2026-11-23 10:11:12] x"},
    {"[7:M] 23 Nov 2026 10:11:12.264 * x", "23 Nov 2026 10:11:12.264 * x"},
    {"[2026-11-23 10:11:12] 2025-01-02 03:04:05", "2026-11-23 10:11:12] 2025-01-02 03:04:05"},
    {"[main] 10:11:12 x", "main] 10:11:12 x"},
    {"alice 2026-11-23 10:11:12", "alice 2026-11-23 10:11:12"},
    {"INFO", "INFO"},
    {"[INFO", "INFO"},
};

static void points_to_where_a_time_would_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t at;

        record_reset(&record, span_of(rows[i].text));
        check_row(rows[i].text, plain_parse(record.line, &record, &at) == PARSE_OK);
        check_span(rows[i].text, record.time, rows[i].time);
        check_span(rows[i].text, record.message, rows[i].text);
        check_number(rows[i].text, record.count, 0);
    }
}

static void leaves_an_outer_time(void **state)
{
    size_t at;

    (void)state;
    record_reset(&record, SPAN("user alice logged in"));
    record.time = SPAN("Nov 23 10:11:12");
    check_row("outer", plain_parse(record.line, &record, &at) == PARSE_OK);
    check_span("outer", record.time, "Nov 23 10:11:12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_to_where_a_time_would_stand),
        cmocka_unit_test(leaves_an_outer_time),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
