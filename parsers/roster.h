/* SPDX-License-Identifier: MIT
 *
 * The rules of an input, numbered: those of its first rule file in their order, then
 * those of the next. Rules that the input does not want (`only`) are not on it.
 */
#ifndef PARSERS_ROSTER_H
#define PARSERS_ROSTER_H

#include "engine.h"

/* One rule file of the input. */
struct roster_file {
    const struct engine_rules *rules;
    size_t first, end; /* its rules' numbers: [first, end) */
    size_t decoding;   /* that of the first file with the same formats: no other is needed */
};

/* How a rule stands with its limits (LIMIT_RULE_ERRORS). */
struct roster_trouble {
    unsigned errors; /* since started_ms */
    int64_t started_ms;
    int64_t suspended_until_ms; /* 0: it is not */
};

struct roster {
    struct roster_file *files;
    size_t file_count;
    const struct rule **rules;       /* by number */
    size_t *owners;                  /* by number: which of the files it is of */
    struct roster_trouble *troubles; /* by number */
    struct engine_tally *tallies;    /* by number: of the chunk under way */
    bool is_tallied;                 /* any of them is not zero */
    size_t count;
};

void roster_init(struct roster *roster, const struct engine_settings *settings);
void roster_finish(struct roster *roster);

#endif
