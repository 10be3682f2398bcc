/* SPDX-License-Identifier: MIT
 *
 * The matching engine: a chunk of lines in, events out through a callback. Lines in
 * which no rule can find what it needs are not even cut apart (prefilter.h), which
 * shows in nothing but the time it takes.
 */
#ifndef PARSERS_ENGINE_H
#define PARSERS_ENGINE_H

#include "event.h"
#include "exclusion.h"
#include "rules.h"
#include "timestamp.h"

enum missing_address {
    MISSING_INCOMPLETE, /* a line that yields no address makes an incomplete event */
    MISSING_HOST,       /* it gets host_address */
};

/* What becomes of an address that no one on the internet has (address.h). */
enum private_address {
    PRIVATE_KEEP, /* it is sent */
    PRIVATE_HOST, /* host_address is sent in its place */
    PRIVATE_DROP, /* it is no usable address: the next candidate is tried */
};

/* One rule's activity renamed to the vendor's metric key. */
struct activity_name {
    struct span ours, theirs;
};

/* One rule file as one input uses it. Absent spans take what the file says. */
struct engine_rules {
    const struct rule_file *file;
    struct span product_id, source, environment;
    const struct activity_name *activities; /* none: the rules' names unchanged */
    size_t activity_count;
    const struct rule *const *only; /* the rules to run; NULL: all */
    size_t only_count;
};

/* Borrowed by the engine for its life. */
struct engine_settings {
    struct span instance;                /* part of every event's id */
    struct span host_name, host_address; /* ${self.name}, ${self.ip}; absent if not known */
    enum missing_address missing_address;
    enum private_address private_address;
    struct span hash_secret;             /* of users; absent: the filter `hash` has no value */
    bool hash_users;                     /* every user_id is hashed, whatever its rule says */
    bool truncate_addresses;             /* of every address only its network is sent */
    const struct exclusion *exclusion;   /* NULL: no event is left out */
    const struct framing *multiline;     /* NULL: every line is a record */
    const struct zone_names *zone_names; /* what abbreviations of zones mean; NULL: the usual */
    const struct zone *window_zone;      /* of the windows of `once` and `count`; NULL: UTC */
    const struct engine_rules *rules;
    size_t rules_count;
    bool is_thorough; /* every rule runs on every record: slow, for comparing */
};

struct engine;
struct notes;

struct engine *engine_new(const struct engine_settings *settings);
void engine_free(struct engine *engine); /* accepts NULL */

/* Whether a rule keeps something between lines; accepts NULL. */
bool engine_is_keeping(const struct engine *engine);

/* It is kept in these notes, before the first chunk; they are borrowed. An engine that
 * was given none has its own. */
void engine_set_notes(struct engine *engine, struct notes *notes);

/* Where a chunk comes from; for identity and for what its times leave open. */
struct engine_source {
    struct span source_id;
    uint64_t generation;
    struct time_context time;
    struct span log;            /* what rules keep is kept apart by it (notes.h); may be absent */
    bool may_repeat;            /* lines of the log may come again, from its beginning: those before
                                   the place that it was read up to have had their effect */
    uint64_t cursor;            /* that the chunk moves: names it among all */
    int64_t wall_s;             /* UNIX seconds of our clock: how long nothing came */
    int64_t now_ms;             /* of a clock that is never set: for how long a rule is suspended */
    const struct field *fields; /* what the source knows beside the line (peer.ip): every record
                                   has them, before its own, so that no line can set them */
    size_t field_count;
};

/* Whole lines, the first of which begins a record; only the last may lack its
 * newline, and is then taken as final. */
struct engine_chunk {
    struct span bytes;
    uint64_t offset; /* of the first byte in the source (decompressed, transcoded) */
    bool is_cut;     /* the last record goes on over LIMIT_LINE_BYTES, and not in a chunk with
                        its beginning: it is counted as too long, and still matched. One line
                        without newline (its rest is not delivered), or whole lines */
    bool is_final;   /* nothing will follow: the last record is complete */
};

/* What became of a record. Each is in exactly one class, the first of these that
 * any rule file made of it, and so are all of its lines. */
enum line_class {
    LINE_MATCHED,    /* at least one event, or counted, or remembered, or sent before */
    LINE_INCOMPLETE, /* a rule matched, but a required field could not be filled */
    LINE_RULE_ERROR, /* a pattern hit its limits, or its rule is suspended for that */
    LINE_IGNORED,    /* an `ignore: true` rule took it */
    LINE_EXCLUDED,   /* a rule matched, and the event is one to be left out (exclusion.h) */
    LINE_TOO_LONG,   /* cut, and no rule matched what was left */
    LINE_NO_RULE,
    LINE_CLASSES
};

extern const char *const line_class_names[LINE_CLASSES]; /* "matched", "incomplete", … */

struct engine_counts {
    uint64_t lines[LINE_CLASSES], bytes[LINE_CLASSES]; /* bytes: terminators included */
    uint64_t events;
};

enum { INCOMPLETE_VALUE_BYTES = 80 };

/* Why a rule that matched gave no event. */
struct incomplete {
    const struct rule *rule;
    struct span product, rule_name, line;
    uint64_t offset;
    const char *field;                  /* the wire field that could not be filled: "ip_addr" */
    const char *reason;                 /* static text: "no usable address" */
    char value[INCOMPLETE_VALUE_BYTES]; /* what it would have been, cut; empty: there was nothing */
};

/* How often a rule was run on a record, and what came of it. */
struct engine_tally {
    uint64_t candidates;  /* records that have all of its texts (needs.h), so that it was run */
    uint64_t matched;     /* it took them */
    uint64_t near_misses; /* no rule of its file took them, and this one not for a pattern or a
                             condition, though they met another of its conditions, if it has
                             any, else have its texts */
    uint64_t errors;      /* it ran into its limits, or was suspended for that */
};

/* A record and its end. */
struct engine_record {
    struct span text;  /* its lines, cleaned, as decoders see it */
    struct span first; /* its first line as it stands in the source */
    uint64_t offset;
    size_t lines; /* how many it has */
    enum line_class class;
};

/* Everything passed is valid during the call only. */
struct engine_output {
    void (*event)(void *arg, const struct event *event);
    void (*incomplete)(void *arg, const struct incomplete *incomplete); /* may be NULL */
    /* The last that took the record would have made an event that is left out for this
     * field; may be NULL. */
    void (*excluded)(void *arg, const char *field);
    /* A rule took a record, whatever it makes of it; may be NULL. */
    void (*taken)(void *arg, const struct engine_rules *rules, const struct rule *rule);
    /* As what `format: auto` reads a record that may be of interest to rules of this file, and
     * perhaps of others; may be NULL. */
    void (*detected)(void *arg, const struct engine_rules *rules, const struct record *record);
    /* What was understood of a time is a guess (timestamp.h); text is how it stands in the
     * record. May be NULL. */
    void (*guessed)(
        void *arg, const struct rule *rule, struct span text, const struct timestamp *time);
    /* What became of a record, after all that the above tell of it. NULL: records of which
     * no rule can take any are not looked at one by one. */
    void (*record)(void *arg, const struct engine_record *record);
    /* After the records of a chunk, of each rule that was run on any; may be NULL. */
    void (*tally)(
        void *arg, struct span product, struct span rule_name, const struct engine_tally *tally);
    /* The rule is not run for a minute (matching.h); may be NULL. */
    void (*suspended)(void *arg, struct span product, struct span rule_name);
    void *arg;
};

/* Adds to *counts. Touches no allocator for lines that no rule can match.
 *
 * Returns how many bytes it took, always whole records from the front. Without
 * `multiline` these are all; with it the last record waits for the line that
 * begins the next one, unless the chunk is cut or final. What was not taken has had
 * no effect: it comes again at the front of a later chunk, with more behind it. */
size_t engine_feed(struct engine *engine, const struct engine_source *source,
    const struct engine_chunk *chunk, const struct engine_output *output,
    struct engine_counts *counts);

/* Ends what is kept in notes of the engine's own: each open count goes to the output, and
 * nothing is known of the lines before any more. */
void engine_end(
    struct engine *engine, const struct engine_output *output, struct engine_counts *counts);

#endif
