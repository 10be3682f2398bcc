/* SPDX-License-Identifier: MIT
 *
 * What the sender waits for, in one epoll descriptor: libcurl's sockets, and some
 * descriptors of the caller's.
 *
 * A connection's socket stays in it between two requests, since the next one will wait
 * for the same. Should something come in between, such as its end, it is taken out.
 */
#ifndef SHIPPER_SENDER_SOCKETS_H
#define SHIPPER_SENDER_SOCKETS_H

#include "parsers/error.h"

#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { SOCKETS_READY_MOST = 256 };

struct sockets_ready {
    int s;
    uint32_t events; /* EPOLLIN and so on */
    void *owner;
};

struct sockets {
    int epoll;
    struct sockets_entry *entries; /* by descriptor */
    size_t room;
    struct sockets_ready ready[SOCKETS_READY_MOST]; /* found by the last wait */
};

bool sockets_open(struct sockets *sockets, struct error *err);

void sockets_close(struct sockets *sockets);

/* A connection's socket was opened, or is about to be closed. */
void sockets_add(struct sockets *sockets, int s);
void sockets_remove(struct sockets *sockets, int s);

/* From now on the socket is waited for, for EPOLLIN or EPOLLOUT or both; 0: for
 * nothing. It need not be one that was added. */
void sockets_want(struct sockets *sockets, int s, uint32_t events, void *owner);

/* Waits for any socket, or for input on any descriptor in also, which gets its revents;
 * those below 0 are passed over. Returns how many sockets are ready. */
size_t sockets_wait(struct sockets *sockets, struct pollfd *also, size_t count, int timeout_ms);

#endif
