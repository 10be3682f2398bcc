/* SPDX-License-Identifier: MIT
 *
 * How fast each peer sends: a bucket a peer that fills with `rate` tokens a second and
 * holds those of one second. Of LIMIT_PEERS peers; the one seen longest ago makes room
 * for another, which begins with a full bucket.
 */
#ifndef SHIPPER_SOURCES_SYSLOG_PEERS_H
#define SHIPPER_SOURCES_SYSLOG_PEERS_H

#include "parsers/network.h"

struct syslog_peers;

struct syslog_peers *syslog_peers_new(uint64_t rate); /* messages a second, not 0 */
void syslog_peers_free(struct syslog_peers *peers);   /* accepts NULL */

/* Takes a token for each message, also those that are not there. Returns for how long
 * the peer is over its rate: ms, 0 if it is not. */
int64_t syslog_peers_take(struct syslog_peers *peers, const struct network_address *address,
    uint64_t messages, int64_t now_ms);

/* The same for one message, which takes no token when it is over. */
bool syslog_peers_may(
    struct syslog_peers *peers, const struct network_address *address, int64_t now_ms);

#endif
