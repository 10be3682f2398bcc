/* SPDX-License-Identifier: MIT
 *
 * A failure to cork costs speed and nothing else, so it is no error.
 */
#include "shipper/sender/cork.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

void cork_add(struct cork *cork, int s)
{
    if (cork->count < CORK_SOCKETS)
        cork->sockets[cork->count++] = s;
}

void cork_remove(struct cork *cork, int s)
{
    for (size_t i = 0; i < cork->count; i++)
        if (cork->sockets[i] == s)
            cork->sockets[i] = cork->sockets[--cork->count];
}

static void set_all(const struct cork *cork, int is_on)
{
    for (size_t i = 0; i < cork->count; i++)
        setsockopt(cork->sockets[i], IPPROTO_TCP, TCP_CORK, &is_on, sizeof(is_on));
}

void cork_hold(const struct cork *cork)
{
    set_all(cork, 1);
}

void cork_release(const struct cork *cork)
{
    set_all(cork, 0);
}
