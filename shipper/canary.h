/* SPDX-License-Identifier: MIT
 *
 * One event that says of itself that it is a test, posted as the sender posts events,
 * with all that went over the wire to be shown.
 */
#ifndef SHIPPER_CANARY_H
#define SHIPPER_CANARY_H

#include "shipper/emitted.h"
#include "shipper/sender/api_key.h"
#include "shipper/sender/verdict.h"

struct canary {
    struct buffer request, answer; /* headers, an empty line, body; the key is masked */
    struct judgement judgement;
    char id[EVENT_ID_LEN + 1];
};

/* Posts it with the product and activity of that row. False if nothing could be
 * posted; a refusal is an answer. *canary is to be finished. */
bool canary_send(struct canary *canary, const struct config *config, const struct emitted *as,
    const struct api_key *key, int64_t wall_s, struct error *err);
void canary_finish(struct canary *canary);

#endif
