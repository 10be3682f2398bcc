/* SPDX-License-Identifier: MIT
 *
 * How far a pattern comes on a text that it does not match: what it matched, the place
 * where it died, and what it wanted there. For people who write patterns: far slower
 * than matching, and never used for it.
 *
 * Of all ways in which PCRE2 tries, the one counts that comes furthest in the pattern,
 * where alternatives start from one line and %{NAME} is one step; of those the one that
 * comes furthest in the text.
 */
#ifndef PARSERS_PATTERN_TRACE_H
#define PARSERS_PATTERN_TRACE_H

#include "pattern.h"

struct pattern_trace; /* a pattern made ready to be watched */

/* source and the local names as for pattern_compile, and borrowed; NULL if that refuses
 * them, or if the pattern is too large to be watched, which takes several times as much
 * of PCRE2's 64 KiB as matching: a dozen of %{IP} are. */
struct pattern_trace *pattern_trace_new(
    struct span source, const struct pattern_name *local, size_t local_count);
void pattern_trace_free(struct pattern_trace *trace); /* accepts NULL */

struct pattern_miss {
    /* Of the text: the pattern took [from, to) and died there. The word that it did not
     * want is [to, until); empty at the end of the text. */
    size_t from, to, until;
    bool is_sought; /* what it wanted is nowhere from `to` on; else it is not at `to` */
    size_t fits; /* of a %{NAME}: what it took of the text before it died, up to there; else `to` */

    /* Of the pattern as it was written: what it wanted, a word where it is plain text. */
    size_t offset, len;

    unsigned progress, whole; /* steps that it took, of how many */
};

/* False if it matches, or runs into its limits without an answer. */
bool pattern_trace_run(struct pattern_trace *trace, struct span text, struct pattern_miss *miss);

#endif
