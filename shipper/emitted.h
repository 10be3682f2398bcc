/* SPDX-License-Identifier: MIT
 *
 * What a configuration can send at all, to be compared with the vendor's settings
 * page: every combination of product_id, environment, source and activity_type.
 */
#ifndef SHIPPER_EMITTED_H
#define SHIPPER_EMITTED_H

#include "shipper/config.h"

struct emitted {
    struct span product_id, environment, source, activity_type; /* absent: not sent */
    struct buffer rules; /* that make such events: "openssh/login, openssh/logout" */
};

struct emitted_list {
    struct emitted *items; /* in the order of product_id and activity_type */
    size_t count, room;
};

/* Spans live as long as the configuration. *list is to be finished. */
void emitted_gather(const struct config *config, struct emitted_list *list);
void emitted_finish(struct emitted_list *list);

#endif
