/* SPDX-License-Identifier: MIT
 *
 * What is only guessed of the times in a rule file's samples: the order of day and month
 * in 01/02/2026, the zone that IST means.
 */
#ifndef PARSERS_SAMPLE_TIMES_H
#define PARSERS_SAMPLE_TIMES_H

#include "rules.h"
#include "zone.h"

/* Adds a warning for each kind of guess, at the first sample that shows it: what it is
 * taken for, and how to say otherwise. zone: of the input that the rules are for; names:
 * the configuration's (`zones`), or NULL. */
void sample_times_check(const struct rule_file *file, const struct zone *zone,
    const struct zone_names *names, struct errors *warnings);

#endif
