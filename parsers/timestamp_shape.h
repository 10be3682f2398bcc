/* SPDX-License-Identifier: MIT
 *
 * The shapes of timestamps: which numbers of a text are its year, month, hour.
 * What they mean together is timestamp.c's business.
 */
#ifndef PARSERS_TIMESTAMP_SHAPE_H
#define PARSERS_TIMESTAMP_SHAPE_H

#include "zone_text.h"

enum { PART_ABSENT = -1 };

enum half_day { HALF_NONE, HALF_AM, HALF_PM };

/* As written: in no way checked for range. */
struct timestamp_parts {
    int year, month, day; /* PART_ABSENT: not in the text */
    int hour, minute, second;
    enum half_day half;
    bool has_zone;
    struct zone_text zone;
    bool is_order_guess; /* day and month could be the other way round */
    bool is_epoch;       /* only epoch_s and has_zone count */
    int64_t epoch_s;
};

/* Finds the shape at the start of text; *used is its length in bytes. */
bool timestamp_shape_find(struct span text, const struct zone_lookup *lookup,
    struct timestamp_parts *parts, size_t *used);

/* One shape, as timestamp_format.h makes them. */
bool timestamp_shape_match(const char *shape, struct span text, const struct zone_lookup *lookup,
    struct timestamp_parts *parts, size_t *used);

#endif
