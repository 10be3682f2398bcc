/* SPDX-License-Identifier: MIT
 *
 * The sources (source.h) of `syslog:` inputs: one a listener. Messages are lines, each
 * a record; `peer.ip` is the address that they came from.
 *
 * Events are known by a random id of the connection, or of this life of a datagram
 * socket, and the offset of the line behind it: what was read cannot be read again.
 */
#ifndef SHIPPER_SOURCES_SYSLOG_SOURCE_H
#define SHIPPER_SOURCES_SYSLOG_SOURCE_H

#include "shipper/config.h"
#include "shipper/shared.h"
#include "shipper/sources/source.h"

enum { SYSLOG_ID_BYTES = 16 };

/* Borrowed for the source's life. */
struct syslog_options {
    const struct syslog_config *syslog;
    int descriptor; /* of the listener; not closed */
    struct engine *engine;
    const struct zone *zone;
    counter *unsaved; /* messages taken, but not durable, for the next reader; NULL: nobody asks */
};

/* NULL if the spool cannot be read. */
struct source *syslog_source_open(
    const struct syslog_options *options, struct spool *spool, struct error *err);

/* The two kinds behind it. */
struct source *syslog_datagrams_open(
    const struct syslog_options *options, struct spool *spool, struct error *err);
struct source *syslog_streams_open(
    const struct syslog_options *options, struct spool *spool, struct error *err);

/* Whether `allow` lets that address send. */
bool syslog_source_is_allowed(
    const struct syslog_config *syslog, const struct network_address *address);

struct sockaddr_storage;

/* Of a socket's peer, as ::ffff:a.b.c.d where it is IPv4, and as text; false, with an
 * empty text, where it has none (local sockets). */
bool syslog_source_address(
    const struct sockaddr_storage *from, struct network_address *address, char text[48]);

void syslog_source_make_id(unsigned char id[SYSLOG_ID_BYTES]);

#endif
