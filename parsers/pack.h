/* SPDX-License-Identifier: MIT
 *
 * Texts and numbers one behind the other in one run of bytes, to be read back in
 * the same order: each text behind its length, 4 bytes little-endian (absent:
 * 0xFFFFFFFF); a number as 8 bytes little-endian.
 */
#ifndef PARSERS_PACK_H
#define PARSERS_PACK_H

#include "buffer.h"

void pack_text(struct buffer *out, struct span text);
void pack_number(struct buffer *out, uint64_t number);

/* Takes the next one off *rest; false with everything untouched if it is not all there.
 * The text points into *rest. */
bool pack_take_text(struct span *rest, struct span *text);
bool pack_take_number(struct span *rest, uint64_t *number);

#endif
