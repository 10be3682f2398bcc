/* SPDX-License-Identifier: MIT
 *
 * Time zones as a table of offset changes. parsers/ never asks the system for
 * one: shipper/zone_file.h loads named zones from TZif files (RFC 8536).
 */
#ifndef PARSERS_ZONE_H
#define PARSERS_ZONE_H

#include "span.h"

struct zone_change {
    int64_t at_s;     /* UNIX seconds from when the offset holds */
    int32_t offset_s; /* local time minus UTC */
};

enum { ZONE_NAME_BYTES = 8 };

/* An abbreviation (CET) and what it stands for. */
struct zone_name {
    char name[ZONE_NAME_BYTES]; /* terminated */
    int32_t offset_s;
};

struct zone_names {
    const struct zone_name *items;
    size_t count;
};

struct zone {
    int32_t first_offset_s; /* before the first change, or always if there is none */
    const struct zone_change *changes;
    size_t count;
    struct zone_names names; /* that its clocks go by, each with its latest offset */
};

extern const struct zone zone_utc;

/* Local time minus UTC at that moment. */
int32_t zone_offset(const struct zone *zone, int64_t unix_s);

/* The moment at which the zone's clocks show local_s (seconds since
 * 1970-01-01T00:00:00 of that clock). A time that occurs twice (clocks set
 * back) is taken as its first occurrence; one that is skipped is read with the
 * offset from before the change. */
int64_t zone_to_unix(const struct zone *zone, int64_t local_s);

/* NULL if it is none of them; names may be NULL. */
const struct zone_name *zone_names_find(const struct zone_names *names, struct span name);

/* Frees the tables of a zone that owns them; it is UTC afterwards. */
void zone_free(struct zone *zone);

#endif
