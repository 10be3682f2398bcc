/* SPDX-License-Identifier: MIT
 *
 * A text as a YAML scalar on one line, for files that we write.
 */
#ifndef PARSERS_YAML_TEXT_H
#define PARSERS_YAML_TEXT_H

#include "buffer.h"

/* Appends it in single quotes, or bare if it is a simple word. It must be UTF-8 without
 * line ends or other control characters (yaml_text_is_fit). */
void yaml_text_write(struct span text, struct buffer *out);

/* In single quotes, whatever it is. */
void yaml_text_write_quoted(struct span text, struct buffer *out);

bool yaml_text_is_fit(struct span text);

#endif
