/* SPDX-License-Identifier: MIT
 *
 * The checks of test.h over cmocka's failure report.
 */
#include "tests/support/test.h"

#include <stdlib.h>

bool test_is_brief(void)
{
    return getenv("TEST_BRIEF") != NULL;
}

void check_that(const char *row, bool ok, const char *what, const char *file, int line)
{
    if (ok)
        return;
    print_error("row `%s`: not true: %s\n", row, what);
    _fail(file, line);
}

void check_numbers(
    const char *row, uint64_t got, uint64_t wanted, const char *what, const char *file, int line)
{
    if (got == wanted)
        return;
    print_error("row `%s`: %s is %llu, wanted %llu\n", row, what, (unsigned long long)got,
        (unsigned long long)wanted);
    _fail(file, line);
}

void check_spans(const char *row, struct span got, const char *wanted, const char *what,
    const char *file, int line)
{
    if (got.at == NULL ? wanted == NULL : wanted != NULL && span_is(got, wanted))
        return;
    print_error("row `%s`: %s is `%.*s`%s, wanted `%s`\n", row, what, (int)got.len,
        got.at ? got.at : "", got.at ? "" : " (absent)", wanted ? wanted : "(absent)");
    _fail(file, line);
}

struct span record_describe(const struct record *record)
{
    static struct buffer out;

    buffer_clear(&out);
    for (size_t i = 0; i < record->count; i++) {
        if (i > 0)
            buffer_append_byte(&out, ' ');
        buffer_append(&out, record->fields[i].name);
        buffer_append(&out, SPAN("=["));
        buffer_append(&out, record->fields[i].value);
        buffer_append_byte(&out, ']');
    }
    return buffer_span(&out);
}
