/* SPDX-License-Identifier: MIT
 *
 * Messages between the supervisor and a child over a socketpair (SOCK_SEQPACKET):
 * a kind, a few bytes, and perhaps a descriptor. The other end gone is an end of
 * file, which ends a child.
 */
#ifndef SHIPPER_CHANNEL_H
#define SHIPPER_CHANNEL_H

#include "parsers/error.h"

enum channel_kind {
    CHANNEL_READY,  /* child: set up, working */
    CHANNEL_STOP,   /* supervisor: finish what is under way and exit 0 */
    CHANNEL_DRAIN,  /* supervisor to sender: exit 0 once the spool is empty */
    CHANNEL_ERRAND, /* reader: please open something (errand.h) */
    CHANNEL_REPORT, /* supervisor to reader: how that went */
    CHANNEL_KINDS
};

enum { CHANNEL_PAYLOAD_BYTES = 4096 };

struct channel_message {
    enum channel_kind kind;
    int descriptor; /* -1: none; a received one is the receiver's, O_CLOEXEC */
    size_t len;
    char payload[CHANNEL_PAYLOAD_BYTES];
};

enum channel_result {
    CHANNEL_GOT,
    CHANNEL_EMPTY,  /* nothing to read now */
    CHANNEL_CLOSED, /* the other end is gone, or sends what is no message */
};

/* Two connected ends, both non-blocking and O_CLOEXEC. */
bool channel_open(int ends[2], struct error *err);

/* True also when the other end is gone: nobody can tell that from a message that
 * was never read, and channel_receive says it. */
bool channel_send(int end, const struct channel_message *message, struct error *err);
enum channel_result channel_receive(int end, struct channel_message *message);

#endif
