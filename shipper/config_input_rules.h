/* SPDX-License-Identifier: MIT
 *
 * The rule files of one input, loaded and fitted to it; for config_inputs.c only.
 */
#ifndef SHIPPER_CONFIG_INPUT_RULES_H
#define SHIPPER_CONFIG_INPUT_RULES_H

#include "shipper/config_inputs.h"

/* Fills the rules and the framing of input->settings from the keys `rules`, `only`
 * and `multiline`, which have been read. What it points to lives in l->arena and in
 * the configuration. */
void config_input_rules_read(const struct input_loading *l, struct input_config *input);

#endif
