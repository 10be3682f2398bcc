/* SPDX-License-Identifier: MIT
 *
 * What is no error in a rule file, and hardly meant: warnings for `check`, each with its
 * place and what to write instead.
 */
#ifndef PARSERS_LINT_H
#define PARSERS_LINT_H

#include "rules.h"

void lint_check(const struct rule_file *file, struct errors *warnings);

#endif
