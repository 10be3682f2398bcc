/* SPDX-License-Identifier: MIT
 *
 * `exclude`: whose events the configuration leaves out; for config.c.
 */
#ifndef SHIPPER_CONFIG_EXCLUDE_H
#define SHIPPER_CONFIG_EXCLUDE_H

#include "parsers/exclusion.h"

extern const struct key_shape config_exclude_shape;

/* node may be NULL. */
void config_exclude_read(
    struct exclusion *exclusion, const struct node *node, struct errors *errors);
void config_exclude_finish(struct exclusion *exclusion);

#endif
