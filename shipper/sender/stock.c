/* SPDX-License-Identifier: MIT
 *
 * Settling is a transaction for up to a thousand events, or whatever there is after
 * a tenth of a second; leasing is memory alone.
 */
#include "shipper/sender/stock.h"

#include "shipper/log.h"

#include <stdio.h>

enum {
    SETTLE_MOST_EVENTS = 1000, /* one transaction */
    SETTLE_WITHIN_MS = 100,
    LEASE_MOST_EVENTS = 256,
    AGAIN_MS = 1000,      /* after the spool failed */
    LOOK_EVERY_MS = 5000, /* at the spool, should nobody wake us */
};

void stock_init(struct stock *stock, struct spool *spool, struct window *window,
    struct sender_counters *counters)
{
    *stock = (struct stock){
        .spool = spool, .window = window, .counters = counters, .may_have_more = true};
}

static void begin_snag(struct stock *stock, struct stock_snag *snag, const struct error *err,
    const struct now *now, const char *what_we_do)
{
    if (err->kind == ERROR_CORRUPT) {
        what_we_do = "the sender ends, so that what can be read is saved";
        stock->is_damaged = true;
    }
    if (!snag->is_on)
        log_failure(LOG_ERROR, err, what_we_do);
    snag->is_on = true;
    snprintf(snag->reason, sizeof(snag->reason), "%.199s", err->message);
    snag->again_at_ms = now->monotonic_ms + AGAIN_MS;
}

static void end_snag(struct stock_snag *snag, const char *what_goes_on)
{
    if (snag->is_on)
        log_write(LOG_INFO, "%s", what_goes_on);
    snag->is_on = false;
}

static void count_waiting(struct stock *stock)
{
    struct spool_stats stats;
    struct error err;

    if (spool_stats(stock->spool, &stats, &err))
        counter_set(&stock->counters->waiting, stats.waiting);
}

/* --- settling ---------------------------------------------------------------- */

void stock_done(struct stock *stock, struct window_item *item, const struct now *now)
{
    if (stock->window->settled.count == 0)
        stock->settled_since_ms = now->monotonic_ms;
    window_move(item, &stock->window->settled);
}

static size_t fill_verdicts(const struct window_list *settled, struct spool_verdict *verdicts)
{
    size_t count = 0;

    for (const struct window_item *item = settled->first; item && count < SETTLE_MOST_EVENTS;
         item = item->next) {
        const struct window_refusal *refusal = item->refusal;
        struct spool_verdict *verdict = &verdicts[count++];

        *verdict = (struct spool_verdict){.row = item->event.row, .is_rejected = refusal};
        memcpy(verdict->id, item->event.id, sizeof(verdict->id));
        if (refusal) {
            verdict->at_s = refusal->at_s;
            verdict->status = refusal->status;
            verdict->answer = buffer_span(&refusal->answer);
        }
    }
    return count;
}

static void drop_settled(struct stock *stock, size_t count)
{
    struct sender_counters *counters = stock->counters;

    while (count-- > 0) {
        struct window_item *item = stock->window->settled.first;

        counter_add(item->refusal ? &counters->rejected : &counters->delivered, 1);
        window_drop(stock->window, item);
    }
}

static bool settle(struct stock *stock, const struct now *now)
{
    static struct spool_verdict verdicts[SETTLE_MOST_EVENTS];
    struct error err;
    size_t count = fill_verdicts(&stock->window->settled, verdicts);

    if (!spool_settle(stock->spool, verdicts, count, &err)) {
        begin_snag(stock, &stock->settle_snag, &err, now,
            "sending nothing more until what was delivered can be noted, trying each second");
        return false;
    }
    end_snag(&stock->settle_snag, "what was delivered can be noted again, sending goes on");
    drop_settled(stock, count);
    count_waiting(stock);
    stock->settled_since_ms = now->monotonic_ms;
    return true;
}

static bool is_due(const struct stock *stock, bool is_last, const struct now *now)
{
    const struct window *window = stock->window;

    if (window->settled.count == 0)
        return false;
    if (stock->settle_snag.is_on && !is_last)
        return now->monotonic_ms >= stock->settle_snag.again_at_ms;
    return is_last || window->settled.count >= SETTLE_MOST_EVENTS || window->in_flight.count == 0 ||
           now->monotonic_ms - stock->settled_since_ms >= SETTLE_WITHIN_MS;
}

void stock_settle(struct stock *stock, bool is_last, const struct now *now)
{
    while (is_due(stock, is_last, now) && settle(stock, now))
        ;
}

int64_t stock_settle_at_ms(const struct stock *stock)
{
    if (stock->window->settled.count == 0)
        return INT64_MAX;
    return stock->settle_snag.is_on ? stock->settle_snag.again_at_ms
                                    : stock->settled_since_ms + SETTLE_WITHIN_MS;
}

/* --- leasing ------------------------------------------------------------------ */

static void lease(struct stock *stock, const struct now *now)
{
    struct spool_event events[LEASE_MOST_EVENTS];
    size_t most = stock->window->unused.count, count;
    struct error err;

    if (most > LEASE_MOST_EVENTS)
        most = LEASE_MOST_EVENTS;
    if (!spool_lease(stock->spool, events, most, &count, &err)) {
        begin_snag(stock, &stock->lease_snag, &err, now, "trying each second");
        return;
    }
    end_snag(&stock->lease_snag, "the spool can be read again");
    for (size_t i = 0; i < count; i++)
        window_add(stock->window, &events[i]);
    stock->may_have_more = count == most;
}

void stock_lease(struct stock *stock, size_t enough, const struct now *now)
{
    const struct window *window = stock->window;

    if (now->monotonic_ms >= stock->look_at_ms) {
        stock->look_at_ms = now->monotonic_ms + LOOK_EVERY_MS;
        stock->may_have_more = true;
        count_waiting(stock);
    }
    if (stock->lease_snag.is_on && now->monotonic_ms < stock->lease_snag.again_at_ms)
        return;
    while (stock->may_have_more && window->ready.count < enough && window->unused.count > 0) {
        lease(stock, now);
        if (stock->lease_snag.is_on)
            return;
    }
}

int64_t stock_lease_at_ms(const struct stock *stock)
{
    if (stock->lease_snag.is_on && stock->lease_snag.again_at_ms < stock->look_at_ms)
        return stock->lease_snag.again_at_ms;
    return stock->look_at_ms;
}
