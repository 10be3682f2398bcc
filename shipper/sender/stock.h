/* SPDX-License-Identifier: MIT
 *
 * The sender's side of the spool: leases events into the window, and settles those
 * that are done with. While the spool fails, that is said once and tried again each
 * second; an answer counts when the spool has committed it, so until then no new
 * request may start.
 */
#ifndef SHIPPER_SENDER_STOCK_H
#define SHIPPER_SENDER_STOCK_H

#include "shipper/clock.h"
#include "shipper/sender/window.h"
#include "shipper/shared.h"

/* The spool failing us: said once. */
struct stock_snag {
    bool is_on;
    char reason[VERDICT_REASON_BYTES];
    int64_t again_at_ms;
};

struct stock {
    struct spool *spool; /* these three outlive it */
    struct window *window;
    struct sender_counters *counters;
    bool may_have_more; /* in the spool: set it when somebody says so */
    bool is_damaged;    /* the spool is not what was written: for the supervisor to see to */
    int64_t look_at_ms, settled_since_ms;
    struct stock_snag lease_snag, settle_snag;
};

void stock_init(struct stock *stock, struct spool *spool, struct window *window,
    struct sender_counters *counters);

/* Leases until that many events are ready, or there are no more. */
void stock_lease(struct stock *stock, size_t enough, const struct now *now);

/* The item's fate is known: it will be settled. */
void stock_done(struct stock *stock, struct window_item *item, const struct now *now);

/* Settles what is done if it is time: many at once while requests are under way;
 * nothing waits when there are none. With is_last, snag or not. */
void stock_settle(struct stock *stock, bool is_last, const struct now *now);

/* What is done can be noted, as far as is known. */
static inline bool stock_is_good(const struct stock *stock)
{
    return !stock->settle_snag.is_on;
}

/* In what way the spool fails us; NULL: it does not. */
static inline const char *stock_snag(const struct stock *stock)
{
    const struct stock_snag *snag =
        stock->settle_snag.is_on ? &stock->settle_snag : &stock->lease_snag;

    return snag->is_on ? snag->reason : NULL;
}

/* When to call stock_lease or stock_settle although nothing happens. */
int64_t stock_lease_at_ms(const struct stock *stock);
int64_t stock_settle_at_ms(const struct stock *stock);

#endif
