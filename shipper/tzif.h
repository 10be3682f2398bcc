/* SPDX-License-Identifier: MIT
 *
 * TZif, the compiled time zones of RFC 8536, versions 1 to 4, as a table of
 * changes. The rule at a file's end (zone_rule.h) continues the table to 2100.
 */
#ifndef SHIPPER_TZIF_H
#define SHIPPER_TZIF_H

#include "parsers/zone.h"

/* NULL when *zone is filled (its table is the caller's: zone_free), else what is
 * wrong with the bytes: "ends early". */
const char *tzif_decode(struct span bytes, struct zone *zone);

/* A zone of nothing but a rule, from 1970 on; false if text is none. */
bool tzif_from_rule(struct span text, struct zone *zone);

#endif
