/* SPDX-License-Identifier: MIT
 *
 * Patterns that take exponential time (catastrophic backtracking). A loop that can read
 * a text in many ways (loop_graph.h) is suspected; what counts is that the pattern
 * itself, run as rules run it, hits its limits on a short line made for it.
 */
#ifndef PARSERS_BLOWUP_H
#define PARSERS_BLOWUP_H

#include "loop_graph.h"
#include "pattern.h"

/* The loop at fault, in the tree of the pattern; NULL: none is known. line: one on which
 * the pattern runs into its limits. */
const struct tree *blowup_find(const struct tree *root, const struct pattern *pattern,
    struct matcher *matcher, struct buffer *line);

#endif
