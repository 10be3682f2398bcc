/* SPDX-License-Identifier: MIT
 *
 * A date alone is no timestamp to timestamp.h: it is made one.
 */
#include "shipper/time_span.h"

#include "parsers/buffer.h"
#include "parsers/keys.h"
#include "parsers/timestamp.h"
#include "shipper/clock.h"
#include "shipper/zone_file.h"

enum { DATE_BYTES = 10 };

static bool parse_moment(struct span text, const struct zone *zone, int64_t now_s, int64_t *at_s)
{
    const struct time_context context = {.reference_s = now_s, .zone = zone};
    struct timestamp time;
    struct buffer whole = {0};
    size_t used = 0;
    bool is_one;

    buffer_append(&whole, text);
    if (text.len == DATE_BYTES)
        buffer_append(&whole, SPAN(" 00:00:00"));
    is_one = timestamp_parse(buffer_span(&whole), &context, &time, &used) == PARSE_OK &&
             used == whole.len && time.has_full_date;
    buffer_finish(&whole);
    if (is_one)
        *at_s = time.unix_s;
    return is_one;
}

bool time_span_parse(
    const char *text, const struct zone *zone, int64_t now_s, int64_t *at_s, struct error *err)
{
    int64_t ago_ms;

    if (keys_parse_duration(span_of(text), &ago_ms)) {
        *at_s = now_s - ago_ms / 1000;
        return true;
    }
    if (parse_moment(span_of(text), zone, now_s, at_s))
        return true;
    error_set(err, ERROR_USAGE, 0, "\"%s\" is no time", text);
    error_hint(err,
        "Write a date like 2026-11-01, a time like 2026-11-01T10:00:00Z, or how long ago: 7d.");
    return false;
}

bool time_span_read(
    const char *since, const char *until, int64_t *since_s, int64_t *until_s, struct error *err)
{
    struct zone zone;
    int64_t now_s = clock_now().wall_s;
    bool is_good;

    if (!zone_load_host(&zone, err))
        return false;
    is_good = (!since || time_span_parse(since, &zone, now_s, since_s, err)) &&
              (!until || time_span_parse(until, &zone, now_s, until_s, err));
    zone_free(&zone);
    if (!is_good || !since || !until || *since_s < *until_s)
        return is_good;
    error_set(err, ERROR_USAGE, 0, "nothing lies between \"%s\" and \"%s\"", since, until);
    error_hint(err, "--until is the first moment that is left out.");
    return false;
}
