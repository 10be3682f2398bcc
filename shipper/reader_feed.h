/* SPDX-License-Identifier: MIT
 *
 * A chunk on its way through its engine: whole, or a record at a time where the
 * reader was killed before.
 */
#ifndef SHIPPER_READER_FEED_H
#define SHIPPER_READER_FEED_H

#include "shipper/fatal_record.h"
#include "shipper/sources/source.h"

/* engine_feed on the chunk of *read: adds to *counts, returns how many bytes were
 * taken. A fatal record is passed over, and named once. */
size_t reader_feed(struct fatal_records *fatal, const struct source_read *read,
    const struct engine_output *output, struct engine_counts *counts);

#endif
