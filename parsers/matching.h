/* SPDX-License-Identifier: MIT
 *
 * One record against the rules of a roster: decoding, conditions, patterns, events.
 * Which rules are worth running on it is decided before (prefilter.h).
 *
 * In each rule file the first rule that takes the record wins. A rule that has run
 * into the limits of its patterns LIMIT_RULE_ERRORS times within a minute is
 * suspended for a minute: the records that it would have looked at are rule errors.
 */
#ifndef PARSERS_MATCHING_H
#define PARSERS_MATCHING_H

#include "keeping.h"
#include "picks.h"
#include "roster.h"

struct matching; /* working memory */

struct matching *matching_new(const struct engine_settings *settings, struct roster *roster);
void matching_free(struct matching *matching); /* accepts NULL */

/* For framing, which also runs patterns. */
struct matcher *matching_matcher(struct matching *matching);

/* Where rules keep what they keep between lines; borrowed. Needed if one does. */
void matching_set_notes(struct matching *matching, struct notes *notes);

struct matching_input {
    const struct engine_source *source;
    const struct engine_output *output;
    struct span text;  /* the record's, cleaned: what decoders see */
    struct span first; /* its first line as it stood in the source */
    uint64_t offset;
};

/* Runs the picked rules. Events are given to the output and counted in *events. */
enum line_class matching_run(struct matching *matching, const struct matching_input *input,
    const struct picks *picks, uint64_t *events);

#endif
