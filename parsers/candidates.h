/* SPDX-License-Identifier: MIT
 *
 * Templates tried in order: the first usable value wins. One text in the file is
 * a list of one.
 */
#ifndef PARSERS_CANDIDATES_H
#define PARSERS_CANDIDATES_H

#include "document.h"
#include "template.h"

struct rule_names;

struct candidates {
    struct template **items;
    size_t count; /* 0: the field is not in the rule */
};

/* what: the key, for errors. node may be NULL: no candidates. False with errors
 * added; candidates_finish is needed in any case. */
bool candidates_parse(const struct node *node, const char *what, const struct rule_names *names,
    struct candidates *candidates, struct errors *errors);
void candidates_finish(struct candidates *candidates);

#endif
