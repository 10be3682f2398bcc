/* SPDX-License-Identifier: MIT
 *
 * Framing: where lines end in a chunk of bytes.
 */
#ifndef PARSERS_LINES_H
#define PARSERS_LINES_H

#include "span.h"

/* Takes the next line off *rest; false when nothing is left. The line comes
 * without its "\n" or "\r\n"; a CR elsewhere stays in it. *whole_bytes counts
 * the terminator too, so that the sum over a chunk is its length. Only the last
 * line may lack its newline. */
bool lines_next(struct span *rest, struct span *line, size_t *whole_bytes);

/* How many lines that would give. */
size_t lines_count(struct span bytes);

#endif
