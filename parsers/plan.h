/* SPDX-License-Identifier: MIT
 *
 * What is looked for in a log, for which rules: of what each of them needs (needs.h)
 * the texts that are rare there. The better the log is known the less it costs; what
 * is found does not depend on it.
 */
#ifndef PARSERS_PLAN_H
#define PARSERS_PLAN_H

#include "roster.h"
#include "search.h"

/* A rule that is looked for by a literal. */
struct seeker {
    uint32_t rule;  /* its number in the roster */
    uint16_t block; /* the first that it demands: most that share the literal lack it */
};

struct wanted {
    struct seeker *seekers;
    size_t count, room;
    bool is_asking; /* one of them demands something */
};

/* The blocks that a record's signature (signature.h) must have for a rule, rarest first. */
enum { DEMAND_BLOCKS = 23 };
struct demand {
    uint16_t blocks[DEMAND_BLOCKS];
    uint16_t count;
};

struct plan {
    struct search *search;
    struct wanted *wanted; /* by the search's literals */
    size_t literal_count, literal_room;
    struct demand *demands; /* by rule: what it needs beside its literal */
};

/* log: some of what will be searched, or nothing. Rules without needs are in no plan. */
void plan_init(struct plan *plan, const struct roster *roster, struct span log);
void plan_finish(struct plan *plan); /* accepts {0} */

#endif
