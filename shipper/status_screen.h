/* SPDX-License-Identifier: MIT
 *
 * Status on a terminal of a certain size, for `status --watch`: what matters most of it, in
 * so many rows and columns, however many sources and rules there are.
 */
#ifndef SHIPPER_STATUS_SCREEN_H
#define SHIPPER_STATUS_SCREEN_H

#include "shipper/status.h"
#include "shipper/status_pace.h"

/* At least SCREEN_ROWS_LEAST and SCREEN_COLUMNS_LEAST. */
struct status_screen {
    size_t rows, columns;
};

enum { SCREEN_ROWS_LEAST = 16, SCREEN_COLUMNS_LEAST = 60 };

/* Lines, at most rows - 1 of them, so that the cursor has one. Sources that are furthest
 * behind come first, then those that are read fastest; rules with the latest event. */
void status_screen_write(const struct status_screen *screen, const struct status *status,
    struct status_pace *pace, struct buffer *out);

#endif
