/* SPDX-License-Identifier: MIT
 *
 * libcurl writes each HTTP/2 frame of its own with a system call of its own. Held
 * back while many requests are written to one connection (TCP_CORK), they leave as
 * full segments, and the answers come back together.
 *
 * It pays for the few connections of HTTP/2 only: HTTP/1.1 writes a request in one
 * call anyway.
 */
#ifndef SHIPPER_SENDER_CORK_H
#define SHIPPER_SENDER_CORK_H

#include <stddef.h>

enum { CORK_SOCKETS = 16 };

struct cork {
    int sockets[CORK_SOCKETS]; /* open ones, the first so many */
    size_t count;
};

/* Further ones are left alone. */
void cork_add(struct cork *cork, int s);
void cork_remove(struct cork *cork, int s);

void cork_hold(const struct cork *cork);
void cork_release(const struct cork *cork);

#endif
