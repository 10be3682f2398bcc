/* SPDX-License-Identifier: MIT
 *
 * A rule file proposed from the lines of a log: they are clustered, and for each cluster
 * that tells of something done there is a rule, with samples made from its lines
 * (anonymous.h). Everything in it is a guess and says so. It passes `check` and `test`:
 * what would not is left out.
 */
#ifndef PARSERS_DRAFT_H
#define PARSERS_DRAFT_H

#include "buffer.h"

enum { DRAFT_LINES_MOST = 200000, DRAFT_CLUSTERS_MOST = 500, DRAFT_RULES_MOST = 24 };

struct draft_result {
    size_t lines;    /* that were looked at: at most DRAFT_LINES_MOST, empty ones left out */
    size_t not_read; /* of them are not of the format that the others are of */
    size_t shapes;   /* clusters */
    size_t rules, samples;
    size_t failures; /* clusters that tell of one, of which no rule is made */
    bool is_cut; /* there were more lines */
};

/* text: whole lines, UTF-8. Appends the rule file, behind it as a comment the clusters that
 * no rule is made from, and why; only the comment if no cluster tells of anything. */
void draft_write(
    struct span text, struct span product, struct buffer *out, struct draft_result *result);

#endif
