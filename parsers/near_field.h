/* SPDX-License-Identifier: MIT
 *
 * Fields of a record that are called almost as a rule has it: `User.Name` for `user.name`.
 * For people who write rules; slow.
 */
#ifndef PARSERS_NEAR_FIELD_H
#define PARSERS_NEAR_FIELD_H

#include "rule.h"

/* The name of the field that is nearest to that name; absent if none is near, or the record
 * has one of just that name. */
struct span near_field(const struct record *record, struct span name);

/* Why the rule cannot fill a wire field, as far as names tell: appends
 * `; the record has no "user.name", but "User.Name"`, or nothing and returns false. */
bool near_field_write(const struct rule *rule, const char *wire_field, const struct record *record,
    struct buffer *out);

#endif
