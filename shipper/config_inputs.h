/* SPDX-License-Identifier: MIT
 *
 * The `inputs:` of a configuration; for config.c only.
 */
#ifndef SHIPPER_CONFIG_INPUTS_H
#define SHIPPER_CONFIG_INPUTS_H

#include "parsers/arena.h"
#include "shipper/config.h"

/* What the reading of an input passes on. */
struct input_loading {
    struct config *config; /* all but its inputs is set */
    const char *folder;    /* of the file: relative paths start there */
    struct arena *arena;   /* lives as long as the configuration */
    struct errors *errors;
};

/* Reads the list into config->inputs, whose other members are set, with the rule
 * files that it names. What the engine's settings point to lives in the arena and
 * in the configuration. */
void config_inputs_read(struct config *config, const struct node *list, const char *folder,
    struct arena *arena, struct errors *errors);
void config_inputs_finish(struct config *config); /* leaves none */

/* Of what was read without an error leaves the input that reads standard input; or makes
 * the only input read it. */
void config_inputs_keep_stdin(struct config *config, struct errors *errors);

extern const struct key_shape config_inputs_shape;

/* Keys that an input of any kind may have. */
extern const struct key config_input_shared_keys[];

/* An error unless the place's scalar is empty or one of the sources of the wire. */
void config_check_source(const struct node *map, struct errors *errors);

#endif
