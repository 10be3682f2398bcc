/* SPDX-License-Identifier: MIT
 *
 * gzip (RFC 1952) as a stream: members one behind the other, whatever the pieces
 * they come in.
 */
#ifndef SHIPPER_SOURCES_GUNZIP_H
#define SHIPPER_SOURCES_GUNZIP_H

#include "parsers/buffer.h"

/* Whether a file that begins so is gzip. */
bool gunzip_is_gzip(struct span beginning);

enum gunzip_result {
    GUNZIP_MORE,   /* inside a member: there must be more input */
    GUNZIP_FULL,   /* `most` bytes came out: call again with what is left of the input */
    GUNZIP_END,    /* the last member is complete, and nothing follows yet */
    GUNZIP_BROKEN, /* what follows cannot be read; for good */
};

struct gunzip;

struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *gunzip); /* accepts NULL */

/* Appends up to `most` bytes to out and moves *in over what it took. Zeros between
 * members (tapes, padding) are passed over. */
enum gunzip_result gunzip_feed(
    struct gunzip *gunzip, struct span *in, size_t most, struct buffer *out);

/* Whether all that was read so far are complete members. */
bool gunzip_is_complete(const struct gunzip *gunzip);

/* After GUNZIP_BROKEN: what is wrong, in words that follow the file's name. */
const char *gunzip_trouble(const struct gunzip *gunzip);

#endif
