/* SPDX-License-Identifier: MIT
 *
 * What to do about a text that libyaml refuses.
 */
#ifndef PARSERS_YAML_ADVICE_H
#define PARSERS_YAML_ADVICE_H

#include "span.h"

/* A sentence for people about what libyaml said at an offset of the text; NULL
 * where the cause could be anything. */
const char *yaml_advice(struct span problem, struct span text, size_t offset);

#endif
