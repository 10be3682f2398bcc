/* SPDX-License-Identifier: MIT
 *
 * What every unit test includes: cmocka, and checks for rows of a table that
 * print the row's name when they fail.
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsers/buffer.h"
#include "parsers/limits.h"
#include "parsers/record.h"

/* Fails the test with the row's name unless ok. */
#define check_row(row, ok)             check_that(row, ok, #ok, __FILE__, __LINE__)
#define check_number(row, got, wanted) check_numbers(row, got, wanted, #got, __FILE__, __LINE__)
/* wanted: a terminated string; NULL for an absent span. */
#define check_span(row, got, wanted) check_spans(row, got, wanted, #got, __FILE__, __LINE__)

void check_that(const char *row, bool ok, const char *what, const char *file, int line);
void check_numbers(
    const char *row, uint64_t got, uint64_t wanted, const char *what, const char *file, int line);
void check_spans(const char *row, struct span got, const char *wanted, const char *what,
    const char *file, int line);

/* TEST_BRIEF is set, as under valgrind, where what takes seconds takes minutes: of many
 * rounds that are alike a few will do. */
bool test_is_brief(void);

/* The fields as `name=[value] name=[value]`, in a static buffer. */
struct span record_describe(const struct record *record);

#endif
