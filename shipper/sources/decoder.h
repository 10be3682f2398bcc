/* SPDX-License-Identifier: MIT
 *
 * From a file's own bytes to those that lines are cut from: decompressed, then in
 * UTF-8. Gives the same bytes however the input is cut. Does no I/O.
 */
#ifndef SHIPPER_SOURCES_DECODER_H
#define SHIPPER_SOURCES_DECODER_H

#include "parsers/error.h"
#include "shipper/sources/encoding.h"

enum {
    DECODER_INPUT_BYTES = 32 << 10, /* a good size for what is fed at once */
    DECODER_MOST_BYTES = 192 << 10, /* the most that one call of decoder_feed appends */
    DECODER_LOOK_BYTES = 4096,      /* a good size for `beginning` */
};

struct decoding {
    bool is_gzip;
    enum encoding encoding; /* of the text, which may be inside the gzip */
};

/* How a file is to be read that begins so, in an input of that encoding. */
struct decoding decoding_of(struct span beginning, enum encoding configured);

/* Whether there is anything to do. */
static inline bool decoding_is_plain(struct decoding decoding)
{
    return !decoding.is_gzip && decoding.encoding == ENCODING_UTF_8;
}

enum decoder_result {
    DECODER_MORE,   /* there may be more input */
    DECODER_FULL,   /* call again with what is left of the input */
    DECODER_END,    /* gzip: the last member is complete, an unfinished last line final */
    DECODER_BROKEN, /* gzip: the rest cannot be read */
};

struct decoder;

/* NULL if this system does not know the encoding. */
struct decoder *decoder_new(struct decoding decoding, struct error *err);
void decoder_free(struct decoder *decoder); /* accepts NULL */

/* Takes at most DECODER_INPUT_BYTES of *in, and moves it over what it took: without
 * gzip, what is left may be the beginning of a character (it stands at the end of
 * what is there so far). Half a character at the end of gzip is passed over. */
enum decoder_result decoder_feed(struct decoder *decoder, struct span *in, struct buffer *out);

/* After DECODER_BROKEN: what is wrong, in words that follow the file's name; and
 * whether all members before that place are complete. */
const char *decoder_trouble(const struct decoder *decoder);
bool decoder_is_complete(const struct decoder *decoder);

#endif
