/* SPDX-License-Identifier: MIT
 *
 * What comes back: its verdict, the gate's ruling on it, and what becomes of the
 * event and of those held before.
 */
#include "shipper/sender/delivery_inside.h"

void delivery_set_aside(struct delivery *d, struct window_item *item, const struct now *now)
{
    struct buffer text = {0};

    if (trouble_describe_rejected(
            &d->trouble, item->event.id, item->refusal->reason, now->monotonic_ms, &text))
        log_write(LOG_WARNING, "%.*s", (int)text.len, text.bytes);
    buffer_finish(&text);
    stock_done(&d->stock, item, now);
}

void delivery_set_held_aside(struct delivery *d, const struct now *now)
{
    while (d->window.held.first)
        delivery_set_aside(d, d->window.held.first, now);
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
    struct delivery_known_answer *known, const struct answer *answer, int64_t wall_s)
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

/* The gate opened or closed, or it stays closed, perhaps for another reason. */
static void note_trouble(struct delivery *d, enum gate_trouble before, bool was_probe,
    const char *reason, const struct now *now)
{
    if (d->gate.trouble != before || was_probe) {
        memcpy(d->reason, reason, sizeof(d->reason));
        d->trouble.is_key_missing = false;
    }
    if (d->gate.trouble == before)
        return;
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
        delivery_set_held_aside(d, now);
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

static void count_answer(struct delivery *d, const struct answer *answer,
    const struct judgement *judgement, const struct now *now)
{
    struct sender_counters *counters = d->setup.counters;

    answers_add(d->setup.answers, answer, judgement, now->wall_s);
    counter_add(&counters->answers[judgement->verdict], 1);
    counter_set(&counters->last_answer_s, (uint64_t)now->wall_s);
    counter_set(&counters->last_status, (uint64_t)d->setup.answers->last_status);
    if (answer->transport_error)
        return;
    counter_add(&counters->latency[answers_bucket(answer->took_us)], 1);
    counter_add(&counters->latency_us, answer->took_us);
}

static void take_answer(
    struct delivery *d, size_t slot, const struct answer *answer, const struct now *now)
{
    struct window_item *item = d->in_slot[slot];
    struct judgement judgement = judge(&d->known, answer, now->wall_s);
    enum gate_trouble before = d->gate.trouble;
    bool was_probe = item->gate.is_probe;
    struct gate_ruling ruling;

    count_answer(d, answer, &judgement, now);
    pace_answer(
        &d->pace, judgement.verdict == VERDICT_RETRY, d->window.in_flight.count, now->monotonic_ms);
    ruling = gate_judge(&d->gate, &item->gate, &judgement, now->monotonic_ms);
    d->in_slot[slot] = NULL;
    d->free_slots[d->free_count++] = slot;
    note_trouble(d, before, was_probe, judgement.reason, now);
    carry_out(d, &ruling, item, answer, judgement.reason, now);
}

void delivery_take_answers(struct delivery *d, const struct now *now)
{
    struct destination *destination = d->setup.destination;
    struct answer answer;
    size_t slot;

    while (destination->verbs->reap(destination, &slot, &answer))
        take_answer(d, slot, &answer, now);
}

int64_t delivery_held_until_ms(const struct delivery *d)
{
    if (d->window.held.count == 0)
        return INT64_MAX;
    return d->is_draining ? d->held_since_ms : d->held_since_ms + d->setup.endpoint->probe_every_ms;
}
