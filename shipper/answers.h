/* SPDX-License-Identifier: MIT
 *
 * How fast and how well the endpoint answers: the last answer, and how long answers took in
 * the last minutes. The sender keeps it, as a bulletin for `status` (bulletin.h).
 *
 * Latency is from the start of a request, connecting included, to the end of its answer;
 * a request without a complete answer has none.
 */
#ifndef SHIPPER_ANSWERS_H
#define SHIPPER_ANSWERS_H

#include "parsers/buffer.h"
#include "shipper/sender/verdict.h"

#define ANSWERS_FILE "sender.answers" /* of the bulletin */

enum { ANSWERS_BUCKETS = 38, ANSWERS_WINDOW_S = 300, ANSWERS_RATE_S = 60 };

/* The most that is counted in a bucket, in microseconds; the last has no end. */
extern const uint32_t answers_bounds_us[ANSWERS_BUCKETS - 1];

/* The one that so long a time belongs in. */
size_t answers_bucket(uint64_t took_us);

enum { ANSWERS_SLOT_S = 10, ANSWERS_SLOTS = ANSWERS_WINDOW_S / ANSWERS_SLOT_S };

struct answers_slot {
    int64_t number; /* since 1970, in ANSWERS_SLOT_S */
    uint32_t counts[ANSWERS_BUCKETS];
};

/* {0} at first. It has no gaps between members. */
struct answers {
    uint64_t added; /* answers in all */
    struct answers_slot slots[ANSWERS_SLOTS];
    int64_t last_s;        /* UNIX seconds; 0: there was none */
    int64_t last_status;   /* HTTP; 0: no complete answer */
    int64_t last_verdict;  /* enum verdict */
    int64_t clock_at_s;    /* UNIX seconds: when clocks were compared last; 0: never */
    int64_t clock_ahead_s; /* then our clock was so far ahead of the endpoint's */
    char last_reason[VERDICT_REASON_BYTES]; /* empty after a delivery */
};

/* An answer came, or its request failed. */
void answers_add(struct answers *answers, const struct answer *answer,
    const struct judgement *judgement, int64_t wall_s);

/* What a process that ended left there, too; {0} if nothing is there. *noted_s: until when it is
 * known. */
void answers_look(const char *dir, struct answers *answers, int64_t *noted_s);

/* Within the last day our clock was not the endpoint's, and no time under way accounts for
 * that. */
bool answers_clock_is_off(const struct answers *answers, int64_t now_s);

struct answers_summary {
    uint64_t count;                /* complete answers in ANSWERS_WINDOW_S */
    double per_s;                  /* in ANSWERS_RATE_S */
    double p50_ms, p90_ms, p99_ms; /* count is not 0; as exact as a bucket is narrow */
};

struct answers_summary answers_sum(const struct answers *answers, int64_t now_s);

/* A line for people. now_s: until when it is known. */
void answers_write_text(const struct answers *answers, int64_t now_s, struct buffer *out);

/* Members of an object, without its braces. */
void answers_write_json(const struct answers *answers, int64_t now_s, struct buffer *out);

#endif
