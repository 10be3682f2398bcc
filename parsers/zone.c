/* SPDX-License-Identifier: MIT
 *
 * Two binary searches over the same table: one by UTC, one by what the clocks
 * on the wall show. An unsorted table gives a wrong offset, never a bad access.
 */
#include "zone.h"

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
