/* SPDX-License-Identifier: MIT
 *
 * What came and went between two looks at the same state: for `status --watch`.
 */
#ifndef SHIPPER_STATUS_PACE_H
#define SHIPPER_STATUS_PACE_H

#include "shipper/status.h"

/* {0} before the first look. */
struct status_pace {
    bool is_begun;
    int64_t at_ms;
    uint64_t lines, bytes, delivered, rejected, waiting;
};

/* Appends a line with lines, bytes and events a second since the look before, and when the
 * spool will be empty at this pace; the first look has none to compare with. */
void status_pace_write(struct status_pace *pace, const struct status *status, struct buffer *out);

#endif
