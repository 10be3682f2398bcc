/* SPDX-License-Identifier: MIT
 *
 * Holes: runs of NUL bytes where a line should begin. They are left where a log is
 * truncated under a writer that goes on at its old offset, and where a crash of the
 * system took what was written last. NUL bytes inside a line are the line's.
 */
#ifndef SHIPPER_SOURCES_HOLE_H
#define SHIPPER_SOURCES_HOLE_H

#include "parsers/span.h"

/* Length of the hole that the bytes begin with. */
size_t hole_bytes(struct span bytes);

/* The first hole behind a line, NULL if there is none. */
const char *hole_find(struct span lines);

#endif
