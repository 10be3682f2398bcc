/* SPDX-License-Identifier: MIT
 *
 * Fixed windows of event time: every moment is in exactly one. They begin where a
 * zone's clocks show a multiple of their length, counted from midnight, and those of
 * several days from a Monday. So a day is as long as the zone makes it, 23 or 25
 * hours where the clocks are set; windows that are shorter than what the clocks are
 * set by keep their length.
 */
#ifndef PARSERS_WINDOW_H
#define PARSERS_WINDOW_H

#include "zone.h"

struct window {
    int64_t start_s, end_s; /* UNIX seconds; the end belongs to the next one */
};

/* Whether windows can have that length: a part of a day that divides it, or whole days. */
bool window_is_length(int64_t length_s);

struct window window_of(int64_t length_s, const struct zone *zone, int64_t time_s);

#endif
