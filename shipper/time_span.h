/* SPDX-License-Identifier: MIT
 *
 * Bounds in time as a command line has them, for --since and --until.
 */
#ifndef SHIPPER_TIME_SPAN_H
#define SHIPPER_TIME_SPAN_H

#include "parsers/error.h"
#include "parsers/zone.h"

/* UNIX seconds of a bound: a duration before now ("7d", "12h"), a date ("2026-11-01", its
 * first moment), or any timestamp with a full date that logs have (timestamp.h). Without a
 * zone it is of the given one. */
bool time_span_parse(const char *text, const struct zone *zone, int64_t now_s, int64_t *at_s,
    struct error *err);

/* Both ends in the host's zone and by its clock; a text may be NULL, and leaves that end
 * as it is. An empty span is an error. */
bool time_span_read(const char *since, const char *until, int64_t *since_s, int64_t *until_s,
    struct error *err);

#endif
