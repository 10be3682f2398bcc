/* SPDX-License-Identifier: MIT
 *
 * What datagrams and streams have in common: who may send, and what events are known by.
 */
#include "shipper/sources/syslog_source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>

struct source *syslog_source_open(
    const struct syslog_options *options, struct spool *spool, struct error *err)
{
    switch (options->syslog->transport) {
    case SYSLOG_UDP:
    case SYSLOG_UNIX_DGRAM:
        return syslog_datagrams_open(options, spool, err);
    case SYSLOG_TCP:
    case SYSLOG_UNIX_STREAM:
        break;
    }
    return syslog_streams_open(options, spool, err);
}

bool syslog_source_is_allowed(
    const struct syslog_config *syslog, const struct network_address *address)
{
    for (size_t i = 0; i < syslog->allow.count; i++)
        if (network_has(&syslog->ranges[i], address))
            return true;
    return syslog->allow.count == 0;
}

bool syslog_source_address(
    const struct sockaddr_storage *from, struct network_address *address, char text[48])
{
    *address = (struct network_address){.bytes = {[10] = 0xff, [11] = 0xff}};
    text[0] = '\0';
    if (from->ss_family == AF_INET)
        memcpy(address->bytes + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
    else if (from->ss_family == AF_INET6)
        memcpy(address->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
    else
        return false;
    if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address->bytes))
        inet_ntop(AF_INET, address->bytes + 12, text, 48);
    else
        inet_ntop(AF_INET6, address->bytes, text, 48);
    return true;
}

/* Fails only where the kernel has no random numbers at all. */
void syslog_source_make_id(unsigned char id[SYSLOG_ID_BYTES])
{
    if (getrandom(id, SYSLOG_ID_BYTES, 0) != SYSLOG_ID_BYTES)
        abort();
}
