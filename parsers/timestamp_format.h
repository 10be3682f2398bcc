/* SPDX-License-Identifier: MIT
 *
 * Formats of timestamps as rule files give them, in the letters of strptime:
 *
 *     %Y %y      year, of four or two digits      %H %k %I %l  hour; 12-hour with %p
 *     %m         month                            %M %S        minute, second
 *     %b %B %h   its name, in full or cut         %f %L %N     digits of a fraction
 *     %d %e      day of the month                 %p           AM or PM
 *     %a %A      weekday                          %z %Z        zone: +02:00, +0200, Z, CET
 *     %s         UNIX time in seconds             %%           a percent sign
 *     %F %D %T %R   %Y-%m-%d, %m/%d/%y, %H:%M:%S, %H:%M
 *
 * Numbers may lack their leading zero where month, day and hour do. A blank stands for
 * one or two. Behind %S, %T and %s a fraction is taken if there is one.
 */
#ifndef PARSERS_TIMESTAMP_FORMAT_H
#define PARSERS_TIMESTAMP_FORMAT_H

#include "arena.h"
#include "span.h"

struct timestamp_format_fault {
    size_t offset, len; /* in the format */
    const char *message, *hint;
};

/* The shape (timestamp_shape.h), in the arena; NULL: it is broken, see *fault. */
const char *timestamp_format_compile(
    struct span format, struct arena *arena, struct timestamp_format_fault *fault);

#endif
