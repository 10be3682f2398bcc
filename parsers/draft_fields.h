/* SPDX-License-Identifier: MIT
 *
 * Logs that name their columns in a line `#Fields: date time c-ip …` (W3C's extended log
 * file format: IIS, CloudFront), as a draft finds them.
 */
#ifndef PARSERS_DRAFT_FIELDS_H
#define PARSERS_DRAFT_FIELDS_H

#include "buffer.h"

/* Appends the `format:` that reads such a log by these names, as a line of YAML, and one for
 * its time where date and time are columns; false, with nothing appended, if none of the lines names columns. */
bool draft_fields_write(const struct span *lines, size_t count, struct buffer *out);

#endif
