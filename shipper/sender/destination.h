/* SPDX-License-Identifier: MIT
 *
 * Where events go: something that takes a body and answers later. The sender
 * knows destinations only by these verbs; the one here posts over HTTP, tests
 * bring a scripted one.
 *
 * A destination has as many slots as requests may be in flight. A slot is busy
 * from submit until its answer is reaped.
 */
#ifndef SHIPPER_SENDER_DESTINATION_H
#define SHIPPER_SENDER_DESTINATION_H

#include "shipper/config.h"
#include "shipper/sender/verdict.h"

#include <poll.h>

struct destination {
    const struct destination_verbs *verbs; /* first member of each kind's own struct */
};

struct destination_verbs {
    /* Begins to post the body, which must live until the answer is reaped. */
    void (*submit)(struct destination *destination, size_t slot, struct span body);

    /* Moves bytes. Waits for the network or one of the descriptors, at most
     * timeout_ms, and fills their revents. */
    void (*poll)(
        struct destination *destination, struct pollfd *also, size_t count, int timeout_ms);

    /* The next finished request, if there is one; the answer lives until the slot
     * is submitted to again. */
    bool (*reap)(struct destination *destination, size_t *slot, struct answer *answer);

    /* From now on, requests carry this key (copied). */
    void (*set_key)(struct destination *destination, const char *key);

    /* Drops what is in flight. */
    void (*close)(struct destination *destination);
};

/* HTTP by libcurl, to config->url with config->max_in_flight slots. set_key must
 * be called before the first submit. NULL on failure. */
struct destination *destination_open(const struct endpoint_config *config, struct error *err);

#endif
