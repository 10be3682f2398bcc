/* SPDX-License-Identifier: MIT
 *
 * The sender's loop without its waiting: events from the spool to a destination,
 * and what became of them back to the spool. Time comes in with each turn, so
 * that tests run a week in a second.
 */
#ifndef SHIPPER_SENDER_DELIVERY_H
#define SHIPPER_SENDER_DELIVERY_H

#include "shipper/clock.h"
#include "shipper/holdup.h"
#include "shipper/sender/destination.h"
#include "shipper/sender/gate.h"
#include "shipper/shared.h"
#include "shipper/spool/spool.h"

struct delivery;

/* Everything here outlives the delivery. */
struct delivery_setup {
    const struct endpoint_config *endpoint;
    struct spool *spool;
    struct destination *destination;
    struct sender_counters *counters;
    struct answers *answers;      /* added to */
    uint64_t seed;                /* of the jitter */
    const char *key_remedy;       /* what ends trouble with the key: see trouble.h */
    bool (*renew_key)(void *arg); /* called before a probe while the key may be wrong; false:
                                     there is none, so no probe */
    void (*tell_holdup)(void *arg, const struct holdup *holdup); /* whenever it changes */
    void *arg;
};

struct delivery *delivery_new(const struct delivery_setup *setup);

/* Accepts NULL. The destination must be closed or idle. */
void delivery_free(struct delivery *delivery);

/* Does all that can be done now: takes in what the destination has finished,
 * settles, leases, starts requests. Never waits, but for a commit to the spool. */
void delivery_turn(struct delivery *delivery, const struct now *now);

/* When the next turn is due although nothing happens: monotonic ms, INT64_MAX for
 * never. */
int64_t delivery_deadline_ms(const struct delivery *delivery);

/* The spool has new events. */
void delivery_wake(struct delivery *delivery);

/* There is no key yet, which the caller has said: begins with a probe as soon as
 * renew_key finds one. reason: copied. */
void delivery_lack_key(struct delivery *delivery, const char *reason);

/* Begins in trouble that a sender before this one left, and said: with a probe. */
void delivery_begin_in(struct delivery *delivery, enum gate_trouble trouble, const struct now *now);

/* The key was changed: if that was the trouble, the next probe starts at once. */
void delivery_try_key(struct delivery *delivery, const struct now *now);

/* No new requests; over when those in flight are finished and settled, after
 * DELIVERY_STOP_MS at the latest. */
void delivery_stop(struct delivery *delivery, const struct now *now);

/* Over once the spool is empty. */
void delivery_drain(struct delivery *delivery);

enum { DELIVERY_STOP_MS = 3000 };

/* The spool is not what was written: the delivery stops by itself, and somebody has
 * to see to it. */
bool delivery_found_damage(const struct delivery *delivery);

bool delivery_is_over(const struct delivery *delivery);

/* Answers that the spool has not been told of: after the end, those that will be
 * sent again. */
size_t delivery_unsettled(const struct delivery *delivery);

#endif
