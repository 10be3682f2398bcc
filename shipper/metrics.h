/* SPDX-License-Identifier: MIT
 *
 * Metrics in Prometheus' text format, version 0.0.4, from the page of counters; with
 * /healthz and /readyz on a port of this host (metrics_server.h), or asked for over the
 * control socket. Totals count from the service's start.
 */
#ifndef SHIPPER_METRICS_H
#define SHIPPER_METRICS_H

#include "parsers/buffer.h"
#include "shipper/shared.h"

struct metrics {
    struct shared *shared;
    bool is_reader_up, is_sender_up; /* running, and ready */
};

void metrics_write(const struct metrics *metrics, struct buffer *out);

/* Both processes do their work: what a readiness probe asks. */
static inline bool metrics_is_ready(const struct metrics *metrics)
{
    return metrics->is_reader_up && metrics->is_sender_up;
}

#endif
