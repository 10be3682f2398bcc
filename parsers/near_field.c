/* SPDX-License-Identifier: MIT
 *
 * Only names that no pattern of the rule captures can be meant as fields.
 */
#include "near_field.h"

#include "memory.h"

#include <stdlib.h>

struct span near_field(const struct record *record, struct span name)
{
    const char **names = memory_new((record->count + 1) * sizeof(*names)), *nearest;
    struct span found = {NULL, 0};

    for (size_t i = 0; i < record->count; i++)
        names[i] = memory_string(record->fields[i].name);
    nearest = record_get(record, name).at ? NULL : error_nearest(name, names, record->count);
    for (size_t i = 0; i < record->count; i++) {
        if (names[i] == nearest)
            found = record->fields[i].name;
        free((char *)(uintptr_t)names[i]);
    }
    free(names);
    return found;
}

static bool is_captured(const struct rule *rule, struct span name)
{
    for (size_t i = 0; i < rule->match_count; i++)
        for (size_t j = 0; j < pattern_capture_count(rule->matches[i].pattern); j++)
            if (span_equal(name, pattern_capture_name(rule->matches[i].pattern, j)))
                return true;
    return false;
}

static bool write_names(const struct rule *rule, const struct template *template,
    const struct record *record, struct buffer *out)
{
    for (size_t i = 0; i < template_name_count(template); i++) {
        size_t offset;
        struct span name = template_name(template, i, &offset), near;

        near = is_captured(rule, name) ? (struct span){NULL, 0} : near_field(record, name);
        if (!near.at)
            continue;
        buffer_printf(out, "; the record has no \"%.*s\", but \"%.*s\"", (int)name.len, name.at,
            (int)near.len, near.at);
        return true;
    }
    return false;
}

bool near_field_write(const struct rule *rule, const char *wire_field, const struct record *record,
    struct buffer *out)
{
    const struct candidates *candidates = rule_candidates(rule, wire_field);

    for (size_t i = 0; i < candidates->count; i++)
        if (write_names(rule, candidates->items[i], record, out))
            return true;
    return false;
}
