/* SPDX-License-Identifier: MIT
 *
 * Which formats the lines of a log are in, for a draft.
 */
#ifndef PARSERS_DRAFT_FORMAT_H
#define PARSERS_DRAFT_FORMAT_H

#include "buffer.h"
#include "format.h"

enum { DRAFT_CHAIN_MOST = 4 };

/* Fills the chain that most of these lines are of, ended by NULL. */
void draft_detect(
    const struct span *lines, size_t count, const struct format *chain[DRAFT_CHAIN_MOST]);

/* Whether the lines of the chain bring names for their values. */
bool draft_has_names(const struct format *const *chain);

/* Appends what one line seems to be, as one would write it in a rule file: "syslog, json". */
void draft_format_write(struct span line, struct buffer *out);

#endif
