/* SPDX-License-Identifier: MIT
 *
 * Whether an event is too old to be sent: endpoint.max_age.
 */
#ifndef SHIPPER_SENDER_EXPIRY_H
#define SHIPPER_SENDER_EXPIRY_H

#include "parsers/span.h"

/* By the event_at of a request's body, which event_write wrote. max_age_ms 0: never. */
bool expiry_is_due(struct span body, int64_t max_age_ms, int64_t wall_s);

#endif
