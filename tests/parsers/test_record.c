/* SPDX-License-Identifier: MIT
 *
 * parsers/record.c: finding fields by name and by query, whose time counts, and
 * what a reset leaves.
 */
#include "parsers/record.h"
#include "tests/support/test.h"

static struct record record;

static void add(const char *name, const char *value)
{
    assert_true(record_add(&record, span_of(name), span_of(value)));
}

struct lookup {
    const char *name, *value;
};

static void finds_fields_by_name_and_by_query(void **state)
{
    static const struct lookup lookups[] = {
        {"user", "alice"},
        {"empty", ""},
        {"nobody", NULL},
        {"", NULL},
        {"params[0].value", "one"},
        {"params[?key=user].value", "two"},
        {"params[?key=user].deep.name", "three"},
        {"params[?key=user].absent", NULL},
        {"params[?key=absent].value", NULL},
        {"param[?key=user].value", NULL},
        {"params[?key].value", NULL},
        {"params[?key=user", NULL},
        {"params[", NULL},
        {"params[?", NULL},
        {"params[?=]", NULL},
    };

    (void)state;
    record_reset(&record, SPAN("line"));
    add("user", "alice");
    add("user", "the second one is not found");
    add("empty", "");
    add("params[0].key", "other");
    add("params[0].value", "one");
    add("params[1].key", "user");
    add("params[1].value", "two");
    add("params[1].deep.name", "three");
    for (size_t i = 0; i < sizeof(lookups) / sizeof(*lookups); i++)
        check_span(
            lookups[i].name, record_get(&record, span_of(lookups[i].name)), lookups[i].value);
}

static void a_reset_leaves_the_line_only(void **state)
{
    (void)state;
    add("user", "alice");
    record.time = SPAN("2026-11-23T10:11:12Z");
    record_reset(&record, SPAN("another line"));
    check_number("reset", record.count, 0);
    check_span("reset", record.time, NULL);
    check_span("reset", record.message, "another line");
    check_span("reset", record_get(&record, SPAN("user")), NULL);
}

static void takes_no_more_fields_than_the_cap(void **state)
{
    (void)state;
    record_reset(&record, SPAN(""));
    for (unsigned i = 0; i < LIMIT_RECORD_FIELDS; i++)
        add("k", "v");
    assert_false(record_add(&record, SPAN("k"), SPAN("v")));
    check_number("cap", record.count, LIMIT_RECORD_FIELDS);
}

static void the_outer_time_counts_unless_it_has_no_year(void **state)
{
    (void)state;
    record_reset(&record, SPAN(""));
    record_offer_time(&record, SPAN("Nov 23 10:11:12"));
    check_span("first", record.time, "Nov 23 10:11:12");
    record_offer_time(&record, SPAN("2026-11-23T10:11:13Z"));
    check_span("no year", record.time, "2026-11-23T10:11:13Z");
    record_offer_time(&record, SPAN("2026-11-23T10:11:14Z"));
    check_span("year", record.time, "2026-11-23T10:11:13Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_fields_by_name_and_by_query),
        cmocka_unit_test(a_reset_leaves_the_line_only),
        cmocka_unit_test(takes_no_more_fields_than_the_cap),
        cmocka_unit_test(the_outer_time_counts_unless_it_has_no_year),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("record", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
