/* SPDX-License-Identifier: MIT
 *
 * Real log lines with what their publishers expect of them, a JSON object a line. Times
 * that name no zone are UTC.
 *
 *     {"id":"…","product":"nginx","line":"…","match":true,
 *      "expect":{"ip":"203.0.113.7","user":"alice","time_epoch":1795428672.5},
 *      "outcome":"success","neg_usable":true,"assume_year":2026}
 *
 * They are published under licences of their own and are no part of this
 * repository; what reads them is told where they are.
 */
#ifndef TESTS_SUPPORT_CASES_H
#define TESTS_SUPPORT_CASES_H

#include "parsers/span.h"

#include <stdbool.h>

enum { CASE_ANY_MOST = 16 };

/* Spans are borrowed until the next case; an absent one is not expected. */
struct log_case {
    struct span id, product, line;
    struct span outcome; /* "success", "failure", absent when not stated */
    bool is_match;       /* its publisher's rules take the line */
    bool is_negative;    /* it may be used to count false positives */
    struct span addresses[CASE_ANY_MOST], users[CASE_ANY_MOST]; /* any of them is right */
    struct span agent;
    struct span day;     /* "-11-23T10:11:12Z", a time of which only the year is left open */
    bool has_time;       /* time_s is expected, which may be off by a second */
    double time_s;       /* UNIX seconds */
    int64_t reference_s; /* the moment of reading, as far as the case states it */
};

/* Calls take for each case of the file in turn. False, with a message on standard
 * error, if the file cannot be read or a line of it is no case. */
bool cases_read(const char *path, void (*take)(void *arg, const struct log_case *one), void *arg);

#endif
