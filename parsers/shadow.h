/* SPDX-License-Identifier: MIT
 *
 * Rules that can never fire, since a rule above takes their lines.
 */
#ifndef PARSERS_SHADOW_H
#define PARSERS_SHADOW_H

#include "rules.h"

/* Adds a warning for each: where the rule above asks for nothing that this one does not
 * ask for as well, and where rules above take all of its samples. */
void shadow_check(const struct rule_file *file, struct errors *warnings);

#endif
