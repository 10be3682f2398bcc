/* SPDX-License-Identifier: MIT
 *
 * Is the spool sound? Everything in it looked at, nothing changed. Beside a running
 * service what comes and goes meanwhile is not seen: all of it is one moment.
 */
#ifndef SHIPPER_SPOOL_SPOOL_CHECK_H
#define SHIPPER_SPOOL_SPOOL_CHECK_H

#include "shipper/spool/spool.h"

struct spool_check {
    char structure[240]; /* what SQLite says of the first page that is wrong; empty: none is */
    uint64_t waiting, rejected, corrupt, cursors;                /* rows that are there */
    uint64_t bad_waiting, bad_rejected, bad_cursors;             /* of them, checksum wrong */
    int64_t off_waiting, off_rejected, off_corrupt, off_cursors; /* what the totals have more */
};

bool spool_check(struct spool *spool, struct spool_check *check, struct error *err);

/* Whether something is there that spool_rescue mends. Events that were found damaged
 * before are none. */
bool spool_check_is_bad(const struct spool_check *check);

/* Gives all free pages back to the file system and empties the log, in slices that keep
 * a running service waiting for milliseconds. */
bool spool_compact(struct spool *spool, struct error *err);

#endif
