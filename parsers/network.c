/* SPDX-License-Identifier: MIT
 *
 * Both families in one shape: an IPv4 range is one inside ::ffff:0:0/96. Host names
 * and zones are not taken.
 */
#include "network.h"

#include <arpa/inet.h>

enum { MAPPED_BYTES = 12, TEXT_BYTES = 46 };

static const unsigned char mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

/* *first_bit: where the bits of this family's prefixes begin. */
static bool parse_address(struct span text, struct network_address *address, unsigned *first_bit)
{
    struct network_address parsed;
    char terminated[TEXT_BYTES];

    if (text.len >= sizeof(terminated) || memchr(text.at, '\0', text.len))
        return false;
    memcpy(terminated, text.at, text.len);
    terminated[text.len] = '\0';
    memcpy(parsed.bytes, mapped, sizeof(mapped));
    *first_bit = 8 * MAPPED_BYTES;
    if (inet_pton(AF_INET, terminated, parsed.bytes + MAPPED_BYTES) != 1) {
        if (inet_pton(AF_INET6, terminated, parsed.bytes) != 1)
            return false;
        *first_bit = 0;
    }
    *address = parsed;
    return true;
}

bool network_address_parse(struct span text, struct network_address *address)
{
    unsigned unused;

    return text.len > 0 && parse_address(text, address, &unused);
}

bool network_parse(struct span text, struct network *network)
{
    struct span rest = text, address = span_cut(&rest, '/');
    uint64_t bits = 0;
    struct network parsed;
    unsigned first_bit;

    if (address.len == 0 || !parse_address(address, &parsed.first, &first_bit))
        return false;
    if (rest.at && (rest.len > 3 || !span_to_u64(rest, &bits)))
        return false;
    parsed.bits = rest.at ? first_bit + (unsigned)bits : NETWORK_ADDRESS_BITS;
    if (parsed.bits > NETWORK_ADDRESS_BITS)
        return false;
    for (unsigned i = parsed.bits; i < NETWORK_ADDRESS_BITS; i++)
        if (parsed.first.bytes[i / 8] & 0x80u >> i % 8)
            return false;
    *network = parsed;
    return true;
}

bool network_has(const struct network *network, const struct network_address *address)
{
    unsigned whole = network->bits / 8, left = network->bits % 8;

    if (memcmp(network->first.bytes, address->bytes, whole) != 0)
        return false;
    return left == 0 || (network->first.bytes[whole] ^ address->bytes[whole]) >> (8 - left) == 0;
}
