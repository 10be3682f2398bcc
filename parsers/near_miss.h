/* SPDX-License-Identifier: MIT
 *
 * Why rules do not take a record: for each the step that failed and the place, and of
 * all of them the rule that came nearest. For people who write rules; slow.
 */
#ifndef PARSERS_NEAR_MISS_H
#define PARSERS_NEAR_MISS_H

#include "engine.h"
#include "rule.h"

enum near_step {
    NEAR_REQUIRES, /* a text that `requires` names is not in the record */
    NEAR_WHERE,    /* a condition is not met */
    NEAR_MATCH,    /* a pattern does not match */
    NEAR_UNLESS,   /* all is met, but `unless` finds something */
    NEAR_STEPS
};

extern const char *const near_step_names[NEAR_STEPS]; /* the keys in the rule file */

/* Spans point into the record, the rule files, and nothing else. */
struct near_miss {
    const struct rule_file *file;
    const struct rule *rule;
    enum near_step step;
    struct place place; /* in the rule file: of what it wanted there */
    struct span wanted; /* that, as it is written */
    struct span field;  /* the field that was looked at; absent: the record's message */
    struct span value;  /* what was found in it; absent: the record has no such field */
    struct span alike;  /* value is absent: a field that has a name like it; absent: none has */

    /* A pattern took [from, to) of the value and wanted another thing than [to, until),
     * or (is_sought) a thing that is nowhere from `to` on. All 0 where no pattern ran. */
    size_t from, to, until;
    bool is_sought;
    size_t fits;      /* of a %{NAME} that it wanted [to, fits) was right; else it is `to` */
    bool is_untraced; /* a pattern that failed is too large to tell where; all of the above are 0 */

    unsigned nearness; /* 0 to 1000: how much of the rule the record meets */
};

enum { NEAR_ENOUGH = 200 }; /* below, it is hardly about the same thing */

struct near_finder;

/* The rules of an engine, which must outlive it; `only` is heeded. */
struct near_finder *near_finder_new(const struct engine_rules *rules, size_t count);
void near_finder_free(struct near_finder *finder); /* accepts NULL */

/* The nearest of the rules of the file at that index to a record that was decoded for it;
 * false if each of them takes it. */
bool near_finder_run(
    struct near_finder *finder, size_t file, const struct record *record, struct near_miss *miss);

/* The same of one rule: the i-th of the file that the engine runs. */
bool near_finder_run_rule(struct near_finder *finder, size_t file, size_t i,
    const struct record *record, struct near_miss *miss);

#endif
