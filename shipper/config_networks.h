/* SPDX-License-Identifier: MIT
 *
 * Lists of addresses and ranges in the configuration.
 */
#ifndef SHIPPER_CONFIG_NETWORKS_H
#define SHIPPER_CONFIG_NETWORKS_H

#include "parsers/document.h"
#include "parsers/keys.h"
#include "parsers/network.h"

/* The ranges that the texts, which node has, stand for: as many, to be freed. Adds an
 * error for each that is none. */
struct network *config_networks_read(
    const struct strings *texts, const struct node *node, struct errors *errors);

#endif
