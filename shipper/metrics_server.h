/* SPDX-License-Identifier: MIT
 *
 * /metrics, /healthz and /readyz over HTTP on a port of 127.0.0.1, served within the
 * supervisor's loop by libmicrohttpd.
 */
#ifndef SHIPPER_METRICS_SERVER_H
#define SHIPPER_METRICS_SERVER_H

#include "parsers/error.h"
#include "shipper/metrics.h"

#include <stdint.h>

struct metrics_server;

/* NULL on failure. */
struct metrics_server *metrics_server_open(uint16_t port, struct error *err);
void metrics_server_close(struct metrics_server *server); /* accepts NULL */

/* In a forked child: its descriptors are closed, and nothing else is done. */
void metrics_server_release(struct metrics_server *server);

/* What to poll for reading, and how long at most: ms, -1 for ever. */
int metrics_server_descriptor(const struct metrics_server *server);
int metrics_server_timeout_ms(const struct metrics_server *server);

/* Answers what can be answered now; never waits. */
void metrics_server_turn(struct metrics_server *server, const struct metrics *metrics);

#endif
