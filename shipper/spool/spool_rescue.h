/* SPDX-License-Identifier: MIT
 *
 * A damaged spool is set aside under a new name, and what can still be read of it
 * is copied into a new one: cursors, waiting events, rejected ones. An event whose
 * checksum is wrong goes to the corrupt ones, and is not sent. What was there and
 * could not be read is counted as lost (spool_stats).
 *
 * A source whose cursor is gone is then to be read from its beginning: ids make
 * repeats harmless. The new spool says so by a cursor of the kind
 * SPOOL_RESCUE_KIND until the reader forgets it, which it does with the first
 * cursors that it saves.
 */
#ifndef SHIPPER_SPOOL_SPOOL_RESCUE_H
#define SHIPPER_SPOOL_SPOOL_RESCUE_H

#include "shipper/spool/spool.h"

#define SPOOL_RESCUE_KIND "rescue"
enum { SPOOL_RESCUE_KEY = 0 };

struct spool_rescued {
    uint64_t cursors, events, corrupt, rejected;
    uint64_t lost;     /* events; at least, if is_lost_open */
    bool is_lost_open; /* how many there were could not be read */
    char aside[40];    /* the name of the damaged one */
};

/* After ERROR_CORRUPT from another call, which looks at the version first; no
 * process may have the spool open. Until the new one is complete the damaged one
 * stays where it is: interrupted or failed, this can be called again. */
bool spool_rescue(const char *dir, struct spool_rescued *rescued, struct error *err);

#endif
