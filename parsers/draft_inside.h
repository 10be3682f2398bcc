/* SPDX-License-Identifier: MIT
 *
 * Inside a draft: what draft.c and draft_unused.c share. Nobody else includes this.
 */
#ifndef PARSERS_DRAFT_INSIDE_H
#define PARSERS_DRAFT_INSIDE_H

#include "draft.h"
#include "draft_rule.h"

struct draft {
    struct draft_common common;
    struct span *lines; /* cleaned */
    size_t count, room;
    struct arena *arena;
    struct record record;
    struct draft_rule rules[DRAFT_RULES_MOST];
    size_t rule_count;
    struct draft_result *result;
};

/* --- draft.c ------------------------------------------------------------------------ */

/* Another cluster tells of the same, with more. */
bool draft_is_told_better(const struct draft *draft, const struct cluster *cluster);

/* --- draft_unused.c ----------------------------------------------------------------- */

/* As comments: lines that no rule is made from, those that came most often first, and why. */
void draft_put_unused(
    const struct draft *draft, const struct cluster *const *sorted, struct buffer *out);

#endif
