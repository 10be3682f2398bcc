/* SPDX-License-Identifier: MIT
 *
 * One compiled rule, as rules.c makes it and engine.c runs it. Spans point into
 * the rule file's document.
 */
#ifndef PARSERS_RULE_H
#define PARSERS_RULE_H

#include "candidates.h"
#include "condition.h"
#include "needs.h"
#include "rules.h"
#include "zone.h"

/* A pattern and the field it runs on; an absent field is the record's message. */
struct rule_match {
    struct span field;
    struct pattern *pattern;
};

enum user_id_type {
    USER_ID_AUTO, /* EMAIL or USERNAME, by shape */
    USER_ID_EMAIL,
    USER_ID_SOCIAL,
    USER_ID_LINKEDIN,
    USER_ID_GITHUB,
    USER_ID_USERNAME,
    USER_ID_TYPES
};

extern const char *const user_id_type_names[USER_ID_TYPES + 1]; /* "auto", "EMAIL", …, NULL */

struct meta_field {
    struct span name;
    struct candidates value;
};

/* The `event:` of a rule: wire fields as templates. */
struct rule_event {
    struct span activity_type; /* plain text, never empty */
    struct span source;        /* absent: the configuration's, else TELEMETRY */
    struct span environment;   /* absent: the configuration's */
    struct candidates user_id, ip_addr, user_agent;
    enum user_id_type user_id_type;
    struct meta_field *meta;
    size_t meta_count;
    bool is_without_address; /* counted, and not by address: the endpoint needs none */
};

/* A field of the event by which windows are told apart. */
enum window_key_kind { BY_USER_ID, BY_IP_ADDR, BY_USER_AGENT, BY_META };

struct window_key {
    enum window_key_kind kind;
    struct span meta; /* BY_META: its name */
};

/* `once` and `count`: each key once, or counted, in each window of event time. */
struct rule_windows {
    int64_t every_s; /* 0: the rule has none */
    int64_t grace_s;
    struct window_key *by;
    size_t by_count;
};

bool rule_windows_has(const struct rule_windows *windows, enum window_key_kind kind);

/* `pair` and `remember`: what is kept of a line under a key. */
struct rule_keeping {
    struct candidates key; /* count 0: the rule has none */
    int64_t for_s;
    struct span *names; /* `remember`: whose values are kept */
    size_t name_count;
};

/* `time`: when the event was. */
struct rule_time {
    struct candidates from;  /* count 0: the record's own timestamp */
    const char **shapes;     /* in which it is (timestamp_format.h), the first first */
    size_t shape_count;      /* 0: any of those in timestamp.h */
    struct span zone_name;   /* of texts that name none; absent: the input's */
    struct place zone_place; /* in the file */
    struct zone zone;        /* UTC until rule_set_zone, if it is not an offset */
};

/* A line with what the rule must make of it. */
struct sample {
    struct place place;        /* of the line in the rule file */
    const struct node *node;   /* the line there; NULL: they are a list */
    struct span line;          /* may hold several physical lines, and several records */
    int64_t events;            /* how many the rule makes of them; 0: one or more */
    bool is_none;              /* `event: none`: this rule must not take the line; of a rule that
                                  makes no events, samples without `event` are lines that it takes;
                                  never set for an `ignore` rule, which has no others */
    const struct pair *fields; /* what the source knows beside the line */
    size_t field_count;        /* at most LIMIT_SAMPLE_FIELDS */
    const struct pair *wanted; /* the expected fields of the event, as the file has them */
    size_t wanted_count;
};

struct rule {
    struct span name;
    struct place place; /* of the name in the file */
    struct condition *where;
    size_t where_count;
    struct rule_match *matches; /* all must match, in order; none: `where` alone decides */
    size_t match_count;
    struct rule_match unless; /* pattern NULL: none */
    struct span *requires;    /* texts that must stand in the record's text */
    size_t require_count;
    struct clauses needs; /* what each record that it takes has (needs.h); none: run it on all */
    bool is_ignore;       /* takes the line and makes no event */
    bool is_continue;     /* lets the line go on to the next rule */
    bool has_event;       /* false: it only drops its lines, or remembers what they say */
    struct rule_event event;
    struct rule_time time;
    struct rule_windows count, once;
    struct rule_keeping pair, remember;
    struct candidates recall;  /* count 0: it recalls nothing */
    struct span *placeholders; /* values of user_id that are no user */
    size_t placeholder_count;
    struct sample *samples;
    size_t sample_count;
};

/* What a required field of the event is made of: "event_at", "user_id", "ip_addr". */
const struct candidates *rule_candidates(const struct rule *rule, const char *wire_field);

/* Whether a value of its event is hashed, for which a secret is needed (filter.h). */
bool rule_hashes(const struct rule *rule);

/* Whether it keeps something between lines (notes.h), or asks for it. */
static inline bool rule_is_keeping(const struct rule *rule)
{
    return rule->count.every_s > 0 || rule->once.every_s > 0 || rule->pair.key.count > 0 ||
           rule->remember.key.count > 0 || rule->recall.count > 0;
}

/* Whether it names a zone that is in a file of the system, which parsers/ does not read:
 * shipper/rule_zones.h does. The rule owns the zone then. */
bool rule_wants_zone(const struct rule *rule);
void rule_set_zone(struct rule *rule, struct zone zone);

/* What is no user unless the rule says otherwise: "-", "--", "anonymous",
 * "unknown", "null", "". */
extern const struct span rule_placeholders[];
extern const size_t rule_placeholder_count;

#endif
