/* SPDX-License-Identifier: MIT
 *
 * A JSON Schema (draft 7) from the tables that files are read by (keys.h), so that editors
 * complete and check what the loader takes. It says what keys there are and of what
 * shape their values are; what only the loader knows (patterns, names) it lets pass.
 */
#ifndef PARSERS_SCHEMA_H
#define PARSERS_SCHEMA_H

#include "buffer.h"
#include "keys.h"

/* Appends it, indented, with a newline at its end. */
void schema_write(const struct key_shape *root, const char *title, struct buffer *out);

#endif
