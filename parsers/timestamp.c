/* SPDX-License-Identifier: MIT
 *
 * From the parts of a timestamp (timestamp_shape.h) to UNIX seconds: ranges,
 * the calendar, and the dates that a text leaves open. Knows no clock and no
 * zone but those it is given.
 */
#include "timestamp.h"

#include "timestamp_shape.h"

#include <stdio.h>

enum {
    MINUTE_S = 60,
    HOUR_S = 60 * MINUTE_S,
    DAY_S = 24 * HOUR_S,
    YEARS_BACK = 9, /* 29 February can be eight years off: 2096 to 2104 */
};

static bool is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_date(int64_t year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Years start in March here, so that the leap day is the last; an era is 400 of
 * them. (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms.) */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH_DAY = 719468 /* 1970-01-01 from 0000-03-01 */ };

static int64_t divide_down(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

int64_t timestamp_from_date(int64_t year, unsigned month, unsigned day)
{
    int64_t y = year - (month <= 2), era = divide_down(y, ERA_YEARS);
    int64_t year_of_era = y - era * ERA_YEARS;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (era * ERA_DAYS + day_of_era - EPOCH_DAY) * DAY_S;
}

static void date_of(int64_t unix_s, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t days = divide_down(unix_s, DAY_S) + EPOCH_DAY, era = divide_down(days, ERA_DAYS);
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    *day = (unsigned)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (unsigned)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_era + era * ERA_YEARS + (*month <= 2);
}

static void put_digits(char *to, uint64_t number, unsigned digits)
{
    while (digits-- > 0) {
        to[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* One is written for every event, and every entry of a journal. */
void timestamp_write(int64_t unix_s, char text[TIMESTAMP_TEXT_BYTES])
{
    int64_t year, second = (unix_s % DAY_S + DAY_S) % DAY_S;
    unsigned month, day;

    date_of(unix_s, &year, &month, &day);
    if (year < 0 || year > 9999) {
        snprintf(text, TIMESTAMP_TEXT_BYTES, "%04lld-%02u-%02uT%02u:%02u:%02uZ", (long long)year,
            month, day, (unsigned)(second / HOUR_S), (unsigned)(second / MINUTE_S % 60),
            (unsigned)(second % 60));
        return;
    }
    memcpy(text, "0000-00-00T00:00:00Z", sizeof("0000-00-00T00:00:00Z"));
    put_digits(text, (uint64_t)year, 4);
    put_digits(text + 5, month, 2);
    put_digits(text + 8, day, 2);
    put_digits(text + 11, (uint64_t)(second / HOUR_S), 2);
    put_digits(text + 14, (uint64_t)(second / MINUTE_S % 60), 2);
    put_digits(text + 17, (uint64_t)(second % 60), 2);
}

/* Seconds since midnight, -1 if there is no such time. A leap second is taken
 * as the one before it. */
static int64_t time_of_day(const struct timestamp_parts *parts)
{
    int hour = parts->hour, second = parts->second == 60 ? 59 : parts->second;

    if (parts->half != HALF_NONE) {
        if (hour < 1 || hour > 12)
            return -1;
        hour = hour % 12 + (parts->half == HALF_PM ? 12 : 0);
    }
    if (hour > 23 || parts->minute > 59 || second > 59)
        return -1;
    return hour * HOUR_S + parts->minute * MINUTE_S + second;
}

static int64_t to_unix(
    int64_t local_s, const struct timestamp_parts *parts, const struct zone *zone)
{
    return parts->has_zone ? local_s - parts->zone.offset_s : zone_to_unix(zone, local_s);
}

/* The latest year that puts the date at most one day after the reference. */
static bool settle_year(const struct timestamp_parts *parts, int64_t time_s,
    const struct time_context *context, int64_t *unix_s)
{
    int64_t latest_s = context->reference_s + DAY_S, year;
    unsigned month, day;

    date_of(latest_s + DAY_S, &year, &month, &day); /* another day for zones ahead of UTC */
    for (int i = 0; i < YEARS_BACK; i++, year--) {
        int64_t at_s;

        if (!is_date(year, parts->month, parts->day))
            continue;
        at_s = timestamp_from_date(year, (unsigned)parts->month, (unsigned)parts->day) + time_s;
        at_s = to_unix(at_s, parts, context->zone);
        if (at_s <= latest_s) {
            *unix_s = at_s;
            return true;
        }
    }
    return false;
}

/* The latest day that puts the time at most an hour after the reference. */
static int64_t settle_day(
    const struct timestamp_parts *parts, int64_t time_s, const struct time_context *context)
{
    int64_t latest_s = context->reference_s + HOUR_S, at_s;
    int64_t day = divide_down(latest_s, DAY_S) + 1;

    while ((at_s = to_unix(day * DAY_S + time_s, parts, context->zone)) > latest_s)
        day--;
    return at_s;
}

static enum parse_result settle(const struct timestamp_parts *parts,
    const struct time_context *context, struct timestamp *timestamp)
{
    int64_t time_s = time_of_day(parts), at_s;

    if (parts->is_epoch) {
        at_s = parts->epoch_s;
    } else if (time_s < 0) {
        return PARSE_BAD;
    } else if (parts->month == PART_ABSENT) {
        at_s = settle_day(parts, time_s, context);
    } else if (parts->year == PART_ABSENT) {
        if (!settle_year(parts, time_s, context, &at_s))
            return PARSE_BAD;
    } else {
        if (!is_date(parts->year, parts->month, parts->day))
            return PARSE_BAD;
        at_s = timestamp_from_date(parts->year, (unsigned)parts->month, (unsigned)parts->day);
        at_s = to_unix(at_s + time_s, parts, context->zone);
    }
    *timestamp = (struct timestamp){
        .unix_s = at_s,
        .has_full_date = parts->is_epoch || parts->year != PART_ABSENT,
        .has_zone = parts->has_zone,
        .offset_s = parts->has_zone ? parts->zone.offset_s : 0,
        .is_order_guess = parts->is_order_guess,
        .is_zone_guess = parts->has_zone && parts->zone.is_guess,
    };
    return PARSE_OK;
}

enum parse_result timestamp_parse(
    struct span text, const struct time_context *context, struct timestamp *timestamp, size_t *used)
{
    const struct zone_lookup lookup = {context->names, &context->zone->names};
    struct timestamp_parts parts;
    enum parse_result result = PARSE_NO;
    size_t len;

    if (timestamp_shape_find(text, &lookup, &parts, &len))
        result = settle(&parts, context, timestamp);
    if (result == PARSE_OK)
        *used = len;
    return result;
}

enum parse_result timestamp_parse_as(const char *const *shapes, size_t count, struct span text,
    const struct time_context *context, struct timestamp *timestamp, size_t *used)
{
    const struct zone_lookup lookup = {context->names, &context->zone->names};
    enum parse_result result = PARSE_NO;

    for (size_t i = 0; i < count; i++) {
        struct timestamp_parts parts;
        size_t len;

        if (!timestamp_shape_match(shapes[i], text, &lookup, &parts, &len))
            continue;
        result = settle(&parts, context, timestamp);
        if (result == PARSE_OK) {
            *used = len;
            return PARSE_OK;
        }
    }
    return result;
}
