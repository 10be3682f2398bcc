/* SPDX-License-Identifier: MIT
 *
 * The `endpoint:` of a configuration; for config.c only.
 */
#ifndef SHIPPER_CONFIG_ENDPOINT_H
#define SHIPPER_CONFIG_ENDPOINT_H

#include "shipper/config.h"

extern const struct key_shape config_endpoint_shape;

/* node may be NULL: only the defaults. */
void config_endpoint_read(struct endpoint_config *endpoint, const struct node *node,
    const char *folder, struct errors *errors, struct errors *warnings);
bool config_endpoint_equals(const struct endpoint_config *a, const struct endpoint_config *b);
void config_endpoint_finish(struct endpoint_config *endpoint);

#endif
