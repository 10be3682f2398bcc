/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/sibling.c: the names that rotation gives, read backwards.
 */
#include "shipper/sources/sibling.h"

#include "parsers/buffer.h"
#include "tests/support/test.h"

struct row {
    const char *name, *formers; /* each with a blank behind it */
};

static const struct row rows[] = {
    {"app.log.1", "app.log app "},
    {"app.log.12.gz", "app.log.12 app.log app "},
    {"app.log.gz", "app.log "},
    {"app.log-20261123", "app.log app "},
    {"app-20261123.log", "app app.log "},
    {"app.1.log", "app app.log "},
    {"app-2026-11-23.log.gz", "app-2026-11-23.log app-2026-11 app-2026-11.log app-2026 "
                              "app-2026.log app app.log "},
    {"app.log.old", "app.log "},
    {"app.log_bak", "app.log "},
    {"app.log.error", ""}, /* nothing says that this is the same log */
    {"app.log", ""},
    {"error.log", ""},
    {".1", ""},
    {"", ""},
};

static bool note(void *arg, const char *former)
{
    buffer_printf(arg, "%s ", former);
    return false;
}

static void tells_every_name_that_it_may_have_had(void **state)
{
    struct buffer formers = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        buffer_clear(&formers);
        check_row(rows[i].name, !sibling_find(rows[i].name, note, &formers));
        check_span(rows[i].name, buffer_span(&formers), rows[i].formers);
    }
    buffer_finish(&formers);
}

static bool is_app_log(void *arg, const char *former)
{
    ++*(unsigned *)arg;
    return strcmp(former, "app.log") == 0;
}

static void stops_at_the_first_yes_and_after_so_many_cuts(void **state)
{
    unsigned asked = 0;

    (void)state;
    check_row("found", sibling_find("app.log.1", is_app_log, &asked));
    check_number("asked", asked, 1);
    asked = 0;
    check_row("not found",
        !sibling_find("x-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", is_app_log, &asked));
    check_row("bounded", asked <= 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_name_that_it_may_have_had),
        cmocka_unit_test(stops_at_the_first_yes_and_after_so_many_cuts),
    };

    return cmocka_run_group_tests_name("sibling", tests, NULL, NULL);
}
