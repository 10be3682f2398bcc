/* SPDX-License-Identifier: MIT
 *
 * A line ends at LF and nowhere else: a lone CR, NUL or U+2028 is text.
 */
#include "lines.h"

bool lines_next(struct span *rest, struct span *line, size_t *whole_bytes)
{
    const char *newline = span_find(*rest, '\n');

    if (rest->len == 0)
        return false;
    *line = newline ? span_between(rest->at, newline) : *rest;
    *whole_bytes = line->len + (newline != NULL);
    *rest = span_from(*rest, *whole_bytes);
    if (newline && line->len > 0 && line->at[line->len - 1] == '\r')
        line->len--;
    return true;
}
