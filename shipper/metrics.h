/* SPDX-License-Identifier: MIT
 *
 * Metrics in Prometheus' text format, version 0.0.4, from the page of counters and from the
 * spool (metrics_spool.h); with /healthz and /readyz on a port of this host
 * (metrics_server.h), or asked for over the control socket. Totals of the page count from the
 * service's start.
 */
#ifndef SHIPPER_METRICS_H
#define SHIPPER_METRICS_H

#include "parsers/buffer.h"
#include "shipper/shared.h"

struct metrics {
    struct shared *shared;
    bool is_reader_up, is_sender_up; /* running, and ready */
    const char *state_dir;
    uint64_t spool_max_bytes;
};

void metrics_write(const struct metrics *metrics, struct buffer *out);

/* What stands before the values of a metric. */
void metrics_write_head(const char *name, const char *type, const char *help, struct buffer *out);

/* Both processes do their work: what a readiness probe asks. */
static inline bool metrics_is_ready(const struct metrics *metrics)
{
    return metrics->is_reader_up && metrics->is_sender_up;
}

#endif
