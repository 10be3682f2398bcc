/* SPDX-License-Identifier: MIT
 *
 * Why the rule of a sample does not take its line: what `explain` would say of it.
 */
#ifndef PARSERS_SAMPLE_MISS_H
#define PARSERS_SAMPLE_MISS_H

#include "rule.h"

/* Gives the error, which stands at the sample, a hint; where a word of the line is at
 * fault, the error's place becomes that word. */
void sample_miss_hint(const struct rule_file *file, const struct rule *rule,
    const struct sample *sample, struct error *err);

/* Of a rule that takes the sample but cannot fill a field (`user_id`, …): appends which
 * name the line has in place of the one that the rule asks for, as near_field.h says it. */
void sample_miss_fields(const struct rule_file *file, const struct rule *rule,
    const struct sample *sample, const char *wire_field, struct buffer *out);

#endif
