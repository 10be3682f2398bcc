/* SPDX-License-Identifier: MIT
 *
 * What a near miss lacks, in words: `its match wants "from" where "form" stands`.
 */
#ifndef PARSERS_NEAR_REASON_H
#define PARSERS_NEAR_REASON_H

#include "near_miss.h"

/* Appends a clause that starts in lower case and has no full stop. Values in it stand as
 * they are, cut if long. */
void near_reason_write(const struct near_miss *miss, struct buffer *out);

/* Whether a pattern ran and its place in the value is known. */
bool near_reason_has_place(const struct near_miss *miss);

#endif
