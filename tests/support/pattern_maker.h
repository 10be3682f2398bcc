/* SPDX-License-Identifier: MIT
 *
 * Random patterns, each with texts that were made by walking through it, so that
 * most of them match: words, classes, alternatives, repeats, look-arounds,
 * settings of case, and characters beyond ASCII.
 */
#ifndef TESTS_SUPPORT_PATTERN_MAKER_H
#define TESTS_SUPPORT_PATTERN_MAKER_H

#include "parsers/buffer.h"

struct pattern_maker {
    unsigned seed;         /* set it before the first; what comes depends on it alone */
    struct buffer pattern; /* the latest, compiled or not: it may be none */

    unsigned shape; /* the seed that made the pattern */
    struct buffer text;
};

/* PATTERN_SEED and PATTERN_RUNS of the environment, else always the same. */
unsigned pattern_maker_seed(void);
int pattern_maker_runs(int usual);

void pattern_maker_next(struct pattern_maker *maker);

/* A text for the latest pattern, valid until the next call. */
struct span pattern_maker_text(struct pattern_maker *maker);

/* A number below n, of the same sequence. */
unsigned pattern_maker_below(struct pattern_maker *maker, unsigned n);

void pattern_maker_finish(struct pattern_maker *maker);

#endif
