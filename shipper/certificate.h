/* SPDX-License-Identifier: MIT
 *
 * X.509 certificates and private keys as PEM text (RFC 7468), looked at for people:
 * who it is of, for which names, until when. Whether a certificate is to be trusted
 * is for TLS to say, not decided here.
 */
#ifndef SHIPPER_CERTIFICATE_H
#define SHIPPER_CERTIFICATE_H

#include "parsers/buffer.h"

struct certificate {
    char subject[200], issuer[200]; /* "CN = example.com", as RFC 2253 writes names, cut */
    char names[300];                /* its DNS names and addresses, ", " between; cut */
    int64_t from_s, until_s;        /* UNIX seconds of its validity */
};

/* The first certificate of a text, and how many there are. False if there is none. */
bool certificate_read(struct span pem, struct certificate *first, size_t *count);

/* Why the private key in a text cannot be used with the first certificate of another,
 * or NULL: "it holds no private key", … */
const char *certificate_key_fault(struct span pem, struct span key_pem);

#endif
