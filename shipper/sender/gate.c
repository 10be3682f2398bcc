/* SPDX-License-Identifier: MIT
 *
 * One function for each verdict. A straggler is a request that was under way
 * when the gate closed: its event gets its fate, but the gate moves only for
 * worse trouble, so that 32 time-outs at once count as one failure.
 */
#include "shipper/sender/gate.h"

#include "parsers/limits.h"
#include "shipper/sender/backoff.h"

void gate_init(struct gate *gate, const struct gate_settings *settings)
{
    *gate =
        (struct gate){.settings = *settings, .spell = 1, .failed_in_row = LIMIT_FAILED_IN_ROW - 1};
}

size_t gate_permits(const struct gate *gate, size_t in_flight)
{
    if (in_flight >= gate->settings.max_in_flight)
        return 0;
    if (gate->trouble == GATE_FINE)
        return gate->settings.max_in_flight - in_flight;
    return gate->is_probing ? 0 : 1;
}

int64_t gate_probe_at_ms(const struct gate *gate, const struct gate_event *event)
{
    if (event->row == gate->failed_row && event->not_before_ms > gate->probe_at_ms)
        return event->not_before_ms;
    return gate->probe_at_ms;
}

bool gate_prefers(const struct gate *gate, const struct gate_event *a, const struct gate_event *b)
{
    bool a_failed = a->row == gate->failed_row, b_failed = b->row == gate->failed_row;

    return a_failed != b_failed ? b_failed : a->tries < b->tries;
}

void gate_start(struct gate *gate, struct gate_event *event)
{
    if (gate->trouble == GATE_FINE)
        return;
    gate->is_probing = true;
    event->is_probe = true;
}

static int64_t backoff(struct gate *gate, unsigned attempt)
{
    return backoff_ms(
        &gate->settings.seed, gate->settings.retry_first_ms, gate->settings.retry_most_ms, attempt);
}

static int64_t until_slow_probe(struct gate *gate)
{
    return backoff_around_ms(&gate->settings.seed, gate->settings.probe_every_ms);
}

/* Whether this answer may close the gate for `trouble` or keep it closed. */
static bool is_moving(const struct gate *gate, enum gate_trouble trouble, bool was_probe)
{
    return was_probe || trouble > gate->trouble;
}

static struct gate_ruling delivered(struct gate *gate, bool was_probe)
{
    struct gate_ruling ruling = {FATE_DELIVERED, HELD_SET_ASIDE, false};

    gate->rejected_in_row = gate->failed_in_row = 0;
    gate->refused = 0;
    if (was_probe) {
        /* Different events failed, and now one passes: it was not the events. */
        ruling.is_forgiven = gate->step > 1;
        gate->trouble = GATE_FINE;
        gate->step = 0;
        gate->spell++;
    }
    return ruling;
}

static struct gate_ruling retry(struct gate *gate, struct gate_event *event,
    const struct judgement *judgement, int64_t now_ms, bool was_probe)
{
    event->retries++;
    event->not_before_ms = now_ms + backoff(gate, event->retries);
    if (gate->failed_in_row < LIMIT_FAILED_IN_ROW)
        gate->failed_in_row++;
    if (gate->failed_in_row < LIMIT_FAILED_IN_ROW && judgement->retry_after_ms < 0 &&
        gate->trouble == GATE_FINE)
        return (struct gate_ruling){FATE_LATER, HELD_STAY, false};
    if (is_moving(gate, GATE_RETRYING, was_probe)) {
        if (gate->trouble == GATE_FINE)
            gate->is_old_news = event->retries > 1;
        /* One event failing alone has its own back-off and does not lengthen that of the rest. */
        if (gate->step == 0 || event->row != gate->failed_row)
            gate->step++;
        if (gate->step > 1)
            gate->is_old_news = false;
        gate->trouble = GATE_RETRYING;
        gate->probe_at_ms = now_ms + backoff(gate, gate->step);
    }
    if (judgement->retry_after_ms >= 0) {
        int64_t wished_ms = now_ms + judgement->retry_after_ms + backoff(gate, 1);
        if (wished_ms > gate->probe_at_ms)
            gate->probe_at_ms = wished_ms;
    }
    return (struct gate_ruling){FATE_LATER, HELD_STAY, false};
}

/* What was held may have been refused for the same reason: it gets another try. */
static struct gate_ruling close_for_slow_probes(
    struct gate *gate, enum gate_trouble trouble, int64_t now_ms, bool was_probe)
{
    if (!is_moving(gate, trouble, was_probe))
        return (struct gate_ruling){FATE_LATER, HELD_STAY, false};
    gate->trouble = trouble;
    gate->probe_at_ms = now_ms + until_slow_probe(gate);
    return (struct gate_ruling){FATE_LATER, HELD_RETURN, false};
}

static struct gate_ruling rejected(struct gate *gate, int64_t now_ms, bool was_probe)
{
    if (gate->rejected_in_row < LIMIT_REJECTED_IN_ROW)
        gate->rejected_in_row++;
    if (gate->rejected_in_row == LIMIT_REJECTED_IN_ROW)
        return close_for_slow_probes(gate, GATE_SETTINGS, now_ms, was_probe);
    if (was_probe)
        gate->probe_at_ms = now_ms; /* it told nothing: ask at once with the next */
    return (struct gate_ruling){FATE_HELD, HELD_STAY, false};
}

static struct gate_ruling unclear(
    struct gate *gate, struct gate_event *event, int64_t now_ms, bool was_probe)
{
    bool is_repeated = event->refused_in == gate->spell;

    if (event->refused_in != 0 && !is_repeated)
        return rejected(gate, now_ms, was_probe); /* refused on both sides of a delivery */
    event->refused_in = gate->spell;
    if (!is_repeated)
        gate->refused++;
    if (gate->refused >= LIMIT_REFUSED_DIFFERENT)
        return close_for_slow_probes(gate, GATE_KEY, now_ms, was_probe);
    if (is_moving(gate, GATE_UNCLEAR, was_probe)) {
        gate->trouble = GATE_UNCLEAR;
        /* Another event will soon tell; the same one again will not. */
        gate->probe_at_ms =
            now_ms + (is_repeated ? until_slow_probe(gate) : backoff(gate, gate->refused));
    }
    return (struct gate_ruling){FATE_LATER, HELD_STAY, false};
}

struct gate_ruling gate_judge(
    struct gate *gate, struct gate_event *event, const struct judgement *judgement, int64_t now_ms)
{
    bool was_probe = event->is_probe;
    struct gate_ruling ruling = {FATE_LATER, HELD_STAY, false};

    if (was_probe)
        gate->is_probing = event->is_probe = false;
    if (judgement->verdict == VERDICT_DELIVERED)
        return delivered(gate, was_probe);

    event->tries++;
    event->not_before_ms = 0;
    switch (judgement->verdict) {
    case VERDICT_DELIVERED:
        break;
    case VERDICT_RETRY:
        ruling = retry(gate, event, judgement, now_ms, was_probe);
        break;
    case VERDICT_REJECTED:
        ruling = rejected(gate, now_ms, was_probe);
        break;
    case VERDICT_KEY:
        ruling = close_for_slow_probes(gate, GATE_KEY, now_ms, was_probe);
        break;
    case VERDICT_DESTINATION:
        ruling = close_for_slow_probes(gate, GATE_DESTINATION, now_ms, was_probe);
        break;
    case VERDICT_UNCLEAR:
        ruling = unclear(gate, event, now_ms, was_probe);
        break;
    }
    gate->failed_row = event->row;
    return ruling;
}

void gate_forgive(struct gate *gate, struct gate_event *event, int64_t now_ms)
{
    int64_t soon_ms = now_ms + backoff(gate, 1);

    event->retries = 0;
    if (event->not_before_ms > soon_ms)
        event->not_before_ms = soon_ms;
}
