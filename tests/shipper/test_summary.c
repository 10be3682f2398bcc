/* SPDX-License-Identifier: MIT
 *
 * shipper/summary.c through its header.
 */
#include "shipper/summary.h"
#include "tests/support/test.h"

static void names_every_class_and_adds_them_up(void **state)
{
    static struct shared shared;
    const struct spool_stats before = {.dropped = 10, .corrupt = 1, .lost = 1};
    const struct spool_stats after = {.waiting = 2, .dropped = 14, .corrupt = 2, .lost = 3};
    struct buffer out = {0};

    (void)state;
    counter_add(&shared.reader.lines[LINE_MATCHED], 37);
    counter_add(&shared.reader.lines[LINE_NO_RULE], 80);
    counter_add(&shared.reader.lines[LINE_TOO_LONG], 3);
    counter_add(&shared.reader.events, 38);
    counter_set(&shared.reader.held_lines, 1);
    counter_add(&shared.sender.delivered, 35);
    counter_add(&shared.sender.rejected, 1);
    summary_write(&shared, &before, &after, &out);
    check_span("both lines", buffer_span(&out),
        "lines: 120 read, 37 matched, 0 incomplete, 0 rule error, 0 ignored, 0 excluded, 3 too long,"
        " 80 no rule, 1 held back\n"
        "events: 38 found, 35 delivered, 1 rejected, 2 waiting, 4 dropped, 3 damaged\n");
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_class_and_adds_them_up),
    };

    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
