/* SPDX-License-Identifier: MIT
 *
 * Lines of a real log made fit to be shown: each address becomes one from the ranges for
 * documentation (RFC 5737, RFC 3849), each user an invented one, everywhere the same for
 * the same. Ids, keys and what follows a ? in a path are made up; words, numbers and
 * times stay.
 */
#ifndef PARSERS_ANONYMOUS_H
#define PARSERS_ANONYMOUS_H

#include "buffer.h"

struct anonymous; /* what was made of what */

struct anonymous *anonymous_new(void);
void anonymous_free(struct anonymous *anonymous); /* accepts NULL */

/* From now on this name stands for a user, or (is_user false) for a thing: a host, a
 * project. Shorter ones than three bytes only where they stand alone. */
void anonymous_add_name(struct anonymous *anonymous, struct span name, bool is_user);

void anonymous_write(struct anonymous *anonymous, struct span line, struct buffer *out);

#endif
