/* SPDX-License-Identifier: MIT
 *
 * Two binary searches over the same table: one by UTC, one by what the clocks
 * on the wall show. An unsorted table gives a wrong offset, never a bad access.
 */
#include "zone.h"

#include <stdlib.h>

const struct zone zone_utc = {0};

/* The offset that holds after the first n changes. */
static int32_t offset_after(const struct zone *zone, size_t n)
{
    return n == 0 ? zone->first_offset_s : zone->changes[n - 1].offset_s;
}

int32_t zone_offset(const struct zone *zone, int64_t unix_s)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    return offset_after(zone, low);
}

/* The local time at which change i has surely happened. Clocks set back show the
 * hour before the change a second time, clocks set forward skip the one after
 * it: up to the later of the two readings the old offset is taken. */
static int64_t local_after(const struct zone *zone, size_t i)
{
    int32_t before = offset_after(zone, i), after = offset_after(zone, i + 1);

    return zone->changes[i].at_s + (before > after ? before : after);
}

int64_t zone_to_unix(const struct zone *zone, int64_t local_s)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (local_after(zone, middle) <= local_s)
            low = middle + 1;
        else
            high = middle;
    }
    return local_s - offset_after(zone, low);
}

const struct zone_name *zone_names_find(const struct zone_names *names, struct span name)
{
    for (size_t i = 0; names && i < names->count; i++)
        if (span_is(name, names->items[i].name))
            return &names->items[i];
    return NULL;
}

void zone_free(struct zone *zone)
{
    /* The tables are const for everyone but their owner. */
    free((void *)(uintptr_t)zone->changes);
    free((void *)(uintptr_t)zone->names.items);
    *zone = zone_utc;
}
