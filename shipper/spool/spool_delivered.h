/* SPDX-License-Identifier: MIT
 *
 * The ids of delivered events, kept by spool_settle in the order of delivery: the
 * newest LIMIT_DELIVERED_IDS, and no more than fill an eighth of max_bytes. Nobody
 * looks anything up there: cursors are what keeps a line from taking effect twice.
 * Only when a source that is known is read again from its start, or standard input
 * is read, are they loaded into a set, for as long as that takes.
 *
 * The set has the events that still wait, too. One that was rejected is not in it: read
 * again, it is sent once more.
 */
#ifndef SHIPPER_SPOOL_SPOOL_DELIVERED_H
#define SHIPPER_SPOOL_SPOOL_DELIVERED_H

#include "shipper/spool/spool.h"

struct spool_delivered;

/* Those of this moment: what is delivered later is not in it. 16 bytes of memory an
 * id. NULL on failure. */
struct spool_delivered *spool_delivered_load(struct spool *spool, struct error *err);
void spool_delivered_free(struct spool_delivered *delivered); /* accepts NULL */

size_t spool_delivered_count(const struct spool_delivered *delivered);

/* id: EVENT_ID_LEN hex digits. */
bool spool_delivered_has(const struct spool_delivered *delivered, const char *id);

#endif
