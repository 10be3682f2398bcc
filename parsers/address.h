/* SPDX-License-Identifier: MIT
 *
 * IP addresses as logs write them, in code rather than by a pattern.
 */
#ifndef PARSERS_ADDRESS_H
#define PARSERS_ADDRESS_H

#include "span.h"

struct address {
    char text[48];   /* canonical (RFC 5952 for IPv6), terminated; ::ffff:a.b.c.d as a.b.c.d */
    bool is_private; /* not usable on the public internet: RFC 1918, loopback, link-local,
                        unique local, carrier-grade NAT, unspecified */
};

/* Takes off blanks, quotes, brackets, a leading slash, a port (`:p`, `#p`, `/p`,
 * `;port=p`), a prefix length (`/24`), a zone id and a trailing dot, then wants an
 * IPv4 or IPv6 literal and nothing else; false, with *address untouched, if not.
 * A host name is not an address, nor is a version number such as 128.0.0.0
 * behind a word and a slash. Of a comma-separated list (X-Forwarded-For) the
 * first address that is not private wins, else the first address. */
bool address_parse(struct span text, struct address *address);

/* Leaves the network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. */
void address_truncate(struct address *address);

#endif
