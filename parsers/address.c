/* SPDX-License-Identifier: MIT
 *
 * Strips what logs put around an address, from the outside in, and leaves the
 * verdict on what remains to inet_pton. Nothing is searched for: text before or
 * after the address makes it none.
 *
 *     list    = one *("," one)
 *     one     = *wrap address ["%" zone-id] ["]"] [port] *wrap
 *     port    = (":" | "#" | "/" | ";port=") 1*DIGIT
 *
 * A colon starts a port only behind a bracket or a dotted quad: in 2001:db8::1:80
 * the 80 is part of the address. Digits behind a slash are dropped whether they
 * are a port (Cisco) or a prefix length (PostgreSQL's inet).
 */
#include "address.h"

#include <arpa/inet.h>

enum { MOST_ADDRESS_LEN = 45, MOST_PORT = 65535 };

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Java's InetSocketAddress prints a slash before the address. */
static struct span strip_wrapping(struct span s)
{
    while (s.len > 0 && is_one_of(s.at[0], " \t\"'`(<{[/"))
        s = span_from(s, 1);
    while (s.len > 0 && is_one_of(s.at[s.len - 1], " \t\"'`)>}]."))
        s.len--;
    return s;
}

static bool is_port(struct span s)
{
    uint64_t port;

    return span_to_u64(s, &port) && port <= MOST_PORT;
}

/* Where a port with its mark starts in an address that no bracket closes; the
 * end if there is none. */
static const char *find_port_mark(struct span s)
{
    const char *colon = memrchr(s.at, ':', s.len);

    for (size_t i = 0; i < s.len; i++)
        if (is_one_of(s.at[i], "#/;"))
            return s.at + i;
    if (colon && span_find(span_between(s.at, colon), '.'))
        return colon;
    return span_end(s);
}

/* rest: from the mark on. */
static bool is_port_with_mark(struct span rest)
{
    if (span_has_prefix(rest, SPAN(";port=")))
        return is_port(span_from(rest, 6));
    return is_one_of(rest.at[0], ":#/") && is_port(span_from(rest, 1));
}

static bool is_zone_id(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!byte_is_digit(s.at[i]) && !byte_is_alpha(s.at[i]) && !is_one_of(s.at[i], "._-~"))
            return false;
    return s.len > 0;
}

/* Leaves the bare literal in *s; false if what stands behind it is no port or
 * zone id. */
static bool strip_suffixes(struct span *s)
{
    const char *close = span_find(*s, ']');
    struct span rest = span_between(close ? close : find_port_mark(*s), span_end(*s));
    const char *percent;

    *s = span_between(s->at, rest.at);
    if (close)
        rest = span_from(rest, 1);
    if (rest.len > 0 && !is_port_with_mark(rest))
        return false;
    percent = span_find(*s, '%');
    if (!percent)
        return true;
    rest = span_between(percent + 1, span_end(*s));
    *s = span_between(s->at, percent);
    return is_zone_id(rest);
}

static bool is_private_v4(const unsigned char *ip)
{
    return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || (ip[0] == 100 && (ip[1] & 0xC0) == 64) ||
           (ip[0] == 169 && ip[1] == 254) || (ip[0] == 172 && (ip[1] & 0xF0) == 16) ||
           (ip[0] == 192 && ip[1] == 168);
}

static bool is_private_v6(const unsigned char *ip)
{
    static const unsigned char zeros[15];

    return (memcmp(ip, zeros, 15) == 0 && ip[15] <= 1) || /* :: and ::1 */
           (ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80) ||   /* fe80::/10 */
           (ip[0] & 0xFE) == 0xFC;                        /* fc00::/7 */
}

static bool parse_one(struct span text, struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct span s = strip_wrapping(text);
    char literal[MOST_ADDRESS_LEN + 1];
    unsigned char ip[16];
    const unsigned char *v4 = NULL;

    if (s.len == 0 || !strip_suffixes(&s) || s.len == 0 || s.len > MOST_ADDRESS_LEN ||
        span_find(s, '\0'))
        return false;
    memcpy(literal, s.at, s.len);
    literal[s.len] = '\0';

    if (inet_pton(AF_INET, literal, ip) == 1)
        v4 = ip;
    else if (inet_pton(AF_INET6, literal, ip) != 1)
        return false;
    else if (memcmp(ip, mapped, sizeof(mapped)) == 0)
        v4 = ip + sizeof(mapped);
    address->is_private = v4 ? is_private_v4(v4) : is_private_v6(ip);
    if (v4 == ip)
        memcpy(address->text, literal, s.len + 1); /* inet_pton takes one form only */
    else
        inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? v4 : ip, address->text, sizeof(address->text));
    return true;
}

bool address_parse(struct span text, struct address *address)
{
    struct span rest = text;
    struct address one, first;
    bool has_first = false;

    while (rest.at) {
        if (!parse_one(span_cut(&rest, ','), &one))
            continue;
        if (!one.is_private) {
            *address = one;
            return true;
        }
        if (!has_first)
            first = one;
        has_first = true;
    }
    if (has_first)
        *address = first;
    return has_first;
}

void address_truncate(struct address *address)
{
    unsigned char ip[16];

    if (inet_pton(AF_INET, address->text, ip) == 1) {
        ip[3] = 0;
        inet_ntop(AF_INET, ip, address->text, sizeof(address->text));
    } else if (inet_pton(AF_INET6, address->text, ip) == 1) {
        memset(ip + 6, 0, sizeof(ip) - 6);
        inet_ntop(AF_INET6, ip, address->text, sizeof(address->text));
    }
}
