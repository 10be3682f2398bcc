/* SPDX-License-Identifier: MIT
 *
 * A pattern as a tree, for what is said about patterns without running them.
 */
#ifndef PARSERS_PATTERN_TREE_H
#define PARSERS_PATTERN_TREE_H

#include "arena.h"
#include "byte_set.h"

enum tree_kind {
    TREE_SET,      /* one character of a set */
    TREE_SEQUENCE, /* its children, one behind the other */
    TREE_EITHER,   /* one of its children */
    TREE_REPEAT,   /* its child, again and again */
    TREE_GROUP,    /* its child, captured if it has a name */
    TREE_LOOK,     /* its child is looked for ahead or behind, and takes nothing */
    TREE_START,    /* ^ or \A */
    TREE_END,      /* $, \z or \Z */
    TREE_NOTHING,  /* \b, a comment: takes nothing */
};

enum { TREE_FOREVER = 65536 /* `most` of a repeat without an end */ };

struct tree {
    enum tree_kind kind;
    size_t from, to; /* its bytes in the pattern */
    struct tree *parent, *child, *next;
    struct byte_set set;
    unsigned least, most;
    bool is_lazy;   /* takes as little as it can */
    bool is_kept;   /* gives nothing back: possessive, or (?>…) */
    bool is_denied; /* TREE_LOOK: (?!…), (?<!…) */
    struct span name;
};

/* pattern: PCRE2, its named patterns written out, known to compile. The tree is in the
 * arena and its names in the pattern. NULL where something is not understood (back
 * references, recursion, verbs, conditions, \Q, the extended mode) or the arena is full. */
const struct tree *pattern_tree_read(struct span pattern, struct arena *arena);

/* The next one in the order of the pattern, below `root`; NULL at the end. */
const struct tree *pattern_tree_next(const struct tree *tree, const struct tree *root);

#endif
