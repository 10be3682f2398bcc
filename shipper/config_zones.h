/* SPDX-License-Identifier: MIT
 *
 * What abbreviations of time zones mean in the logs of this host: `zones` of the
 * configuration.
 */
#ifndef SHIPPER_CONFIG_ZONES_H
#define SHIPPER_CONFIG_ZONES_H

#include "shipper/config.h"

/* Reads `zones` (node may be NULL) into the configuration, which owns them. */
void config_zones_read(struct config *config, const struct node *node, struct errors *errors);
void config_zones_finish(struct config *config);

#endif
