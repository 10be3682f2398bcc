/* SPDX-License-Identifier: MIT
 *
 * Picks and compares; the engine itself knows nothing of what is compared here.
 */
#include "shipper/wanted_rules.h"

size_t wanted_rules_count(const struct engine_rules *rules)
{
    return rules->only ? rules->only_count : rules->file->count;
}

const struct rule *wanted_rules_get(const struct engine_rules *rules, size_t i)
{
    return rules->only ? rules->only[i] : &rules->file->rules[i];
}

/* The first rule of one that makes events, as one of the same name in other does. */
static const struct rule *find_namesake(
    const struct engine_rules *one, const struct engine_rules *other)
{
    for (size_t i = 0; i < wanted_rules_count(one); i++) {
        const struct rule *rule = wanted_rules_get(one, i);
        const struct rule *namesake = rule_file_find(other->file, rule->name);

        if (namesake && !rule->is_ignore && !namesake->is_ignore)
            return rule;
    }
    return NULL;
}

void wanted_rules_compare(
    const struct named_rules *one, const struct named_rules *other, struct errors *errors)
{
    const struct rule *rule = span_equal(one->rules->file->product, other->rules->file->product)
                                  ? find_namesake(one->rules, other->rules)
                                  : NULL;

    if (rule)
        error_hint(errors_add(errors, one->place,
                       "\"%s\" has a rule \"%.*s\" and the same product as \"%s\", which has one, "
                       "too",
                       one->name, (int)rule->name.len, rule->name.at, other->name),
            "Rename one of the rules: their events of one line would share an id.");
}
