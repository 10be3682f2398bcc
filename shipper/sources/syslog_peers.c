/* SPDX-License-Identifier: MIT
 *
 * A small set-associative table: a peer can be in one of a few places, so that looking
 * it up costs the same however many send.
 */
#include "shipper/sources/syslog_peers.h"

#include "parsers/limits.h"
#include "parsers/memory.h"

#include <stdlib.h>

enum { PLACES = 8, SETS = LIMIT_PEERS / PLACES };

/* Tokens are counted in thousandths, what a millisecond brings at a rate of one. */
struct peer {
    struct network_address address;
    int64_t tokens, seen_ms;
    bool is_taken;
};

struct syslog_peers {
    int64_t rate;
    struct peer places[SETS][PLACES];
};

struct syslog_peers *syslog_peers_new(uint64_t rate)
{
    struct syslog_peers *peers = memory_new(sizeof(*peers));

    peers->rate = (int64_t)rate;
    return peers;
}

void syslog_peers_free(struct syslog_peers *peers)
{
    free(peers);
}

static size_t set_of(const struct network_address *address)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < sizeof(address->bytes); i++)
        hash = (hash ^ address->bytes[i]) * 16777619u;
    return (hash ^ hash >> 16) % SETS;
}

static struct peer *find(
    struct syslog_peers *peers, const struct network_address *address, int64_t now_ms)
{
    struct peer *set = peers->places[set_of(address)], *oldest = set;

    for (size_t i = 0; i < PLACES; i++) {
        if (set[i].is_taken && memcmp(&set[i].address, address, sizeof(*address)) == 0)
            return &set[i];
        if (!set[i].is_taken || (oldest->is_taken && set[i].seen_ms < oldest->seen_ms))
            oldest = &set[i];
    }
    *oldest = (struct peer){*address, peers->rate * 1000, now_ms, true};
    return oldest;
}

static struct peer *refill(
    struct syslog_peers *peers, const struct network_address *address, int64_t now_ms)
{
    struct peer *peer = find(peers, address, now_ms);
    int64_t most = peers->rate * 1000, passed_ms = now_ms - peer->seen_ms;

    peer->tokens = passed_ms > 1000000 ? most : peer->tokens + passed_ms * peers->rate;
    if (peer->tokens > most)
        peer->tokens = most;
    peer->seen_ms = now_ms;
    return peer;
}

int64_t syslog_peers_take(struct syslog_peers *peers, const struct network_address *address,
    uint64_t messages, int64_t now_ms)
{
    struct peer *peer = refill(peers, address, now_ms);

    peer->tokens -= (int64_t)messages * 1000;
    return peer->tokens >= 0 ? 0 : (-peer->tokens + peers->rate - 1) / peers->rate;
}

bool syslog_peers_may(
    struct syslog_peers *peers, const struct network_address *address, int64_t now_ms)
{
    struct peer *peer = refill(peers, address, now_ms);

    if (peer->tokens < 1000)
        return false;
    peer->tokens -= 1000;
    return true;
}
