/* SPDX-License-Identifier: MIT
 *
 * The YAML files that a path on the command line stands for.
 */
#ifndef SHIPPER_YAML_WALK_H
#define SHIPPER_YAML_WALK_H

#include "parsers/error.h"

struct yaml_walk {
    void (*file)(void *arg, const char *path);
    /* path can't be walked. */
    void (*trouble)(void *arg, const char *path, const struct error *why);
    void *arg;
};

/* A folder stands for every *.yaml file below it, by name, links followed, hidden
 * folders left out; that there is none is trouble. Any other path stands for
 * itself, whether it exists or not. */
void yaml_walk(const char *path, const struct yaml_walk *walk);

#endif
