/* SPDX-License-Identifier: MIT
 *
 * One rule of a draft: made for a cluster, tried on the lines that the cluster came from,
 * written down with samples; for draft.c.
 */
#ifndef PARSERS_DRAFT_RULE_H
#define PARSERS_DRAFT_RULE_H

#include "anonymous.h"
#include "draft_format.h"
#include "draft_kind.h"

/* What all rules of a draft have in common. */
struct draft_common {
    const struct format *chain[DRAFT_CHAIN_MOST];
    bool is_spread; /* records are JSON over several lines (draft_records.h) */
    struct span product;
    struct clusters *clusters;   /* the data of each: a struct draft_kind */
    struct anonymous *anonymous; /* what samples are written with */
};

struct draft_rule {
    const struct cluster *cluster;
    const struct draft_kind *kind;
    struct buffer name;    /* the caller's */
    struct buffer body;    /* from `where` to `event`, indented */
    struct buffer samples; /* the list */
    size_t sample_count;
    bool is_dropped; /* the caller's */
};

/* Fills body and samples for the cluster. False if the rule would not hold: the pattern
 * is none, or takes no example once that is made fit to be shown. *rule is to be finished
 * either way. */
bool draft_rule_make(
    struct draft_rule *rule, const struct cluster *cluster, const struct draft_common *common);
void draft_rule_finish(struct draft_rule *rule);

/* Whether the rule makes an event of each example of the other, with a user if that one
 * does. */
bool draft_rule_covers(const struct draft_rule *rule, const struct draft_rule *other,
    const struct draft_common *common);

/* `product:`, `format:` and `multiline:`. */
void draft_rule_write_head(const struct draft_common *common, struct buffer *out);

/* Whether the text may stand in a rule file. */
bool draft_rule_may_show(struct span text);

#endif
