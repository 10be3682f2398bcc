/* SPDX-License-Identifier: MIT
 *
 * What a rule costs that can only be run on every line: for `check`.
 */
#ifndef SHIPPER_RULE_COST_H
#define SHIPPER_RULE_COST_H

#include "parsers/rules.h"

/* CPU seconds a GB of lines like the file's samples, of which one in ten is one, measured. */
double rule_cost_measure(const struct rule_file *file, const struct rule *rule);

/* Adds a warning for each rule of the file that runs on every line (needs.h). */
void rule_cost_check(const struct rule_file *file, struct errors *warnings);

#endif
