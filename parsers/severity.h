/* SPDX-License-Identifier: MIT
 *
 * The names of severities as products write them: INFO, warn, SEVERE.
 */
#ifndef PARSERS_SEVERITY_H
#define PARSERS_SEVERITY_H

#include "span.h"

/* In any case, in full. */
bool severity_is_name(struct span word);

#endif
