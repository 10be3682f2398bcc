/* SPDX-License-Identifier: MIT
 *
 * An event's body (event_write) read back, for people who look at what waits.
 */
#ifndef SHIPPER_EVENT_BODY_H
#define SHIPPER_EVENT_BODY_H

#include "parsers/buffer.h"

struct json_object;

/* Fields that are not there are absent spans. They live until event_body_finish. */
struct event_body {
    struct span product_id, environment, activity_type, user_id, ip_addr;
    int64_t at_s;   /* event_at; 0 if there is none */
    uint64_t count; /* of an aggregated event; else 0 */
    struct json_object *tree;
};

/* False for what is no such body (damaged); finish it in any case. */
bool event_body_read(struct span body, struct event_body *event);
void event_body_finish(struct event_body *event);

/* Appends the body in many lines, indented. */
void event_body_write_pretty(const struct event_body *event, struct buffer *out);

#endif
