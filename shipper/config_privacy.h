/* SPDX-License-Identifier: MIT
 *
 * What the configuration hides of users and addresses; for config.c and `run`.
 */
#ifndef SHIPPER_CONFIG_PRIVACY_H
#define SHIPPER_CONFIG_PRIVACY_H

#include "shipper/config.h"

extern const struct key_shape config_privacy_shape;

/* Reads `privacy` (node may be NULL) and the secret that hash_secret_file names. That it
 * is not there, or everyone can read it, is a warning: it may be on the host that the
 * configuration is for. What it is itself can be an error. */
void config_privacy_read(struct config *config, const struct node *root, const struct node *node,
    const char *folder, struct errors *errors);

/* Whether all that is to be hashed can be; else what to do. */
bool config_privacy_is_ready(const struct config *config, struct error *err);

#endif
