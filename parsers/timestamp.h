/* SPDX-License-Identifier: MIT
 *
 * Timestamps in the shapes that logs use, without being told the shape:
 *
 *     2026-11-23T10:11:12.123Z           also with a blank or _ for the T, without seconds,
 *     2026/11/23 10:11:12                and with / or . in the date
 *     20261123T101112
 *     23/Nov/2026:10:11:12 +0100         access logs
 *     23-Nov-2026 10:11:12.123
 *     Mon, 23 Nov 2026 10:11:12 GMT
 *     November 23, 2026 10:11            names of months in full or three letters, in any case
 *     Nov 23 2026 10:11:12
 *     Mon Nov 23 10:11:12.880562 2026    the weekday may be left out
 *     Nov 23 10:11:12                    no year; also 23 Nov 10:11:12
 *     11/23/2026, 7:34:03 PM             month first, unless it can't be a month
 *     11/23/26 16:08:03                  00 to 68 are 2000 to 2068
 *     23-11-2026 16:08, 23.11.2026 16:08 day first, unless the other can't be a month
 *     261123 10:11:12
 *     I1123 10:11:12.357890              glog, klog: no year
 *     10:11:12,357                       no date
 *     1795428672.123                     UNIX time of 10, 13, 16 or 19 digits: s, ms, us, ns
 *     @400000006b03aeca1dcd6500          TAI64N, as qmail, multilog and daemontools count it
 *
 * Each may have a fraction of one to nine digits behind . or , or : (cut off, not
 * rounded), AM or PM, and a zone: Z, +02:00, +0200, +02 or an abbreviation
 * (zone_text.h), with or without a blank before. Years are 1900 to 2099; second
 * 60 is read as 59. An address, a version number or a number of another length is
 * no timestamp.
 */
#ifndef PARSERS_TIMESTAMP_H
#define PARSERS_TIMESTAMP_H

#include "format.h"
#include "zone.h"

/* What a text may leave open. */
struct time_context {
    int64_t reference_s;     /* UNIX seconds: the moment of reading when live, the file's mtime
                                when catching up */
    const struct zone *zone; /* of times that name none; never NULL */
    const struct zone_names *names; /* what abbreviations mean, before all else; may be NULL */
};

struct timestamp {
    int64_t unix_s;
    bool has_full_date;  /* year, month and day were in the text (an epoch counts as that) */
    bool has_zone;       /* an offset or zone was in the text (an epoch counts as that) */
    int32_t offset_s;    /* of that zone */
    bool is_order_guess; /* 01/02/2026: month and day could be the other way round */
    bool is_zone_guess;  /* IST: other places mean another zone by it, and nobody said which */
};

/* Reads the timestamp at the start of text; *used is its length in bytes, what
 * follows is not looked at. A year-less date takes the latest year that puts it
 * at most one day after the reference; a time of day alone takes the latest day
 * that puts it at most one hour after the reference. PARSE_NO: no known shape.
 * PARSE_BAD: a known shape with an impossible value (30 February, 25:00). */
enum parse_result timestamp_parse(struct span text, const struct time_context *context,
    struct timestamp *timestamp, size_t *used);

/* As timestamp_parse, in the first of these shapes that fits (timestamp_format.h). */
enum parse_result timestamp_parse_as(const char *const *shapes, size_t count, struct span text,
    const struct time_context *context, struct timestamp *timestamp, size_t *used);

/* UNIX seconds of a date of the proleptic Gregorian calendar, UTC. */
int64_t timestamp_from_date(int64_t year, unsigned month, unsigned day);

enum { TIMESTAMP_TEXT_BYTES = 32 };

/* RFC 3339 in UTC with Z, terminated: "2026-11-23T10:11:12Z". */
void timestamp_write(int64_t unix_s, char text[TIMESTAMP_TEXT_BYTES]);

#endif
