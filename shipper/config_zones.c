/* SPDX-License-Identifier: MIT
 *
 * An abbreviation is one offset, summer and winter: it is the clock's word for it.
 */
#include "shipper/config_zones.h"

#include "parsers/memory.h"
#include "parsers/zone_text.h"

#include <stdlib.h>

static bool is_abbreviation(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 'A' || name.at[i] > 'Z')
            return false;
    return name.len > 0 && name.len < ZONE_NAME_BYTES;
}

static bool read_zone(const struct pair *pair, struct zone_name *zone, struct errors *errors)
{
    struct span name = pair->key->value;

    if (!is_abbreviation(name)) {
        error_hint(
            errors_add(errors, pair->key->place, "not an abbreviation of a time zone: \"%.*s\"",
                name.len < 100 ? (int)name.len : 100, name.at),
            "It has 1 to %d capital letters, as it stands in the log: IST.", ZONE_NAME_BYTES - 1);
        return false;
    }
    if (pair->value->kind != NODE_SCALAR ||
        !zone_text_is_offset(pair->value->value, &zone->offset_s)) {
        error_hint(errors_add(errors, pair->value->place, "\"%.*s\" must be an offset from UTC",
                       (int)name.len, name.at),
            "Write it like '+05:30'. A zone with summer time has an abbreviation for each.");
        return false;
    }
    memcpy(zone->name, name.at, name.len);
    return true;
}

void config_zones_read(struct config *config, const struct node *node, struct errors *errors)
{
    struct zone_name *zones;
    size_t count = 0;

    if (!node)
        return;
    if (node->kind != NODE_MAP || node->count == 0) {
        error_hint(errors_add(errors, node->place, "zones must be a map"),
            "Write what each abbreviation means, like {IST: '+05:30'}.");
        return;
    }
    zones = memory_new(node->count * sizeof(*zones));
    for (size_t i = 0; i < node->count; i++)
        if (read_zone(&node->pairs[i], &zones[count], errors))
            count++;
    config->zone_names = (struct zone_names){zones, count};
}

void config_zones_finish(struct config *config)
{
    free((void *)(uintptr_t)config->zone_names.items);
}
