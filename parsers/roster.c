/* SPDX-License-Identifier: MIT
 *
 * Flat arrays, so that a rule's number is all that the others need.
 */
#include "roster.h"

#include "memory.h"
#include "rule.h"

#include <stdlib.h>

static bool is_wanted(const struct engine_rules *rules, const struct rule *rule)
{
    if (!rules->only)
        return true;
    for (size_t i = 0; i < rules->only_count; i++)
        if (rules->only[i] == rule)
            return true;
    return false;
}

static bool is_same_chain(const struct format *const *a, const struct format *const *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* The number of the first file that decodes records like the last one of these. */
static size_t decoding_of(const struct engine_rules *rules, size_t last)
{
    size_t i = 0;

    while (!is_same_chain(rules[i].file->chain, rules[last].file->chain))
        i++;
    return i;
}

void roster_init(struct roster *roster, const struct engine_settings *settings)
{
    size_t most = 0;

    for (size_t i = 0; i < settings->rules_count; i++)
        most += settings->rules[i].file->count;
    *roster = (struct roster){
        .files = memory_new(settings->rules_count * sizeof(*roster->files)),
        .file_count = settings->rules_count,
        .rules = memory_new(most * sizeof(*roster->rules)),
        .owners = memory_new(most * sizeof(*roster->owners)),
        .troubles = memory_new(most * sizeof(*roster->troubles)),
        .tallies = memory_new(most * sizeof(*roster->tallies)),
    };
    for (size_t i = 0; i < settings->rules_count; i++) {
        const struct engine_rules *rules = &settings->rules[i];

        roster->files[i] = (struct roster_file){
            .rules = rules,
            .first = roster->count,
            .decoding = decoding_of(settings->rules, i),
        };
        for (size_t j = 0; j < rules->file->count; j++) {
            if (!is_wanted(rules, &rules->file->rules[j]))
                continue;
            roster->owners[roster->count] = i;
            roster->rules[roster->count++] = &rules->file->rules[j];
        }
        roster->files[i].end = roster->count;
    }
}

void roster_finish(struct roster *roster)
{
    free(roster->files);
    free(roster->rules);
    free(roster->owners);
    free(roster->troubles);
    free(roster->tallies);
    *roster = (struct roster){0};
}
