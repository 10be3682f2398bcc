/* SPDX-License-Identifier: MIT
 *
 * How many requests may be under way, and how many may start a second: without
 * clock or I/O of its own.
 *
 * The level, the number under way, climbs as long as more requests under way mean
 * more answers a second, and holds where they don't: first twice as many at a time,
 * later an eighth. From time to time it tries more, and fewer, since as fast with
 * fewer is better. An answer that says "too much" (429, 5xx, none at all) halves it,
 * once for all that were under way together, and so does, by a third, latency that
 * doubles for no reason of ours. What is judged is a round: as many answers as are
 * under way and ROUND_MS at least, while there were events enough.
 *
 * Two more bounds hold what starts a second: rate_limit, and a ramp after an outage,
 * so that the hosts of a fleet, which the outage has made alike, do not all come at
 * once. It begins with PACE_RAMP_FIRST a second and doubles in each of
 * PACE_RAMP_STEPS steps, which take a sixteenth of the outage each and a second at
 * most.
 */
#ifndef SHIPPER_SENDER_PACE_H
#define SHIPPER_SENDER_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_FIRST = 32, PACE_RAMP_FIRST = 16, PACE_RAMP_STEPS = 12, PACE_ROUND_MS = 50 };

enum pace_phase {
    PACE_DOUBLING,
    PACE_HOLDING,
    PACE_TRYING_MORE,
    PACE_TRYING_FEWER,
};

struct pace {
    size_t most;       /* under way */
    double rate_limit; /* starts a second; 0: none */

    enum pace_phase phase;
    double level;      /* 1 to most */
    double held_level; /* where to go back to when a try fails */
    double held_speed; /* answers a second there; 0: not measured yet */
    bool was_fewer;    /* what was tried last */
    bool is_doubted;   /* twice as many were no faster in one round */
    int64_t hold_ms, try_at_ms;

    int64_t round_ms;             /* when it began; -1: with the next answer */
    int64_t answer_ms;            /* the last one */
    size_t round_skip;            /* answers that still tell of the level before */
    size_t answers, full_answers; /* full: when as many as the level were under way */
    size_t under_way;             /* after the last start */
    size_t in_flight;             /* before the last answer */
    size_t deaf;                  /* answers that were under way when the level was last cut */

    double tokens;
    int64_t filled_ms;
    int64_t ramp_ms, ramp_step_ms; /* when it began; step 0: no ramp */
};

void pace_init(struct pace *pace, size_t most, double rate_limit);

/* How many requests may start now. */
size_t pace_permits(struct pace *pace, size_t in_flight, int64_t now_ms);

/* When pace_permits may be more, as far as the rate goes; INT64_MAX: not bound by it. */
int64_t pace_next_ms(const struct pace *pace, int64_t now_ms);

/* What holds requests back that would be few enough otherwise. */
enum pace_bound { PACE_FREE, PACE_BY_RATE_LIMIT, PACE_BY_RAMP };

enum pace_bound pace_bound(const struct pace *pace, int64_t now_ms);

/* A request starts. */
void pace_start(struct pace *pace);

/* An answer came, or none (is_too_much), with so many under way before. */
void pace_answer(struct pace *pace, bool is_too_much, size_t in_flight, int64_t now_ms);

/* The outage is over: begins with one request, and ramps up. */
void pace_resume(struct pace *pace, int64_t outage_ms, int64_t now_ms);

#endif
