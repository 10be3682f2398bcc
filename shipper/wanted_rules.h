/* SPDX-License-Identifier: MIT
 *
 * The rules of a file that an engine runs: all of them, or those that an input's
 * `only` picks.
 */
#ifndef SHIPPER_WANTED_RULES_H
#define SHIPPER_WANTED_RULES_H

#include "parsers/engine.h"
#include "parsers/rule.h"

size_t wanted_rules_count(const struct engine_rules *rules);
const struct rule *wanted_rules_get(const struct engine_rules *rules, size_t i);

/* Rules as a person named them. */
struct named_rules {
    const char *name;
    struct place place; /* of the name, for errors */
    const struct engine_rules *rules;
};

/* Adds an error at one's place if both make events under the same product and rule
 * name: two events of one line would have one id. */
void wanted_rules_compare(
    const struct named_rules *one, const struct named_rules *other, struct errors *errors);

#endif
