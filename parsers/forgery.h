/* SPDX-License-Identifier: MIT
 *
 * Whether whoever chooses a part of a line, such as a user name or a user agent, can make
 * a rule take a user or an address of their choice out of it.
 */
#ifndef PARSERS_FORGERY_H
#define PARSERS_FORGERY_H

#include "pattern_tree.h"
#include "rule.h"

enum forgery_kind {
    FORGERY_NONE,
    FORGERY_NO_LABEL, /* the first address of the line is taken, wherever it stands */
    FORGERY_NO_START, /* the pattern may begin anywhere in the line */
    FORGERY_BY_TEXT,  /* a captured text can hold what stands before the value, and it */
};

struct forgery {
    enum forgery_kind kind;
    const struct tree *value; /* the group that the event's user or address is taken from */
    const struct tree *text;  /* FORGERY_BY_TEXT: the group of the text */
    bool is_address;          /* the value is */
    struct buffer line;       /* FORGERY_BY_TEXT: the pattern takes the forged value from it */
};

/* root: the tree of the pattern that the rule runs on the message. Reports one, the first
 * of the above kinds; forgery->line is to be finished in any case. */
void forgery_find(const struct rule *rule, const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, struct forgery *forgery);

#endif
