/* SPDX-License-Identifier: MIT
 *
 * Filling an event: a rule that matched, with its captures and the record, made
 * into wire fields. The first usable candidate of each field wins.
 */
#ifndef PARSERS_FILL_H
#define PARSERS_FILL_H

#include "address.h"
#include "engine.h"
#include "limits.h"
#include "rule.h"

/* Room for the values of one event; kept and used again for the next. */
struct fill_room {
    struct address address;
    struct address seen_address; /* as the log has it; empty if it has none */
    struct span seen_user;       /* likewise; absent if it has none */
    struct field meta[LIMIT_META_FIELDS];
};

/* When a record's event was. */
struct moment {
    struct timestamp time;
    struct span text; /* as it stands in the record; absent: nothing was understood */
    bool has_time;    /* false: nothing was understood, it is the reference */
};

/* What an event is made from; everything borrowed. */
struct fill {
    const struct engine_settings *settings;
    const struct engine_rules *rules;
    const struct engine_source *source;
    const struct rule *rule;
    struct scope scope;
    struct arena *arena;
    struct event_hasher *hasher;
    struct span line; /* as it stood in the source: part of the event's identity */
    uint64_t offset;
    struct moment moment; /* fill_time's */
};

/* Fills *moment with the time that the rule names; else the record's own; else the
 * reference. A rule that names a time, or formats, means it: then it fails, as below. */
bool fill_time(
    const struct fill *fill, struct moment *moment, const char **field, const char **reason);

/* The first usable value, absent if there is none: of a field that may be anything. */
struct span fill_first(const struct fill *fill, const struct candidates *candidates);

/* Fills *event, which then points into the arena, the scope and *room. False if
 * a required field has no usable value: *field names it as on the wire, *reason
 * says why, both static text. */
bool fill_event(const struct fill *fill, struct fill_room *room, struct event *event,
    const char **field, const char **reason);

/* What a required field would have been, had it been usable: the first of its candidates
 * that is not empty, cut. Empty if there is none. */
void fill_refused(const struct fill *fill, const char *field, char value[INCOMPLETE_VALUE_BYTES]);

/* Only what no line can change: the fields that rule and configuration give. */
struct event fill_constants(const struct engine_rules *rules, const struct rule *rule);

#endif
