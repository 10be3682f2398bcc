/* SPDX-License-Identifier: MIT
 *
 * The log that a followed file belongs to, by its live name: app.log for app.log.1 too,
 * so that what rules keep between lines (parsers/notes.h) goes on over a rotation.
 */
#ifndef SHIPPER_SOURCES_LOG_NAME_H
#define SHIPPER_SOURCES_LOG_NAME_H

#include "shipper/sources/follow.h"

/* The name is in the buffer. */
struct span log_name_of(
    const struct following *f, const struct followed *file, struct buffer *name);

#endif
