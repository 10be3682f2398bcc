/* SPDX-License-Identifier: MIT
 *
 * As what `format: auto` has read records: how many, by formats.
 */
#ifndef PARSERS_DETECTION_H
#define PARSERS_DETECTION_H

#include "buffer.h"
#include "record.h"

enum { DETECTION_ROWS = 16 /* there are no more ways: four around, four inside */ };

struct detection {
    struct detection_row {
        const char *names[RECORD_DETECTED_MOST];
        size_t name_count;
        uint64_t records;
    } rows[DETECTION_ROWS]; /* in the order in which they were first seen */
    size_t count;
};

/* Counts a record of these formats (record.h, detected); none are not counted. True: it is
 * the first of its kind. */
bool detection_add(struct detection *detection, const char *const *names, size_t count);

/* "syslog with json". */
void detection_name(const char *const *names, size_t count, struct buffer *out);

/* "98 as json, 2 as plain"; nothing if there are none. */
void detection_write(const struct detection *detection, struct buffer *out);

#endif
