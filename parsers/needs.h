/* SPDX-License-Identifier: MIT
 *
 * What a rule needs: texts that stand, byte for byte, in each line that it can
 * match. Taken from its `requires`, its patterns and the values in its `where`, as
 * far as the formats of its file write them as they are (format.h).
 *
 * A line without them is not decoded. Excepted are lines in which a format's
 * find_hidden or an escape sequence of a terminal (clean.h) finds something: there
 * the texts may stand in another way.
 */
#ifndef PARSERS_NEEDS_H
#define PARSERS_NEEDS_H

#include "buffer.h"
#include "format.h"
#include "literal.h"

struct rule;

/* Everything lives in the arena; scratch is reset. No clauses: the rule can only be
 * run on each line. */
struct clauses needs_find(const struct rule *rule, const struct format *const *chain,
    struct arena *scratch, struct arena *arena);

/* For people: what of a rule without needs gives nothing, and why. */
void needs_explain(
    const struct rule *rule, const struct format *const *chain, struct buffer *lacks);

#endif
