/* SPDX-License-Identifier: MIT
 *
 * The zones that rules name (`time: {zone: Europe/Berlin}`), from the system's files.
 */
#ifndef SHIPPER_RULE_ZONES_H
#define SHIPPER_RULE_ZONES_H

#include "parsers/rules.h"

/* rule_file_parse, and the zones that its rules want. As there: NULL with errors added. */
struct rule_file *rule_zones_parse(const struct text *text, struct errors *errors);

/* rule_file_parse_within, likewise. */
struct rule_file *rule_zones_parse_within(
    const struct format *runtime, const struct text *text, struct errors *errors);

#endif
