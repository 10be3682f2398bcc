/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/expiry.c through its header.
 */
#include "shipper/sender/expiry.h"
#include "tests/support/test.h"

enum { MAX_AGE_MS = 60000, NOW_S = 1795421472 };

static void judges_by_the_time_of_the_event(void **state)
{
    static const struct {
        const char *name, *body;
        int64_t max_age_ms;
        bool is_due;
    } rows[] = {
        {"no cap", "{\"payload\":{\"event_at\":1,\"meta\":{}}}", 0, false},
        {"new", "{\"payload\":{\"event_at\":1795421472}}", MAX_AGE_MS, false},
        {"just old enough", "{\"payload\":{\"event_at\":1795421412}}", MAX_AGE_MS, false},
        {"a second more", "{\"payload\":{\"event_at\":1795421411}}", MAX_AGE_MS, true},
        {"of the future", "{\"payload\":{\"event_at\":1795429999}}", MAX_AGE_MS, false},
        {"at the end of the text", "{\"payload\":{\"event_at\":1", MAX_AGE_MS, true},
        {"without a time", "{\"payload\":{\"user_id\":\"alice\"}}", MAX_AGE_MS, false},
        {"a value that imitates the key",
            "{\"payload\":{\"user_id\":\"\\\"event_at\\\":1\",\"event_at\":1795421472}}",
            MAX_AGE_MS, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_number(rows[i].name, expiry_is_due(span_of(rows[i].body), rows[i].max_age_ms, NOW_S),
            rows[i].is_due);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(judges_by_the_time_of_the_event)};

    return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
