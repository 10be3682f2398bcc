/* SPDX-License-Identifier: MIT
 *
 * Decides nothing about answers (verdict.h) or about when to send (gate.h): it
 * carries their rulings out. An answer counts when the spool has committed it;
 * while that fails, no new request starts.
 */
#include "shipper/sender/delivery.h"

#include "parsers/limits.h"
#include "parsers/memory.h"
#include "shipper/sender/trouble.h"
#include "shipper/sender/window.h"

#include <stdlib.h>

enum {
    SETTLE_MOST_EVENTS = 1000, /* one transaction */
    SETTLE_WITHIN_MS = 100,
    LEASE_MOST_EVENTS = 256,
    AGAIN_MS = 1000,      /* after the spool failed */
    LOOK_EVERY_MS = 5000, /* at the spool, should nobody wake us */
};

/* The spool failing us: said once, tried again each second. */
struct snag {
    bool is_on;
    int64_t again_at_ms;
};

struct delivery {
    struct delivery_setup setup;
    struct gate gate;
    struct window window;
    struct trouble trouble;
    char reason[VERDICT_REASON_BYTES]; /* of the gate's trouble */

    struct window_item **in_slot; /* by slot; NULL: free */
    size_t *free_slots, free_count;

    bool may_have_more; /* in the spool */
    int64_t look_at_ms, start_at_ms, settled_since_ms;
    int64_t held_since_ms; /* the first of those held */
    struct snag lease_snag, settle_snag;

    bool is_stopping, is_draining, is_over, is_damaged;
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
    window_init(&d->window);
    d->trouble.key_remedy = setup->key_remedy;
    d->trouble.probe_every_ms = endpoint->probe_every_ms;
    d->in_slot = memory_new(settings.max_in_flight * sizeof(struct window_item *));
    d->free_slots = memory_new(settings.max_in_flight * sizeof(*d->free_slots));
    /* The slot freed last is used next: its connection is the warm one. */
    while (d->free_count < settings.max_in_flight) {
        d->free_slots[d->free_count] = settings.max_in_flight - 1 - d->free_count;
        d->free_count++;
    }
    d->may_have_more = true;
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

/* A spool that is not what was written is for the supervisor to see to. */
static void begin_snag(struct delivery *d, struct snag *snag, const struct error *err,
    const struct now *now, const char *what_we_do)
{
    if (err->kind == ERROR_CORRUPT) {
        what_we_do = "the sender ends, so that what can be read is saved";
        d->is_damaged = true;
        delivery_stop(d, now);
    }
    if (!snag->is_on)
        log_failure(LOG_ERROR, err, what_we_do);
    snag->is_on = true;
    snag->again_at_ms = now->monotonic_ms + AGAIN_MS;
}

static void end_snag(struct snag *snag, const char *what_goes_on)
{
    if (snag->is_on)
        log_write(LOG_INFO, "%s", what_goes_on);
    snag->is_on = false;
}

/* --- answers ----------------------------------------------------------------- */

static void settle_later(struct delivery *d, struct window_item *item, const struct now *now)
{
    if (d->window.settled.count == 0)
        d->settled_since_ms = now->monotonic_ms;
    window_move(item, &d->window.settled);
}

static void set_held_aside(struct delivery *d, const struct now *now)
{
    while (d->window.held.first) {
        struct window_item *item = d->window.held.first;
        struct buffer text = {0};

        if (trouble_describe_rejected(
                &d->trouble, item->event.id, item->reason, now->monotonic_ms, &text))
            log_write(LOG_WARNING, "%.*s", (int)text.len, text.bytes);
        buffer_finish(&text);
        settle_later(d, item, now);
    }
}

static void return_held(struct delivery *d)
{
    for (struct window_item *item = d->window.held.first; item; item = item->next)
        item->is_rejected = false;
    window_move_all(&d->window.held, &d->window.ready);
}

static void hold(struct delivery *d, struct window_item *item, const struct answer *answer,
    const struct judgement *judgement, const struct now *now)
{
    struct span kept = answer->body;

    if (d->window.held.count == 0)
        d->held_since_ms = now->monotonic_ms;
    if (kept.len > LIMIT_ANSWER_KEPT_BYTES)
        kept.len = LIMIT_ANSWER_KEPT_BYTES;
    buffer_clear(&item->answer);
    buffer_append(&item->answer, kept);
    item->is_rejected = true;
    item->rejected_at_s = now->wall_s;
    item->status = answer->status;
    memcpy(item->reason, judgement->reason, sizeof(item->reason));
    window_move(item, &d->window.held);
}

static void take_answer(
    struct delivery *d, size_t slot, const struct answer *answer, const struct now *now)
{
    struct window_item *item = d->in_slot[slot];
    struct judgement judgement = verdict_judge(answer, now->wall_s);
    enum gate_trouble before = d->gate.trouble;
    struct gate_ruling ruling = gate_judge(&d->gate, &item->gate, &judgement, now->monotonic_ms);

    d->in_slot[slot] = NULL;
    d->free_slots[d->free_count++] = slot;
    if (d->gate.trouble != before)
        memcpy(d->reason, judgement.reason, sizeof(d->reason));

    if (ruling.held == HELD_SET_ASIDE)
        set_held_aside(d, now);
    else if (ruling.held == HELD_RETURN)
        return_held(d);
    if (ruling.is_forgiven)
        for (struct window_item *i = d->window.later.first; i; i = i->next)
            gate_forgive(&d->gate, &i->gate, now->monotonic_ms);

    switch (ruling.fate) {
    case FATE_DELIVERED:
        settle_later(d, item, now);
        break;
    case FATE_LATER:
        counter_add(&d->setup.counters->retried, 1);
        window_move(item, &d->window.later);
        break;
    case FATE_HELD:
        hold(d, item, answer, &judgement, now);
        break;
    }
}

static void take_answers(struct delivery *d, const struct now *now)
{
    struct destination *destination = d->setup.destination;
    struct answer answer;
    size_t slot;

    while (destination->verbs->reap(destination, &slot, &answer))
        take_answer(d, slot, &answer, now);
}

/* --- the spool ---------------------------------------------------------------- */

static size_t fill_verdicts(const struct window_list *settled, struct spool_verdict *verdicts)
{
    size_t count = 0;

    for (const struct window_item *item = settled->first; item && count < SETTLE_MOST_EVENTS;
         item = item->next) {
        struct spool_verdict *verdict = &verdicts[count++];

        *verdict = (struct spool_verdict){
            .row = item->event.row,
            .is_rejected = item->is_rejected,
            .at_s = item->rejected_at_s,
            .status = item->status,
            .answer = buffer_span(&item->answer),
        };
        memcpy(verdict->id, item->event.id, sizeof(verdict->id));
    }
    return count;
}

static void drop_settled(struct delivery *d, size_t count)
{
    struct sender_counters *counters = d->setup.counters;

    while (count-- > 0) {
        struct window_item *item = d->window.settled.first;

        counter_add(item->is_rejected ? &counters->rejected : &counters->delivered, 1);
        window_move(item, &d->window.unused);
    }
}

static void count_waiting(struct delivery *d)
{
    struct spool_stats stats;
    struct error err;

    if (spool_stats(d->setup.spool, &stats, &err))
        counter_set(&d->setup.counters->waiting, stats.waiting);
}

static bool settle(struct delivery *d, const struct now *now)
{
    static struct spool_verdict verdicts[SETTLE_MOST_EVENTS];
    struct error err;
    size_t count = fill_verdicts(&d->window.settled, verdicts);

    if (!spool_settle(d->setup.spool, verdicts, count, &err)) {
        begin_snag(d, &d->settle_snag, &err, now,
            "sending nothing more until what was delivered can be noted, trying each second");
        return false;
    }
    end_snag(&d->settle_snag, "what was delivered can be noted again, sending goes on");
    drop_settled(d, count);
    count_waiting(d);
    d->settled_since_ms = now->monotonic_ms;
    return true;
}

/* Many at once while requests are under way; nothing waits when there are none. */
static bool is_settle_due(const struct delivery *d, const struct now *now)
{
    if (d->window.settled.count == 0)
        return false;
    if (d->settle_snag.is_on && !d->is_stopping)
        return now->monotonic_ms >= d->settle_snag.again_at_ms;
    return d->window.settled.count >= SETTLE_MOST_EVENTS || d->window.in_flight.count == 0 ||
           now->monotonic_ms - d->settled_since_ms >= SETTLE_WITHIN_MS;
}

static void settle_due(struct delivery *d, const struct now *now)
{
    while (is_settle_due(d, now) && settle(d, now))
        ;
}

static void lease(struct delivery *d, const struct now *now)
{
    struct spool_event events[LEASE_MOST_EVENTS];
    size_t most = d->window.unused.count, count;
    struct error err;

    if (most > LEASE_MOST_EVENTS)
        most = LEASE_MOST_EVENTS;
    if (!spool_lease(d->setup.spool, events, most, &count, &err)) {
        begin_snag(d, &d->lease_snag, &err, now, "trying each second");
        return;
    }
    end_snag(&d->lease_snag, "the spool can be read again");
    for (size_t i = 0; i < count; i++)
        window_add(&d->window, &events[i]);
    d->may_have_more = count == most;
}

static void lease_enough(struct delivery *d, const struct now *now)
{
    size_t enough = 2 * d->gate.settings.max_in_flight;

    if (now->monotonic_ms >= d->look_at_ms) {
        d->look_at_ms = now->monotonic_ms + LOOK_EVERY_MS;
        d->may_have_more = true;
        count_waiting(d);
    }
    if (d->lease_snag.is_on && now->monotonic_ms < d->lease_snag.again_at_ms)
        return;
    while (d->may_have_more && d->window.ready.count < enough && d->window.unused.count > 0) {
        lease(d, now);
        if (d->lease_snag.is_on)
            return;
    }
}

/* --- requests ------------------------------------------------------------------ */

static void start(struct delivery *d, struct window_item *item)
{
    struct destination *destination = d->setup.destination;
    size_t slot = d->free_slots[--d->free_count];

    gate_start(&d->gate, &item->gate);
    d->in_slot[slot] = item;
    window_move(item, &d->window.in_flight);
    destination->verbs->submit(destination, slot, item->event.body);
}

static void start_probe(struct delivery *d, const struct now *now)
{
    struct window_item *item = window_probe(&d->window, &d->gate);

    if (!item)
        return;
    d->start_at_ms = gate_probe_at_ms(&d->gate, &item->gate);
    if (d->start_at_ms > now->monotonic_ms)
        return;
    d->start_at_ms = INT64_MAX;
    if (d->gate.trouble == GATE_KEY || d->gate.trouble == GATE_UNCLEAR)
        d->setup.renew_key(d->setup.arg);
    start(d, item);
}

static void start_requests(struct delivery *d, const struct now *now)
{
    int64_t next_ready_ms = window_wake(&d->window, now->monotonic_ms);
    size_t permits = gate_permits(&d->gate, d->window.in_flight.count);

    d->start_at_ms = INT64_MAX;
    if (d->is_stopping || d->settle_snag.is_on || permits == 0)
        return;
    if (d->gate.trouble != GATE_FINE) {
        start_probe(d, now);
        return;
    }
    while (permits-- > 0 && d->window.ready.first)
        start(d, d->window.ready.first);
    d->start_at_ms = next_ready_ms;
}

static bool has_nothing_to_start(const struct delivery *d)
{
    return !d->may_have_more && d->window.ready.count == 0 && d->window.in_flight.count == 0;
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
    int64_t wait_ms = d->start_at_ms == INT64_MAX ? 0 : d->start_at_ms - now->monotonic_ms;
    struct buffer text = {0};
    enum log_level level;

    if (trouble_describe(
            &d->trouble, &d->gate, d->reason, wait_ms, now->monotonic_ms, &level, &text))
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
        lease_enough(d, now);
    start_requests(d, now);
    if (has_nothing_to_start(d) && now->monotonic_ms >= held_until_ms(d))
        set_held_aside(d, now);
    settle_due(d, now);
    counter_set(&d->setup.counters->in_flight, d->window.in_flight.count);
    say_trouble(d, now);
    d->is_over = is_end(d, now);
    if (d->is_over && d->window.settled.count > 0)
        settle(d, now);
}

int64_t delivery_deadline_ms(const struct delivery *d)
{
    int64_t due_ms = d->start_at_ms;

    if (d->window.settled.count > 0) {
        int64_t settle_ms = d->settle_snag.is_on ? d->settle_snag.again_at_ms
                                                 : d->settled_since_ms + SETTLE_WITHIN_MS;
        due_ms = settle_ms < due_ms ? settle_ms : due_ms;
    }
    if (d->is_stopping)
        return d->stop_by_ms < due_ms ? d->stop_by_ms : due_ms;
    if (has_nothing_to_start(d) && held_until_ms(d) < due_ms)
        due_ms = held_until_ms(d);
    if (d->lease_snag.is_on && d->lease_snag.again_at_ms < due_ms)
        due_ms = d->lease_snag.again_at_ms;
    return d->look_at_ms < due_ms ? d->look_at_ms : due_ms;
}

void delivery_wake(struct delivery *d)
{
    d->may_have_more = true;
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
    d->may_have_more = true;
}

bool delivery_found_damage(const struct delivery *d)
{
    return d->is_damaged;
}

bool delivery_is_over(const struct delivery *d)
{
    return d->is_over;
}

size_t delivery_unsettled(const struct delivery *d)
{
    return d->window.settled.count;
}
