/* SPDX-License-Identifier: MIT
 *
 * The sender's loop on simulated time, against a scripted endpoint, with a real
 * spool: hours of outage pass in milliseconds.
 *
 * Events are numbered from 0. `answer` says what the endpoint answers to an
 * event at a time; what it was asked is kept, in order.
 */
#ifndef TESTS_SUPPORT_SIMULATION_H
#define TESTS_SUPPORT_SIMULATION_H

#include "shipper/sender/delivery.h"

enum { SIMULATED_EVENTS = 8192, SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

/* What the endpoint answers, and when. */
struct reply {
    long status;
    const char *body;            /* NULL: none */
    const char *retry_after;     /* NULL: none */
    const char *transport_error; /* NULL: none */
    int64_t after_ms;
};

struct request {
    unsigned event;
    int64_t at_ms;
};

struct simulation {
    /* For the test to set: */
    struct reply (*answer)(struct simulation *s, unsigned event, int64_t at_ms);
    void (*renew_key)(struct simulation *s);
    struct endpoint_config config; /* set before simulation_begin */
    uint64_t seed;

    /* For the test to read: */
    char *dir;
    struct spool *reader, *sender;
    struct spool_batch *batch;
    struct shared *shared;
    struct delivery *delivery;
    struct answers answers;
    struct now now;
    unsigned added;                      /* events put into the spool */
    unsigned asked[SIMULATED_EVENTS];    /* requests by event */
    unsigned accepted[SIMULATED_EVENTS]; /* of them, those that the endpoint took */
    struct request *requests;
    size_t request_count, request_room;
    size_t in_flight, most_in_flight;
    unsigned renewals;
    struct holdup holdup; /* the last that was told */
    unsigned told;

    struct simulated_endpoint *endpoint;
};

extern const struct reply reply_taken, reply_wrong_key, reply_rejected, reply_blocked, reply_busy;

/* A new simulation with an empty spool; time starts at zero. */
struct simulation *simulation_new(void);
void simulation_free(struct simulation *s);

/* Starts a sender's loop; simulation_end drops it with all that it has in flight,
 * as its death would. simulation_free does the same. */
void simulation_begin(struct simulation *s);
void simulation_end(struct simulation *s);

/* Puts that many events into the spool and wakes the sender. */
void simulation_add(struct simulation *s, unsigned count);

/* Turns the loop until that time, or until it is over. */
void simulation_run(struct simulation *s, int64_t until_ms);

/* Runs until the loop is over; false if it is not within the bound. */
bool simulation_finish(struct simulation *s, int64_t bound_ms);

/* Runs SQL on the spool's database, from outside. */
void simulation_sql(struct simulation *s, const char *sql);

uint64_t simulation_waiting(struct simulation *s);
uint64_t simulation_rejected(struct simulation *s);

#endif
