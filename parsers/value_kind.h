/* SPDX-License-Identifier: MIT
 *
 * What a value looks like: for whoever reviews what would be sent, and for
 * `user_id_type: auto`. Shapes only; nothing is looked up.
 */
#ifndef PARSERS_VALUE_KIND_H
#define PARSERS_VALUE_KIND_H

#include "buffer.h"
#include "span.h"

enum value_kind {
    VALUE_ADDRESS, /* an IP address */
    VALUE_EMAIL,   /* name@host.tld */
    VALUE_UUID,    /* RFC 9562, in hex with hyphens */
    VALUE_SECRET,  /* may be a key, a token or a hash: long, without blanks, letters and digits
                      mixed; or begins like a well-known token */
    VALUE_NUMBER,
    VALUE_PATH, /* begins with a slash, or has :// */
    VALUE_WORD, /* nothing with a blank in it that is none of these: names, mostly */
    VALUE_TEXT,
    VALUE_KINDS
};

extern const char *const value_kind_names[VALUE_KINDS]; /* "address", "e-mail", … */

enum value_kind value_kind_of(struct span value);

/* `name@host.tld`: one @ with something before it, and a dot within what follows. */
bool value_is_email(struct span value);

/* Appends the value with what identifies taken out: of each run of letters and
 * digits the first and last are kept where it has more than three, one where it
 * is shorter, as in "a*e@e*e.c*m"; of an address half of its parts. Not more than
 * a line's worth of characters, none that steers a terminal. */
void value_mask(struct span value, enum value_kind kind, struct buffer *out);

#endif
