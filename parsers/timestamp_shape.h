/* SPDX-License-Identifier: MIT
 *
 * The shapes of timestamps: which numbers of a text are its year, month, hour.
 * What they mean together is timestamp.c's business.
 */
#ifndef PARSERS_TIMESTAMP_SHAPE_H
#define PARSERS_TIMESTAMP_SHAPE_H

#include "span.h"

enum { PART_ABSENT = -1 };

enum half_day { HALF_NONE, HALF_AM, HALF_PM };

/* As written: in no way checked for range. */
struct timestamp_parts {
    int year, month, day; /* PART_ABSENT: not in the text */
    int hour, minute, second;
    enum half_day half;
    bool has_zone;
    int32_t offset_s; /* of the zone */
    bool is_epoch;    /* only epoch_s and has_zone count */
    int64_t epoch_s;
};

/* Finds the shape at the start of text; *used is its length in bytes. */
bool timestamp_shape_match(struct span text, struct timestamp_parts *parts, size_t *used);

#endif
