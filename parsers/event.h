/* SPDX-License-Identifier: MIT
 *
 * An event: what a rule found worth shipping, its identity, and its bytes on
 * the wire.
 */
#ifndef PARSERS_EVENT_H
#define PARSERS_EVENT_H

#include "buffer.h"
#include "record.h"

enum { EVENT_ID_LEN = 32 };

/* What tells one event from every other: see event_identify. */
struct event_identity {
    struct span instance, product, rule, source_id;
    uint64_t offset;     /* of the record's first byte in its source */
    struct span line;    /* the record's first physical line, without terminator */
    bool has_generation; /* true when the record carries no full date */
    uint64_t generation; /* of its file */
};

/* Memory for hashing, to be used for many events. */
struct event_hasher;
struct event_hasher *event_hasher_new(void);
void event_hasher_free(struct event_hasher *hasher); /* accepts NULL */

/* event_id: lower-case hex of the first 16 bytes of SHA-256 over, each preceded
 * by its length as 64 bits little-endian: "usage-shipper/1", instance, product,
 * rule, source_id, offset and, last, the line (its first LIMIT_ID_LINE_BYTES),
 * then generation if there is one. Numbers are hashed as 8 bytes little-endian.
 * id gets EVENT_ID_LEN characters and a NUL. */
void event_identify(
    struct event_hasher *hasher, const struct event_identity *identity, char id[EVENT_ID_LEN + 1]);

/* What tells the event of a window, or of a part of one, from every other. */
struct window_identity {
    struct span instance, product, rule;
    int64_t start_s; /* UNIX seconds */
    struct span key; /* whose window it is: the log and the values that it is counted by */
    uint64_t part;   /* 1, or more when it was ended before */
};

/* As event_identify, over "usage-shipper/1", instance, product, rule, start_s, key and
 * part. */
void event_identify_window(
    struct event_hasher *hasher, const struct window_identity *identity, char id[EVENT_ID_LEN + 1]);

/* Spans are borrowed; an absent span is a field that is not sent. */
struct event {
    char id[EVENT_ID_LEN + 1];
    int64_t at_s; /* event_at: UNIX seconds */
    struct span source, activity_type, environment, product_id;
    struct span user_id, user_id_type, ip_addr, user_agent;
    const struct field *meta;
    size_t meta_count;
    uint64_t count; /* 0: a single event; else so many activities, for the aggregated call: of
                       one user (mode USER, which only PRODUCT_CLOUD has) where there is a
                       user_id, else of an address (mode DOMAIN) */

    /* Not sent: for people and for the ledger. */
    struct span product, rule; /* the rule file's product and the rule's name */
    bool has_time;             /* false: no time was understood, at_s is the reference */
    uint64_t offset;
};

/* Appends the request body: {"payload":{…}} on one line, fields in the order of
 * the contract, absent ones left out, no trailing newline. Always valid JSON and
 * UTF-8. */
void event_write(const struct event *event, struct buffer *out);

/* Which of the endpoint's calls a body that event_write wrote is for. */
bool event_is_aggregated(struct span body);

/* Appends s as a JSON string, quotes included: strict UTF-8, each byte that is
 * not part of it becomes U+FFFD. Controls (C1 and DEL too) and the separators
 * U+2028 and U+2029 are escaped. An absent span is an empty string. */
void event_write_string(struct span s, struct buffer *out);

#endif
