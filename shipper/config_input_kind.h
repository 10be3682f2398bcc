/* SPDX-License-Identifier: MIT
 *
 * The kinds of inputs: each is a key that chooses it and the keys that only it has
 * (config_input_file.c, …); for config_inputs.c only.
 */
#ifndef SHIPPER_CONFIG_INPUT_KIND_H
#define SHIPPER_CONFIG_INPUT_KIND_H

#include "shipper/config_inputs.h"

struct config_input_kind {
    const char *name; /* the key whose presence makes an input of this kind */
    const char *what; /* for errors: "a file input" */

    /* That key and those beside it, with offsets in struct input_config. No key that
     * every input has, and none required but what the kind cannot do without. */
    const struct key *keys;
    struct key_shape shape; /* of an input of this kind */

    /* After they were read: joins paths, reads maps further, checks what a table cannot
     * say. */
    void (*settle)(const struct input_loading *l, struct input_config *input);

    /* Frees what settle allocated beside the table's members; NULL: nothing. Also called
     * for inputs of other kinds, whose members of this one are zero. */
    void (*finish)(struct input_config *input);
};

/* By enum input_kind. */
extern const struct config_input_kind config_input_file, config_input_journal, config_input_stdin,
    config_input_syslog;

/* The choices of a `start`, by enum start. */
extern const char *const config_starts[];

#endif
