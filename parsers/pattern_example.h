/* SPDX-License-Identifier: MIT
 *
 * Texts that a pattern matches, made from its tree, as short as can be. What look-arounds
 * forbid or want is not minded, so a text is to be run before something is said of it.
 */
#ifndef PARSERS_PATTERN_EXAMPLE_H
#define PARSERS_PATTERN_EXAMPLE_H

#include "buffer.h"
#include "pattern_tree.h"

enum { EXAMPLE_PARTS = 3 };

/* {0}: nothing is wanted. */
struct pattern_example {
    const struct tree *parts[EXAMPLE_PARTS]; /* are in it, though they be optional or one of
                                                several alternatives; NULL: none */
    struct span instead;                     /* of the first part: this text; absent: its own */
    size_t from[EXAMPLE_PARTS], to[EXAMPLE_PARTS]; /* where they stand in the text */
    struct buffer text;
    unsigned steps; /* of the walk */
};

/* Adds what the tree matches to the text. */
void pattern_example_append(struct pattern_example *example, const struct tree *tree);

#endif
