/* SPDX-License-Identifier: MIT
 *
 * What rules make of a real log line (cases.h), and whether it is what its publisher
 * expects.
 */
#ifndef TESTS_SUPPORT_FINDING_H
#define TESTS_SUPPORT_FINDING_H

#include "parsers/engine.h"
#include "parsers/limits.h"
#include "tests/support/cases.h"

/* The first event of a line, and how many there are. */
struct finding {
    unsigned events, logins;
    bool has_time;
    char address[64], user[LIMIT_VALUE_BYTES], agent[LIMIT_VALUE_BYTES];
    int64_t at_s;
};

/* The line is a log of its own, and whole. */
void finding_make(struct engine *engine, const struct log_case *one, struct finding *finding);

/* Whether the finding has one of the addresses, users, … that the case names. */
bool finding_has_address(const struct finding *finding, const struct log_case *one);
bool finding_has_user(const struct finding *finding, const struct log_case *one);
bool finding_has_agent(const struct finding *finding, const struct log_case *one);
bool finding_has_time(const struct finding *finding, const struct log_case *one);

#endif
