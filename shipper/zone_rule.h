/* SPDX-License-Identifier: MIT
 *
 * POSIX TZ strings, as they stand at the end of TZif files and in TZ:
 *
 *     CET-1CEST,M3.5.0,M10.5.0/3     <+0330>-3:30     EST5EDT,M3.2.0,M11.1.0
 *
 * Offsets count westwards. Days are Mmonth.week.weekday (week 5 is the last, day
 * 0 Sunday); the other two kinds that POSIX has (Jn, n) are in no zone of our time
 * and are not read.
 */
#ifndef SHIPPER_ZONE_RULE_H
#define SHIPPER_ZONE_RULE_H

#include "parsers/zone.h"

/* When clocks change: each year, on that day, time_s after midnight (may be
 * negative or more than a day) by the clocks before the change. */
struct zone_rule_day {
    int month, week, weekday;
    int32_t time_s;
};

struct zone_rule {
    struct span standard, summer; /* their names, borrowed from the text */
    int32_t standard_s;           /* offset, local time minus UTC */
    bool has_summer;              /* what is of summer counts */
    int32_t summer_s;
    struct zone_rule_day start, end; /* of summer time */
};

/* All of text; false if it is not one. */
bool zone_rule_parse(struct span text, struct zone_rule *rule);

/* The year's two changes, in order of time. */
void zone_rule_changes(const struct zone_rule *rule, int64_t year, struct zone_change changes[2]);

#endif
