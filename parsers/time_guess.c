/* SPDX-License-Identifier: MIT
 *
 * Which order it is follows from the character between the numbers (timestamp_shape.c).
 */
#include "time_guess.h"

#include <stdlib.h>

static bool is_month_first(struct span text)
{
    return memchr(text.at, '/', text.len) != NULL;
}

void time_guess_order(struct span text, struct buffer *out)
{
    buffer_printf(out, "\"%.*s\" is taken as %s, where it can be that", (int)text.len, text.at,
        is_month_first(text) ? "month, day, year" : "day, month, year");
}

void time_guess_order_hint(struct span text, struct buffer *out)
{
    bool has_short_year = text.len > 8 && !byte_is_digit(text.at[8]);
    bool has_comma = memchr(text.at, ',', text.len) != NULL;
    const char *order = is_month_first(text) ? "%m/%d/" : "%d-%m-";

    buffer_printf(out,
        "Say which it is in the rule: time: {formats: ['%s%s%s %s']}, with %%d "
        "and %%m as they stand in the log.",
        order, has_short_year ? "%y" : "%Y", has_comma ? "," : "",
        text.len > 0 && byte_lower(text.at[text.len - 1]) == 'm' ? "%I:%M:%S %p" : "%H:%M:%S");
}

/* It stands behind the time; of ctime's the year is behind it. */
static struct span zone_of(struct span text)
{
    size_t start;

    while (text.len > 0 && !byte_is_alpha(text.at[text.len - 1]))
        text.len--;
    for (start = text.len; start > 0 && byte_is_alpha(text.at[start - 1]);)
        start--;
    return span_from(text, start);
}

void time_guess_zone(struct span text, const struct timestamp *time, struct buffer *out)
{
    struct span zone = zone_of(text);
    int32_t minutes = time->offset_s / 60;

    buffer_printf(out, "the zone \"%.*s\" is taken as %c%02d:%02d, and elsewhere means another one",
        (int)zone.len, zone.at, minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
}

void time_guess_zone_hint(struct span text, struct buffer *out)
{
    struct span zone = zone_of(text);

    buffer_printf(out,
        "Say what it means with zones: {%.*s: '+05:30'} in the configuration, or where "
        "the log is written with an input's or a rule's `zone`.",
        (int)zone.len, zone.at);
}

void time_guess_write(struct span text, const struct timestamp *time, struct buffer *out)
{
    if (time->is_order_guess)
        time_guess_order(text, out);
    if (time->is_order_guess && time->is_zone_guess)
        buffer_append(out, SPAN("; "));
    if (time->is_zone_guess)
        time_guess_zone(text, time, out);
}
