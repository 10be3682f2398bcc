/* SPDX-License-Identifier: MIT
 *
 * A record is a line, or several (framing.h), as named fields: what a decoder
 * (format.h) makes of it and what rules look at. Values are decoded: escapes
 * undone, quotes gone. Spans point into the line or into the record's arena and
 * live until the next record_reset.
 *
 * Nested values are flat fields with a path as name: `user.name`,
 * `sourceIPs[0]`, `params[1].value`. A line may also carry such a name as a
 * plain key ("user.name": "x"); both are found by the same name.
 */
#ifndef PARSERS_RECORD_H
#define PARSERS_RECORD_H

#include "arena.h"
#include "span.h"

struct field {
    struct span name, value;
};

enum { RECORD_DETECTED_MOST = 2 };

struct record {
    struct span line;    /* the record's text without terminator, cleaned (format.h) */
    struct span message; /* what a rule's `match` runs on; the line until a decoder narrows it */
    struct span time;    /* the record's own timestamp as text; absent when it has none */
    struct field *fields;
    size_t count, room;
    const char *detected[RECORD_DETECTED_MOST]; /* by auto (auto.h): the formats, from outside */
    size_t detected_count;
    struct arena *arena;          /* for decoded values; owned by the record */
    struct json_tokener *tokener; /* json.c's, kept for the next record; owned by this one */
    struct json_object *trees;    /* json.c's, of this record: fields point into them */
};

void record_init(struct record *record);
void record_finish(struct record *record);

/* Empties the record for the next line; everything it held is invalid. */
void record_reset(struct record *record, struct span line);

/* False at LIMIT_RECORD_FIELDS. Name and value are borrowed. */
bool record_add(struct record *record, struct span name, struct span value);

/* Sets the record's time, for a decoder. A time that is there already (an outer
 * format's) stays, unless it starts with the name of a month as syslog writes
 * it: that one has no year. */
void record_offer_time(struct record *record, struct span time);

/* The value of the first field of that name, absent ({NULL, 0}) if there is
 * none. Beside plain names it takes `list[?key=value].rest`: the first element
 * of list whose `key` has that value. */
struct span record_get(const struct record *record, struct span name);

#endif
