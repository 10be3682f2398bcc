/* SPDX-License-Identifier: MIT
 *
 * Which names a rule may refer to: its captures, and the fields that its format
 * can give. A format whose lines bring their own names (json, logfmt, access)
 * lets any name stand.
 */
#ifndef PARSERS_RULE_NAMES_H
#define PARSERS_RULE_NAMES_H

#include "rule.h"

struct rule_names {
    const struct format *const *chain; /* ended by NULL */
    const struct rule_match *matches;  /* whose captures count */
    size_t match_count;
    char *const *recalled; /* names whose values other rules remember for this one */
    size_t recalled_count;
    bool is_field; /* a field is meant: captures don't count */
    bool is_open;  /* something was broken: let any name stand */
};

/* Whether a source gives the field beside the line, whatever the format: `peer.ip`. */
bool rule_names_is_of_source(struct span name);

/* Adds an error at the place if the name is empty or nothing can fill it. */
void rule_names_check(
    const struct rule_names *names, struct span name, struct place place, struct errors *errors);

/* Whether a pattern of the rule captures it. */
bool rule_names_is_captured(const struct rule_names *names, struct span name);

#endif
