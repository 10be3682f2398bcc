/* SPDX-License-Identifier: MIT
 *
 * A rule file from text, for tests of what it does to lines.
 */
#ifndef TESTS_SUPPORT_RULES_H
#define TESTS_SUPPORT_RULES_H

#include "parsers/rules.h"

struct loaded_rules {
    struct text *text; /* that the file points into */
    struct rule_file *file;
};

/* A mistake in it fails the test. */
struct loaded_rules rules_load(const char *yaml);
void rules_unload(struct loaded_rules *rules);

#endif
