/* SPDX-License-Identifier: MIT
 *
 * How often each rule of a file takes a record of given logs: the data behind
 * `usage-shipper test --coverage`.
 */
#ifndef SHIPPER_COVERAGE_H
#define SHIPPER_COVERAGE_H

#include "parsers/keys.h"
#include "parsers/rule.h"
#include "shipper/log_file.h"

struct coverage {
    const struct rule_file *file;
    uint64_t *taken, *incomplete; /* by the rule's place in the file */
    uint64_t lines, no_rule;      /* of all logs; of them no rule took */
};

/* file must outlive it. False with *err filled for a log that can't be read; finish it in
 * any case. Each log is like `as`, but for its path. */
bool coverage_read(struct coverage *coverage, const struct rule_file *file,
    const struct strings *logs, const struct log_file *as, struct error *err);
void coverage_finish(struct coverage *coverage);

/* Appends a line a rule, those that never fired marked; returns how many of these. */
size_t coverage_write(const struct coverage *coverage, struct buffer *out);

#endif
