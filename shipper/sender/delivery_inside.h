/* SPDX-License-Identifier: MIT
 *
 * Inside the delivery: what delivery.c and the delivery_*.c share. Nobody else
 * includes this.
 */
#ifndef SHIPPER_SENDER_DELIVERY_INSIDE_H
#define SHIPPER_SENDER_DELIVERY_INSIDE_H

#include "shipper/sender/delivery.h"
#include "shipper/sender/pace.h"
#include "shipper/sender/stock.h"
#include "shipper/sender/trouble.h"

enum { DELIVERY_KNOWN_ANSWER_BYTES = 256 };

/* The last answer that meant a delivery: the next one is most likely the same. */
struct delivery_known_answer {
    char body[DELIVERY_KNOWN_ANSWER_BYTES];
    size_t len; /* 0: none */
    long status;
};

/* What was told of a hold-up, as far as it takes to see that there is news. */
struct delivery_told {
    bool is_any;
    enum holdup_why why;
    int64_t until_ms;
    size_t backing_off, held;
    int64_t at_ms, again_at_ms; /* again: there is news that must wait; INT64_MAX: none */
    int64_t since_s;
};

struct delivery {
    struct delivery_setup setup;
    struct gate gate;
    struct pace pace;
    struct window window;
    struct stock stock;
    struct trouble trouble;
    struct delivery_told told;
    struct delivery_known_answer known;
    char reason[VERDICT_REASON_BYTES]; /* of the gate's trouble */

    struct window_item **in_slot; /* by slot; NULL: free */
    size_t *free_slots, free_count;

    int64_t start_at_ms;
    int64_t held_since_ms;   /* the first of those held */
    int64_t closed_since_ms; /* the gate */

    bool is_stopping, is_draining, is_over;
    int64_t stop_by_ms;
};

/* --- delivery_answers.c ----------------------------------------------------------- */

/* Takes in what the destination has finished. */
void delivery_take_answers(struct delivery *delivery, const struct now *now);

/* Its fate is sealed: says so, and settles it. */
void delivery_set_aside(struct delivery *delivery, struct window_item *item, const struct now *now);
void delivery_set_held_aside(struct delivery *delivery, const struct now *now);

/* The last rejected events must not wait for ever for a delivery that never comes:
 * others may follow, and tell whose fault it is, for as long as between two slow
 * probes. INT64_MAX: nothing is held. */
int64_t delivery_held_until_ms(const struct delivery *delivery);

/* --- delivery_requests.c ---------------------------------------------------------- */

/* Starts what may start, and sets start_at_ms. */
void delivery_start_requests(struct delivery *delivery, const struct now *now);

/* --- delivery_holdup.c ------------------------------------------------------------ */

/* Tells what holds it up, if that is news: another reason at once, the rest of it
 * once a second at most. */
void delivery_tell_holdup(struct delivery *delivery, const struct now *now);

#endif
