/* SPDX-License-Identifier: MIT
 *
 * When to send, and what an answer means for an event: the state between
 * verdicts and requests, without clock, random source or I/O of its own.
 *
 * The gate is open (GATE_FINE), or closed by a trouble. A closed gate lets one
 * probe through at a time; only a delivered probe opens it. Requests that were
 * under way when it closed don't move it, unless they tell of worse trouble.
 * - RETRY holds its own event back, and slows the rest (pace.h). It closes the gate
 *   when LIMIT_FAILED_IN_ROW come without a delivery between them, before the first
 *   delivery of all, and when the endpoint asks to wait: for a full-jitter back-off
 *   that doubles while different events fail; what the endpoint asked for comes on
 *   top.
 * - KEY, DESTINATION close it for slow probes.
 * - UNCLEAR closes it too. A delivered probe shows that the events refused
 *   meanwhile were at fault: each has one more try and is then treated as
 *   REJECTED. LIMIT_REFUSED_DIFFERENT events refused without a delivery mean the
 *   key.
 * - REJECTED holds the event until it is known whose fault that is: a delivery
 *   shows that the settings are right, and all held events are set aside;
 *   LIMIT_REJECTED_IN_ROW without one close the gate for slow probes, and the
 *   held events go back to those that wait.
 *
 * No event is given up by the number of its attempts. One that fails again and
 * again while others are delivered has a growing back-off of its own, so that it
 * does not hold them up.
 */
#ifndef SHIPPER_SENDER_GATE_H
#define SHIPPER_SENDER_GATE_H

#include "shipper/sender/verdict.h"

/* What holds sending up, from harmless to worse; said once when it changes. */
enum gate_trouble {
    GATE_FINE,
    GATE_RETRYING,    /* 5xx, 429, network: backing off */
    GATE_UNCLEAR,     /* refused by a firewall, perhaps: probes with different events */
    GATE_DESTINATION, /* slow probes until the settings are changed */
    GATE_KEY,         /* slow probes until the key is changed */
    GATE_SETTINGS,    /* many rejections in a row without a delivery: slow probes */
};

struct gate_settings {
    int64_t retry_first_ms, retry_most_ms; /* bounds of the back-off */
    int64_t probe_every_ms;                /* a slow probe, give or take a quarter */
    size_t max_in_flight;
    uint64_t seed; /* of the jitter */
};

/* What the gate remembers of one event: zero but for the row when it is new. */
struct gate_event {
    int64_t row;
    int64_t not_before_ms; /* its own back-off */
    unsigned tries;        /* answers that did not deliver it */
    unsigned retries;      /* those of them that its own back-off counts */
    uint64_t refused_in;   /* the spell in which it was refused unclearly; 0: never */
    bool is_probe;         /* in flight, as the probe */
};

struct gate {
    struct gate_settings settings;
    enum gate_trouble trouble;
    int64_t probe_at_ms; /* while closed */
    bool is_probing;
    bool is_old_news;         /* RETRYING for one event that failed before, and nothing else */
    int64_t failed_row;       /* of the event that failed last */
    unsigned step;            /* of the back-off, since the gate was open */
    uint64_t spell;           /* counts delivered probes; starts at 1 */
    unsigned refused;         /* different events refused in this spell */
    unsigned rejected_in_row; /* since the last delivery */
    unsigned failed_in_row;   /* likewise: to be tried again */
};

void gate_init(struct gate *gate, const struct gate_settings *settings);

/* How many requests may start as far as the number in flight goes; at most one,
 * the probe, while the gate is closed. */
size_t gate_permits(const struct gate *gate, size_t in_flight);

/* When that event may be the probe: an event that failed last waits for its own
 * back-off as well. */
int64_t gate_probe_at_ms(const struct gate *gate, const struct gate_event *event);

/* Whether a is the better probe: one that did not fail last, then one with fewer
 * tries. */
bool gate_prefers(const struct gate *gate, const struct gate_event *a, const struct gate_event *b);

/* A request for the event starts. */
void gate_start(struct gate *gate, struct gate_event *event);

enum gate_fate {
    FATE_DELIVERED,
    FATE_LATER, /* try it again, not before its not_before_ms */
    FATE_HELD,  /* keep it with the answer until a ruling on the held events */
};

enum gate_held {
    HELD_STAY,
    HELD_SET_ASIDE, /* refused for good */
    HELD_RETURN,    /* to the events that wait */
};

struct gate_ruling {
    enum gate_fate fate; /* of the event */
    enum gate_held held; /* of those held before */
    bool is_forgiven;    /* the endpoint was at fault: call gate_forgive for each that waits */
};

struct gate_ruling gate_judge(
    struct gate *gate, struct gate_event *event, const struct judgement *judgement, int64_t now_ms);

/* Ends the event's own back-off, within retry_first_ms. */
void gate_forgive(struct gate *gate, struct gate_event *event, int64_t now_ms);

#endif
