/* SPDX-License-Identifier: MIT
 *
 * Conditions on a record's fields: the rows of a rule's `where`.
 *
 *     program: sshd                    equals (numbers and booleans too, as text)
 *     path: {matches: '^/login'}       a pattern finds something in it
 *     method: {in: [GET, POST]}        equals one of
 *     user: {exists: true}             is there and not empty (false: is not)
 *     status: {from: 200, below: 400}  a number in [from, below); either may be left out
 */
#ifndef PARSERS_CONDITION_H
#define PARSERS_CONDITION_H

#include "keys.h"
#include "rule_text.h"

enum condition_kind {
    CONDITION_EQUALS,
    CONDITION_MATCHES,
    CONDITION_IN,
    CONDITION_EXISTS,
    CONDITION_RANGE,
};

struct condition {
    enum condition_kind kind;
    struct span field;
    struct span *values; /* EQUALS: one; IN: several; borrowed from the document */
    size_t value_count;
    struct pattern *pattern;  /* MATCHES */
    bool exists;              /* EXISTS */
    bool has_from, has_below; /* RANGE */
    double from, below;
};

extern const struct key_shape condition_shape; /* of what stands behind the field */

/* Reads one `field: …` pair of a `where` map; false with errors added. */
bool condition_parse(const struct pair *pair, struct file_patterns *patterns,
    struct condition *condition, struct errors *errors);
void condition_finish(struct condition *condition);

/* A field that is absent meets only {exists: false}. */
enum pattern_result condition_check(
    const struct condition *condition, const struct record *record, struct matcher *matcher);

#endif
