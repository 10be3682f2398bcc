/* SPDX-License-Identifier: MIT
 *
 * The encodings a log may be written in, and the way from each into UTF-8.
 *
 * UTF-8 is never transcoded: whatever bytes it holds are the line's. The others
 * have one unit of one or two bytes and no state, so that transcoding can begin
 * between any two characters and gives the same bytes.
 */
#ifndef SHIPPER_SOURCES_ENCODING_H
#define SHIPPER_SOURCES_ENCODING_H

#include "parsers/buffer.h"

enum encoding {
    ENCODING_UTF_8,
    ENCODING_ISO_8859_1,
    ENCODING_WINDOWS_1252,
    ENCODING_UTF_16LE,
    ENCODING_UTF_16BE,
    ENCODINGS
};

/* "utf-8", "iso-8859-1", …; ended by NULL. */
extern const char *const encoding_names[ENCODINGS + 1];

/* What the byte order mark at the beginning of a file says; `configured` where
 * there is none. The mark itself stays: it is the first line's first character. */
enum encoding encoding_of(struct span beginning, enum encoding configured);

struct transcoder;

/* From one of the encodings but UTF-8. NULL if this system cannot. */
struct transcoder *transcoder_new(enum encoding encoding);
void transcoder_free(struct transcoder *transcoder); /* accepts NULL */

/* Appends *in to out in UTF-8, at most three bytes for one, and moves *in over
 * what it took: what is left is the beginning of one character. What is no
 * character becomes U+FFFD, one for each unit. */
void transcoder_feed(struct transcoder *transcoder, struct span *in, struct buffer *out);

#endif
