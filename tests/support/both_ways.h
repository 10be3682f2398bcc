/* SPDX-License-Identifier: MIT
 *
 * One chunk through two engines with the same rules: one that looks only at lines in
 * which it found what rules need, and one that runs every rule on every line. They
 * must make the same of it.
 */
#ifndef TESTS_SUPPORT_BOTH_WAYS_H
#define TESTS_SUPPORT_BOTH_WAYS_H

#include "parsers/engine.h"

struct both_ways {
    struct engine_settings quick, thorough; /* for the engines, which borrow them */
    struct engine *quick_engine, *thorough_engine;
    struct buffer quick_drawn, thorough_drawn;
    bool is_any_suspended;
    struct engine_counts counts; /* of the thorough one, of all chunks */
};

/* settings: is_thorough does not matter; what they point to is borrowed. */
void both_ways_init(struct both_ways *both, const struct engine_settings *settings);
void both_ways_finish(struct both_ways *both);

/* False if events, the bytes taken or, where no pattern ran into its limits, the
 * classes differ; *_drawn then say what each made of it. Nothing is compared once a
 * rule is suspended: that is for a time, whatever lines come in it. */
bool both_ways_feed(struct both_ways *both, struct span bytes, bool is_final, bool is_cut);

#endif
