/* SPDX-License-Identifier: MIT
 *
 * The events that the sender has in memory: leased and not yet settled. Each is
 * in one list at a time; moving it is the only way to change what it is.
 */
#ifndef SHIPPER_SENDER_WINDOW_H
#define SHIPPER_SENDER_WINDOW_H

#include "shipper/sender/gate.h"
#include "shipper/spool/spool.h"

/* Why an event is not to be sent again. */
struct window_refusal {
    int64_t at_s;
    long status;          /* 0: it was never sent */
    struct buffer answer; /* its first LIMIT_ANSWER_KEPT_BYTES */
    char reason[VERDICT_REASON_BYTES];
};

struct window_item {
    struct spool_event event;
    struct gate_event gate;
    struct window_refusal *refusal; /* of one that is held or settled as refused; else NULL */

    struct window_item *previous, *next; /* in its list */
    struct window_list *list;
};

struct window_list {
    struct window_item *first, *last;
    size_t count;
};

struct window {
    struct window_item *items; /* LIMIT_EVENTS_LEASED of them */
    struct window_list unused;
    struct window_list ready; /* in the order in which they are to be sent */
    struct window_list later; /* waiting for their own back-off */
    struct window_list in_flight;
    struct window_list held;    /* refused, so it seems: see gate.h */
    struct window_list settled; /* delivered or rejected, not yet told to the spool */
};

void window_init(struct window *window);
void window_finish(struct window *window);

/* Takes in a leased event, as the last of those that are ready. There must be an
 * unused item. */
void window_add(struct window *window, const struct spool_event *event);

/* Marks the item as refused, with the first bytes of the answer; the reason is
 * copied. And takes that back. */
void window_refuse(
    struct window_item *item, int64_t at_s, long status, struct span answer, const char *reason);
void window_pardon(struct window_item *item);

/* The item is done with: unused again. */
void window_drop(struct window *window, struct window_item *item);

/* To the end of that list, from whichever it is in. */
void window_move(struct window_item *item, struct window_list *list);
void window_move_all(struct window_list *from, struct window_list *to);

/* Moves each event whose back-off is over to those that are ready, and returns
 * when the next one's will be; INT64_MAX: none waits. */
int64_t window_wake(struct window *window, int64_t now_ms);

/* The best probe among those that are ready or wait; NULL: there is none. */
struct window_item *window_probe(const struct window *window, const struct gate *gate);

#endif
