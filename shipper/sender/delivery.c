/* SPDX-License-Identifier: MIT
 *
 * Decides nothing about answers (verdict.h) or about when to send (gate.h): it
 * carries their rulings out. An answer counts when the spool has committed it;
 * while that fails, no new request starts.
 */
#include "shipper/sender/delivery_inside.h"

#include "parsers/memory.h"

#include <stdio.h>
#include <stdlib.h>

struct delivery *delivery_new(const struct delivery_setup *setup)
{
    const struct endpoint_config *endpoint = setup->endpoint;
    struct delivery *d = memory_new(sizeof(*d));
    struct gate_settings settings = {
        .retry_first_ms = endpoint->retry_first_ms,
        .retry_most_ms = endpoint->retry_most_ms,
        .probe_every_ms = endpoint->probe_every_ms,
        .max_in_flight = (size_t)endpoint->max_in_flight,
        .seed = setup->seed,
    };

    d->setup = *setup;
    gate_init(&d->gate, &settings);
    pace_init(&d->pace, settings.max_in_flight, (double)endpoint->rate_limit);
    window_init(&d->window);
    stock_init(&d->stock, setup->spool, &d->window, setup->counters);
    d->trouble.key_remedy = setup->key_remedy;
    d->trouble.probe_every_ms = endpoint->probe_every_ms;
    d->in_slot = memory_new(settings.max_in_flight * sizeof(struct window_item *));
    d->free_slots = memory_new(settings.max_in_flight * sizeof(*d->free_slots));
    /* The slot freed last is used next: its connection is the warm one. */
    while (d->free_count < settings.max_in_flight) {
        d->free_slots[d->free_count] = settings.max_in_flight - 1 - d->free_count;
        d->free_count++;
    }
    d->start_at_ms = d->told.again_at_ms = INT64_MAX;
    return d;
}

void delivery_free(struct delivery *d)
{
    if (!d)
        return;
    window_finish(&d->window);
    free(d->in_slot);
    free(d->free_slots);
    free(d);
}

static bool has_nothing_to_start(const struct delivery *d)
{
    return !d->stock.may_have_more && d->window.ready.count == 0 && d->window.in_flight.count == 0;
}

/* --- the turn ------------------------------------------------------------------- */

static void say_trouble(struct delivery *d, const struct now *now)
{
    int64_t wait_ms = d->gate.probe_at_ms - now->monotonic_ms;
    struct buffer text = {0};
    enum log_level level;

    if (trouble_describe(&d->trouble, &d->gate, d->reason, wait_ms > 0 ? wait_ms : 0,
            now->monotonic_ms, &level, &text))
        log_write(level, "%.*s", (int)text.len, text.bytes);
    buffer_finish(&text);
    counter_set(&d->setup.counters->trouble, d->gate.trouble);
}

static bool is_end(const struct delivery *d, const struct now *now)
{
    const struct window *w = &d->window;

    if (d->is_stopping)
        return w->in_flight.count == 0 || now->monotonic_ms >= d->stop_by_ms;
    return d->is_draining && has_nothing_to_start(d) && w->later.count == 0 && w->held.count == 0 &&
           w->settled.count == 0;
}

void delivery_turn(struct delivery *d, const struct now *now)
{
    delivery_take_answers(d, now);
    if (!d->is_stopping)
        stock_lease(&d->stock, 2 * d->gate.settings.max_in_flight, now);
    delivery_start_requests(d, now);
    if (has_nothing_to_start(d) && now->monotonic_ms >= delivery_held_until_ms(d))
        delivery_set_held_aside(d, now);
    stock_settle(&d->stock, d->is_stopping && d->window.in_flight.count == 0, now);
    if (d->stock.is_damaged)
        delivery_stop(d, now);
    counter_set(&d->setup.counters->in_flight, d->window.in_flight.count);
    say_trouble(d, now);
    delivery_tell_holdup(d, now);
    d->is_over = is_end(d, now);
    if (d->is_over)
        stock_settle(&d->stock, true, now);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t delivery_deadline_ms(const struct delivery *d)
{
    int64_t due_ms = sooner(d->start_at_ms, stock_settle_at_ms(&d->stock));

    due_ms = sooner(due_ms, d->told.again_at_ms);
    if (d->is_stopping)
        return sooner(due_ms, d->stop_by_ms);
    if (has_nothing_to_start(d))
        due_ms = sooner(due_ms, delivery_held_until_ms(d));
    return sooner(due_ms, stock_lease_at_ms(&d->stock));
}

void delivery_wake(struct delivery *d)
{
    d->stock.may_have_more = true;
}

void delivery_lack_key(struct delivery *d, const char *reason)
{
    d->gate.trouble = d->trouble.said = GATE_KEY;
    d->trouble.is_key_missing = true;
    snprintf(d->reason, sizeof(d->reason), "%.199s", reason);
}

void delivery_begin_in(struct delivery *d, enum gate_trouble trouble, const struct now *now)
{
    d->gate.trouble = d->trouble.said = trouble;
    d->trouble.since_ms = now->monotonic_ms;
}

void delivery_try_key(struct delivery *d, const struct now *now)
{
    if (d->gate.trouble == GATE_KEY || d->gate.trouble == GATE_UNCLEAR)
        d->gate.probe_at_ms = now->monotonic_ms;
}

void delivery_stop(struct delivery *d, const struct now *now)
{
    if (d->is_stopping)
        return;
    d->is_stopping = true;
    d->stop_by_ms = now->monotonic_ms + DELIVERY_STOP_MS;
}

void delivery_drain(struct delivery *d)
{
    d->is_draining = true;
    d->stock.may_have_more = true;
}

bool delivery_found_damage(const struct delivery *d)
{
    return d->stock.is_damaged;
}

bool delivery_is_over(const struct delivery *d)
{
    return d->is_over;
}

size_t delivery_unsettled(const struct delivery *d)
{
    return d->window.settled.count;
}
