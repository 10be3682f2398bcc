/* SPDX-License-Identifier: MIT
 *
 * Time zones from the system's TZif files (tzif.h) for parsers/zone.h.
 */
#ifndef SHIPPER_ZONE_FILE_H
#define SHIPPER_ZONE_FILE_H

#include "parsers/error.h"
#include "parsers/zone.h"

/* A name under /usr/share/zoneinfo ("Europe/Berlin"), or UTC or an offset (+02:00,
 * -0530, +02), which need no file. What is loaded is freed with zone_free. */
bool zone_load(const char *name, struct zone *zone, struct error *err);

/* The host's: what TZ names, a POSIX rule too, else /etc/localtime, else UTC. */
bool zone_load_host(struct zone *zone, struct error *err);

/* A TZif file by its path. */
bool zone_load_path(const char *path, struct zone *zone, struct error *err);

#endif
