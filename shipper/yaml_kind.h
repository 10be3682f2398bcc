/* SPDX-License-Identifier: MIT
 *
 * What a YAML file is, told by its keys.
 */
#ifndef SHIPPER_YAML_KIND_H
#define SHIPPER_YAML_KIND_H

#include "parsers/error.h"

enum yaml_kind {
    YAML_RULES,
    YAML_CONFIGURATION,
    YAML_NEITHER, /* an error says so */
    YAML_BROKEN,  /* no YAML: errors say where */
};

/* Of a file of rules or a configuration no errors are added: its own loader finds them. */
enum yaml_kind yaml_kind(const struct text *text, struct errors *errors);

#endif
