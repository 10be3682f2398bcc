/* SPDX-License-Identifier: MIT
 *
 * What the spool knows of itself, of sources and of rules, as metrics. Of files it tells
 * what the reader saw last, and looks at none: one that hangs must not hold up the service.
 * Totals count since the state directory was made.
 */
#ifndef SHIPPER_METRICS_SPOOL_H
#define SHIPPER_METRICS_SPOOL_H

#include "parsers/buffer.h"

enum { METRICS_SOURCES_MOST = 500 }; /* those that are followed, by kind and name */

/* max_bytes 0: not known. */
void metrics_spool_write(
    const char *state_dir, uint64_t max_bytes, int64_t now_s, struct buffer *out);

#endif
