/* SPDX-License-Identifier: MIT
 *
 * Decides nothing about answers (verdict.h) or about when to send (gate.h): it
 * carries their rulings out. An answer counts when the spool has committed it;
 * while that fails, no new request starts.
 */
#include "shipper/sender/delivery.h"

#include "parsers/memory.h"
#include "shipper/sender/expiry.h"
#include "shipper/sender/pace.h"
#include "shipper/sender/stock.h"
#include "shipper/sender/trouble.h"

#include <stdlib.h>

enum { KNOWN_ANSWER_BYTES = 256, KEY_AGAIN_MS = 1000 };

/* The last answer that meant a delivery: the next one is most likely the same. */
struct known_answer {
    char body[KNOWN_ANSWER_BYTES];
    size_t len; /* 0: none */
    long status;
};

struct delivery {
    struct delivery_setup setup;
    struct gate gate;
    struct pace pace;
    struct window window;
    struct stock stock;
    struct trouble trouble;
    struct known_answer known;
    char reason[VERDICT_REASON_BYTES]; /* of the gate's trouble */

    struct window_item **in_slot; /* by slot; NULL: free */
    size_t *free_slots, free_count;

    int64_t start_at_ms;
    int64_t held_since_ms;   /* the first of those held */
    int64_t closed_since_ms; /* the gate */

    bool is_stopping, is_draining, is_over;
    int64_t stop_by_ms;
};

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
    d->start_at_ms = INT64_MAX;
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

/* --- answers ----------------------------------------------------------------- */

static void set_aside(struct delivery *d, struct window_item *item, const struct now *now)
{
    struct buffer text = {0};

    if (trouble_describe_rejected(
            &d->trouble, item->event.id, item->refusal->reason, now->monotonic_ms, &text))
        log_write(LOG_WARNING, "%.*s", (int)text.len, text.bytes);
    buffer_finish(&text);
    stock_done(&d->stock, item, now);
}

static void set_held_aside(struct delivery *d, const struct now *now)
{
    while (d->window.held.first)
        set_aside(d, d->window.held.first, now);
}

static void return_held(struct delivery *d)
{
    for (struct window_item *item = d->window.held.first; item; item = item->next)
        window_pardon(item);
    window_move_all(&d->window.held, &d->window.ready);
}

static void hold(struct delivery *d, struct window_item *item, const struct answer *answer,
    const char *reason, const struct now *now)
{
    if (d->window.held.count == 0)
        d->held_since_ms = now->monotonic_ms;
    window_refuse(item, now->wall_s, answer->status, answer->body, reason);
    window_move(item, &d->window.held);
}

static struct judgement judge(
    struct known_answer *known, const struct answer *answer, int64_t wall_s)
{
    struct judgement judgement = {.verdict = VERDICT_DELIVERED, .retry_after_ms = -1};

    if (known->len > 0 && !answer->transport_error && answer->status == known->status &&
        span_equal(answer->body, (struct span){known->body, known->len}))
        return judgement;
    judgement = verdict_judge(answer, wall_s);
    if (judgement.verdict == VERDICT_DELIVERED && answer->body.len <= sizeof(known->body)) {
        memcpy(known->body, answer->body.at, answer->body.len);
        known->len = answer->body.len;
        known->status = answer->status;
    }
    return judgement;
}

/* The gate opened or closed, or for another reason. */
static void note_trouble(
    struct delivery *d, enum gate_trouble before, const char *reason, const struct now *now)
{
    if (d->gate.trouble == before)
        return;
    memcpy(d->reason, reason, sizeof(d->reason));
    if (before == GATE_FINE)
        d->closed_since_ms = now->monotonic_ms;
    if (d->gate.trouble == GATE_FINE)
        pace_resume(&d->pace, now->monotonic_ms - d->closed_since_ms, now->monotonic_ms);
}

static void carry_out(struct delivery *d, const struct gate_ruling *ruling,
    struct window_item *item, const struct answer *answer, const char *reason,
    const struct now *now)
{
    if (ruling->held == HELD_SET_ASIDE)
        set_held_aside(d, now);
    else if (ruling->held == HELD_RETURN)
        return_held(d);
    if (ruling->is_forgiven)
        for (struct window_item *i = d->window.later.first; i; i = i->next)
            gate_forgive(&d->gate, &i->gate, now->monotonic_ms);

    switch (ruling->fate) {
    case FATE_DELIVERED:
        stock_done(&d->stock, item, now);
        break;
    case FATE_LATER:
        counter_add(&d->setup.counters->retried, 1);
        window_move(item, &d->window.later);
        break;
    case FATE_HELD:
        hold(d, item, answer, reason, now);
        break;
    }
}

static void take_answer(
    struct delivery *d, size_t slot, const struct answer *answer, const struct now *now)
{
    struct window_item *item = d->in_slot[slot];
    struct judgement judgement = judge(&d->known, answer, now->wall_s);
    enum gate_trouble before = d->gate.trouble;
    struct gate_ruling ruling;

    pace_answer(
        &d->pace, judgement.verdict == VERDICT_RETRY, d->window.in_flight.count, now->monotonic_ms);
    ruling = gate_judge(&d->gate, &item->gate, &judgement, now->monotonic_ms);
    d->in_slot[slot] = NULL;
    d->free_slots[d->free_count++] = slot;
    note_trouble(d, before, judgement.reason, now);
    carry_out(d, &ruling, item, answer, judgement.reason, now);
}

static void take_answers(struct delivery *d, const struct now *now)
{
    struct destination *destination = d->setup.destination;
    struct answer answer;
    size_t slot;

    while (destination->verbs->reap(destination, &slot, &answer))
        take_answer(d, slot, &answer, now);
}

/* --- requests ------------------------------------------------------------------ */

/* Whether its time has passed: then it is set aside, and not to be started. */
static bool is_expired(struct delivery *d, struct window_item *item, const struct now *now)
{
    static const char reason[] = "older than endpoint.max_age, not sent";

    if (!expiry_is_due(item->event.body, d->setup.endpoint->max_age_ms, now->wall_s))
        return false;
    window_refuse(item, now->wall_s, 0, span_of(reason), reason);
    counter_add(&d->setup.counters->expired, 1);
    set_aside(d, item, now);
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

static void start_requests(struct delivery *d, const struct now *now)
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

static bool has_nothing_to_start(const struct delivery *d)
{
    return !d->stock.may_have_more && d->window.ready.count == 0 && d->window.in_flight.count == 0;
}

/* The last rejected events must not wait for ever for a delivery that never comes:
 * others may follow, and tell whose fault it is, for as long as between two slow
 * probes. INT64_MAX: nothing is held. */
static int64_t held_until_ms(const struct delivery *d)
{
    if (d->window.held.count == 0)
        return INT64_MAX;
    return d->is_draining ? d->held_since_ms : d->held_since_ms + d->setup.endpoint->probe_every_ms;
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
    take_answers(d, now);
    if (!d->is_stopping)
        stock_lease(&d->stock, 2 * d->gate.settings.max_in_flight, now);
    start_requests(d, now);
    if (has_nothing_to_start(d) && now->monotonic_ms >= held_until_ms(d))
        set_held_aside(d, now);
    stock_settle(&d->stock, d->is_stopping && d->window.in_flight.count == 0, now);
    if (d->stock.is_damaged)
        delivery_stop(d, now);
    counter_set(&d->setup.counters->in_flight, d->window.in_flight.count);
    say_trouble(d, now);
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

    if (d->is_stopping)
        return sooner(due_ms, d->stop_by_ms);
    if (has_nothing_to_start(d))
        due_ms = sooner(due_ms, held_until_ms(d));
    return sooner(due_ms, stock_lease_at_ms(&d->stock));
}

void delivery_wake(struct delivery *d)
{
    d->stock.may_have_more = true;
}

void delivery_lack_key(struct delivery *d)
{
    d->gate.trouble = d->trouble.said = GATE_KEY;
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
