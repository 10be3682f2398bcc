/* SPDX-License-Identifier: MIT
 *
 * The start is found as if the zone had one offset, and moved when it turns out to
 * have had another one then.
 */
#include "window.h"

enum {
    DAY_S = 86400,
    MONDAY_S = 4 * DAY_S, /* 1970-01-05 */
};

bool window_is_length(int64_t length_s)
{
    return length_s > 0 && (length_s < DAY_S ? DAY_S % length_s == 0 : length_s % DAY_S == 0);
}

static int64_t start_of(int64_t length_s, const struct zone *zone, int64_t time_s)
{
    int64_t offset_s = zone_offset(zone, time_s);
    int64_t into_s = (time_s + offset_s - MONDAY_S) % length_s, start_s, moved_s;

    if (into_s < 0)
        into_s += length_s;
    start_s = time_s - into_s;
    moved_s = start_s + offset_s - zone_offset(zone, start_s);
    return moved_s <= time_s ? moved_s : start_s;
}

struct window window_of(int64_t length_s, const struct zone *zone, int64_t time_s)
{
    struct window window = {.start_s = start_of(length_s, zone, time_s)};
    int64_t end_s = window.start_s + length_s, next_s = start_of(length_s, zone, end_s);

    /* It may begin earlier, when the clocks were set forward within this one, or later. */
    window.end_s = next_s > window.start_s
                       ? next_s
                       : end_s + zone_offset(zone, window.start_s) - zone_offset(zone, end_s);
    return window;
}
