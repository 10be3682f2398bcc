/* SPDX-License-Identifier: MIT
 *
 * Reads (POSIX.1-2017 section 8.3, RFC 8536 section 3.3.1):
 *
 *     text   = name offset [name [offset] "," day "," day]
 *     name   = 3*ALPHA | "<" 3*(any byte but ">") ">"
 *     offset = time
 *     day    = "M" 1*DIGIT "." DIGIT "." DIGIT ["/" time]
 *     time   = ["+" | "-"] 1*3DIGIT [":" 2DIGIT [":" 2DIGIT]]
 */
#include "shipper/zone_rule.h"

#include "parsers/timestamp.h"

enum { HOUR_S = 3600, DAY_S = 86400, MOST_OFFSET_HOURS = 24, MOST_TIME_HOURS = 167 };

static bool take_byte(struct span *rest, char byte)
{
    if (rest->len == 0 || rest->at[0] != byte)
        return false;
    *rest = span_from(*rest, 1);
    return true;
}

static bool take_number(struct span *rest, int most, int *value)
{
    int n = 0;

    if (rest->len == 0 || !byte_is_digit(rest->at[0]))
        return false;
    while (rest->len > 0 && byte_is_digit(rest->at[0]) && n <= most) {
        n = n * 10 + (rest->at[0] - '0');
        *rest = span_from(*rest, 1);
    }
    *value = n;
    return n <= most;
}

static bool take_name(struct span *rest, struct span *name)
{
    size_t n = 0;

    if (take_byte(rest, '<')) {
        const char *close = span_find(*rest, '>');

        if (!close || close - rest->at < 3)
            return false;
        *name = span_between(rest->at, close);
        *rest = span_between(close + 1, span_end(*rest));
        return true;
    }
    while (n < rest->len && byte_is_alpha(rest->at[n]))
        n++;
    *name = (struct span){rest->at, n};
    *rest = span_from(*rest, n);
    return n >= 3;
}

static bool take_time(struct span *rest, int most_hours, int32_t *seconds)
{
    bool is_negative = take_byte(rest, '-');
    int h, m = 0, s = 0;

    if (!is_negative)
        take_byte(rest, '+');
    if (!take_number(rest, most_hours, &h) ||
        (take_byte(rest, ':') &&
            (!take_number(rest, 59, &m) || (take_byte(rest, ':') && !take_number(rest, 59, &s)))))
        return false;
    *seconds = h * HOUR_S + m * 60 + s;
    if (is_negative)
        *seconds = -*seconds;
    return true;
}

static bool take_offset(struct span *rest, int32_t *offset_s)
{
    int32_t west_s;

    if (!take_time(rest, MOST_OFFSET_HOURS, &west_s))
        return false;
    *offset_s = -west_s;
    return true;
}

static bool take_day(struct span *rest, struct zone_rule_day *day)
{
    day->time_s = 2 * HOUR_S;
    return take_byte(rest, ',') && take_byte(rest, 'M') && take_number(rest, 12, &day->month) &&
           take_byte(rest, '.') && take_number(rest, 5, &day->week) && take_byte(rest, '.') &&
           take_number(rest, 6, &day->weekday) && day->month > 0 && day->week > 0 &&
           (!take_byte(rest, '/') || take_time(rest, MOST_TIME_HOURS, &day->time_s));
}

bool zone_rule_parse(struct span text, struct zone_rule *rule)
{
    struct zone_rule read = {0};
    struct span rest = text;

    if (!take_name(&rest, &read.standard) || !take_offset(&rest, &read.standard_s))
        return false;
    if (rest.len > 0) {
        if (!take_name(&rest, &read.summer))
            return false;
        read.has_summer = true;
        read.summer_s = read.standard_s + HOUR_S;
        if (rest.len > 0 && rest.at[0] != ',' && !take_offset(&rest, &read.summer_s))
            return false;
        if (!take_day(&rest, &read.start) || !take_day(&rest, &read.end) || rest.len > 0)
            return false;
    }
    *rule = read;
    return true;
}

/* Local midnight of the day in that year. */
static int64_t find_day(const struct zone_rule_day *day, int64_t year)
{
    bool is_december = day->month == 12;
    int64_t first_s = timestamp_from_date(year, (unsigned)day->month, 1);
    int64_t next_s =
        timestamp_from_date(year + is_december, is_december ? 1 : (unsigned)day->month + 1, 1);
    int64_t weekday = (first_s / DAY_S % 7 + 7 + 4) % 7; /* 1970-01-01 was a Thursday */
    int64_t day_s = first_s + ((day->weekday - weekday + 7) % 7 + (day->week - 1) * 7) * DAY_S;

    return day_s < next_s ? day_s : day_s - 7 * DAY_S;
}

void zone_rule_changes(const struct zone_rule *rule, int64_t year, struct zone_change changes[2])
{
    struct zone_change start = {
        find_day(&rule->start, year) + rule->start.time_s - rule->standard_s, rule->summer_s};
    struct zone_change end = {
        find_day(&rule->end, year) + rule->end.time_s - rule->summer_s, rule->standard_s};
    bool is_start_first = start.at_s < end.at_s;

    changes[0] = is_start_first ? start : end;
    changes[1] = is_start_first ? end : start;
}
