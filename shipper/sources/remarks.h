/* SPDX-License-Identifier: MIT
 *
 * What is said once of a file while it is read, so that nobody wonders where its
 * bytes went: over-long lines, holes, compressed data that cannot be read.
 */
#ifndef SHIPPER_SOURCES_REMARKS_H
#define SHIPPER_SOURCES_REMARKS_H

#include "shipper/sources/file_tail.h"

/* What was said of this content already; {0} is nothing. */
struct remarks {
    bool long_line, hole, damage, missing_end;
};

/* This is about to be delivered. */
void remarks_chunk(struct remarks *said, const char *path, const struct tail_chunk *chunk);

/* All there is was read. is_settled: it will hardly grow soon. */
void remarks_rest(
    struct remarks *said, const char *path, const struct file_tail *tail, bool is_settled);

#endif
