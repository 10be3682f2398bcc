/* SPDX-License-Identifier: MIT
 *
 * Which event goes next, and when: as gate and pace permit. None is started while
 * what was delivered cannot be noted.
 */
#include "shipper/sender/delivery_inside.h"

#include "shipper/sender/expiry.h"

enum { KEY_AGAIN_MS = 1000 };

/* Whether its time has passed: then it is set aside, and not to be started. */
static bool is_expired(struct delivery *d, struct window_item *item, const struct now *now)
{
    static const char reason[] = "older than endpoint.max_age, not sent";

    if (!expiry_is_due(item->event.body, d->setup.endpoint->max_age_ms, now->wall_s))
        return false;
    window_refuse(item, now->wall_s, 0, span_of(reason), reason);
    counter_add(&d->setup.counters->expired, 1);
    delivery_set_aside(d, item, now);
    return true;
}

static void start(struct delivery *d, struct window_item *item)
{
    struct destination *destination = d->setup.destination;
    size_t slot = d->free_slots[--d->free_count];

    gate_start(&d->gate, &item->gate);
    pace_start(&d->pace);
    d->in_slot[slot] = item;
    window_move(item, &d->window.in_flight);
    destination->verbs->submit(destination, slot, item->event.body);
}

static struct window_item *choose_probe(struct delivery *d, const struct now *now)
{
    struct window_item *item;

    do
        item = window_probe(&d->window, &d->gate);
    while (item && is_expired(d, item, now));
    return item;
}

static void start_probe(struct delivery *d, const struct now *now)
{
    struct window_item *item = choose_probe(d, now);
    bool is_about_key = d->gate.trouble == GATE_KEY || d->gate.trouble == GATE_UNCLEAR;

    if (!item)
        return;
    d->start_at_ms = gate_probe_at_ms(&d->gate, &item->gate);
    if (d->start_at_ms > now->monotonic_ms)
        return;
    if (is_about_key && !d->setup.renew_key(d->setup.arg)) {
        d->start_at_ms = d->gate.probe_at_ms = now->monotonic_ms + KEY_AGAIN_MS;
        return;
    }
    d->start_at_ms = INT64_MAX;
    start(d, item);
}

void delivery_start_requests(struct delivery *d, const struct now *now)
{
    int64_t next_ready_ms = window_wake(&d->window, now->monotonic_ms), next_ms;
    size_t permits = gate_permits(&d->gate, d->window.in_flight.count), paced;

    d->start_at_ms = INT64_MAX;
    if (d->is_stopping || !stock_is_good(&d->stock) || permits == 0)
        return;
    if (d->gate.trouble != GATE_FINE) {
        start_probe(d, now);
        return;
    }
    paced = pace_permits(&d->pace, d->window.in_flight.count, now->monotonic_ms);
    if (paced < permits)
        permits = paced;
    while (permits > 0 && d->window.ready.first) {
        struct window_item *item = d->window.ready.first;

        if (is_expired(d, item, now))
            continue;
        start(d, item);
        permits--;
    }
    next_ms = d->window.ready.first ? pace_next_ms(&d->pace, now->monotonic_ms) : INT64_MAX;
    d->start_at_ms = next_ready_ms < next_ms ? next_ready_ms : next_ms;
}
