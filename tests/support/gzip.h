/* SPDX-License-Identifier: MIT
 *
 * Compressed bytes for tests.
 */
#ifndef TESTS_SUPPORT_GZIP_H
#define TESTS_SUPPORT_GZIP_H

#include "parsers/buffer.h"

/* Appends one gzip member with that content to out. */
void gzip_append(struct buffer *out, struct span content);

#endif
