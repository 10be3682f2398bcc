/* SPDX-License-Identifier: MIT
 *
 * Ranges of IP addresses in CIDR notation (RFC 4632, RFC 4291): `192.0.2.0/24`,
 * `2001:db8::/32`, or one address alone.
 */
#ifndef PARSERS_NETWORK_H
#define PARSERS_NETWORK_H

#include "span.h"

enum { NETWORK_ADDRESS_BYTES = 16, NETWORK_ADDRESS_BITS = 128 };

/* An IPv4 address stands as ::ffff:a.b.c.d, as a socket for both families has it. */
struct network_address {
    unsigned char bytes[NETWORK_ADDRESS_BYTES];
};

struct network {
    struct network_address first;
    unsigned bits; /* of it that count */
};

/* False, with *address untouched, if text is no IPv4 or IPv6 address. */
bool network_address_parse(struct span text, struct network_address *address);

/* False, with *network untouched, if text is none, or has bits set that its prefix
 * leaves out. */
bool network_parse(struct span text, struct network *network);

bool network_has(const struct network *network, const struct network_address *address);

#endif
