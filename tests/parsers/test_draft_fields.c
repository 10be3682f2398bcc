/* SPDX-License-Identifier: MIT
 *
 * parsers/draft_fields.c through its header.
 */
#include "parsers/draft_fields.h"
#include "tests/support/test.h"

static const struct row {
    const char *name;
    struct span lines[3];
    const char *written; /* NULL: nothing */
} rows[] = {
    {"blanks", {SPAN("#Version: 1.0"), SPAN("#Fields: date time c-ip cs(User-Agent)"), SPAN("a b")},
        "format: {csv: {columns: [date, clock, c_ip, cs_user_agent], separator: ' '}}\n"
        "time: '${date} ${clock}'\n"},
    {"tabs", {SPAN("#Fields: date time c-ip"), SPAN("#Date: x"), SPAN("a\tb\tc")},
        "format: {tsv: [date, clock, c_ip]}\ntime: '${date} ${clock}'\n"},
    {"no date", {SPAN("x"), SPAN("#Fields: --c-ip-- 2"), SPAN("#Fields: other")},
        "format: {csv: {columns: [c_ip, 2], separator: ' '}}\n"},
    {"none", {SPAN("#Fields:"), SPAN(" #Fields: a"), SPAN("a")}, NULL},
};

static void columns_that_a_log_names_become_a_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer out = {0};

        check_row(rows[i].name, draft_fields_write(rows[i].lines, 3, &out) == !!rows[i].written);
        check_span(rows[i].name, buffer_span(&out), rows[i].written ? rows[i].written : "");
        buffer_finish(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_that_a_log_names_become_a_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
