/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/gate.c and backoff.c through their headers: what an answer does
 * to its event and to the gate. test_delivery.c has the whole.
 */
#include "parsers/limits.h"
#include "shipper/sender/backoff.h"
#include "shipper/sender/gate.h"
#include "tests/support/test.h"

enum { FIRST_MS = 1000, MOST_MS = 60000, PROBE_MS = 40000, IN_FLIGHT = 32 };

static struct gate gate;
static struct gate_event events[64];

static int set_up(void **state)
{
    (void)state;
    gate_init(&gate, &(struct gate_settings){.retry_first_ms = FIRST_MS,
                         .retry_most_ms = MOST_MS,
                         .probe_every_ms = PROBE_MS,
                         .max_in_flight = IN_FLIGHT,
                         .seed = 7});
    for (int64_t i = 0; i < 64; i++)
        events[i] = (struct gate_event){.row = i + 1};
    return 0;
}

static struct gate_ruling judge(unsigned event, enum verdict verdict, int64_t now_ms)
{
    struct judgement judgement = {.verdict = verdict, .retry_after_ms = -1};

    return gate_judge(&gate, &events[event], &judgement, now_ms);
}

/* Starts it first: the probe, if the gate is closed. */
static struct gate_ruling ask(unsigned event, enum verdict verdict, int64_t now_ms)
{
    gate_start(&gate, &events[event]);
    return judge(event, verdict, now_ms);
}

static void full_jitter_fills_its_bounds(void **state)
{
    static const int64_t bounds[] = {0, 100, 200, 400, 800, 1000, 1000};
    uint64_t seed = 1;

    (void)state;
    for (unsigned attempt = 1; attempt < sizeof(bounds) / sizeof(*bounds); attempt++) {
        int64_t least = INT64_MAX, most = 0;

        for (int i = 0; i < 2000; i++) {
            int64_t ms = backoff_ms(&seed, 100, 1000, attempt);
            least = ms < least ? ms : least;
            most = ms > most ? ms : most;
        }
        assert_in_range(least, 1, bounds[attempt] / 50);
        assert_in_range(most, bounds[attempt] - bounds[attempt] / 50, bounds[attempt]);
    }
    assert_in_range(backoff_ms(&seed, 100, 1000, UINT32_MAX), 1, 1000);
    assert_int_equal(backoff_ms(&seed, 1, 1, 9), 1);
    for (int i = 0; i < 2000; i++)
        assert_in_range(backoff_around_ms(&seed, 1000), 750, 1250);
}

static void an_open_gate_permits_what_is_not_in_flight(void **state)
{
    (void)state;
    assert_int_equal(gate_permits(&gate, 0), IN_FLIGHT);
    assert_int_equal(gate_permits(&gate, 30), 2);
    assert_int_equal(gate_permits(&gate, IN_FLIGHT), 0);
}

static void a_closed_gate_permits_one_probe(void **state)
{
    (void)state;
    ask(0, VERDICT_RETRY, 0);
    assert_int_equal(gate_permits(&gate, 0), 1);
    assert_int_equal(gate_permits(&gate, IN_FLIGHT), 0);
    gate_start(&gate, &events[1]);
    assert_int_equal(gate_permits(&gate, 1), 0);
    judge(1, VERDICT_RETRY, 10);
    assert_int_equal(gate_permits(&gate, 0), 1);
}

static void only_a_delivered_probe_opens_it(void **state)
{
    (void)state;
    ask(0, VERDICT_RETRY, 0);
    assert_int_equal(judge(1, VERDICT_DELIVERED, 5).fate, FATE_DELIVERED); /* a straggler */
    assert_int_equal(gate.trouble, GATE_RETRYING);
    ask(2, VERDICT_REJECTED, 10);
    assert_int_equal(gate.trouble, GATE_RETRYING);
    assert_int_equal(gate.probe_at_ms, 10);
    ask(3, VERDICT_DELIVERED, 10);
    assert_int_equal(gate.trouble, GATE_FINE);
    assert_int_equal(gate_permits(&gate, 0), IN_FLIGHT);
}

static void many_time_outs_at_once_count_as_one_failure(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        judge(i, VERDICT_RETRY, 0);
    assert_int_equal(gate.step, 1);
    assert_in_range(gate.probe_at_ms, 1, FIRST_MS);
    ask(40, VERDICT_RETRY, 2000);
    assert_int_equal(gate.step, 2);
    assert_in_range(gate.probe_at_ms, 2001, 2000 + 2 * FIRST_MS);
}

static void one_event_failing_alone_lengthens_its_own_back_off(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        ask(0, VERDICT_RETRY, 0);
    assert_int_equal(gate.step, 1);
    assert_in_range(gate.probe_at_ms, 1, FIRST_MS);
    assert_in_range(events[0].not_before_ms, 1, MOST_MS);
    assert_int_equal(events[0].retries, 10);
    /* It waits, another need not. */
    events[0].not_before_ms = 50000;
    assert_int_equal(gate_probe_at_ms(&gate, &events[0]), 50000);
    assert_int_equal(gate_probe_at_ms(&gate, &events[1]), gate.probe_at_ms);
    assert_false(ask(1, VERDICT_DELIVERED, 1000).is_forgiven);
}

static void different_events_failing_are_the_endpoints_fault(void **state)
{
    (void)state;
    ask(0, VERDICT_RETRY, 0);
    ask(1, VERDICT_RETRY, 1000);
    events[0].not_before_ms = 50000;
    assert_true(ask(2, VERDICT_DELIVERED, 3000).is_forgiven);
    gate_forgive(&gate, &events[0], 3000);
    assert_in_range(events[0].not_before_ms, 3001, 3000 + FIRST_MS);
    assert_int_equal(events[0].retries, 0);
}

static void failures_among_deliveries_leave_it_open(void **state)
{
    (void)state;
    ask(0, VERDICT_DELIVERED, 0);
    for (unsigned i = 1; i < 60; i++) {
        struct gate_ruling ruling =
            ask(i, i % LIMIT_FAILED_IN_ROW ? VERDICT_RETRY : VERDICT_DELIVERED, 0);

        assert_int_equal(gate.trouble, GATE_FINE);
        if (ruling.fate == FATE_LATER)
            assert_in_range(events[i].not_before_ms, 1, FIRST_MS);
    }
    for (unsigned i = 0; i < LIMIT_FAILED_IN_ROW; i++) {
        assert_int_equal(gate.trouble, GATE_FINE);
        ask(60, VERDICT_DELIVERED, 0);
        for (unsigned j = 0; j <= i; j++)
            ask(j, VERDICT_RETRY, 0);
    }
    assert_int_equal(gate.trouble, GATE_RETRYING);
}

static void a_wish_to_wait_closes_it_at_once(void **state)
{
    struct judgement judgement = {.verdict = VERDICT_RETRY, .retry_after_ms = 5000};

    (void)state;
    ask(0, VERDICT_DELIVERED, 0);
    gate_judge(&gate, &events[1], &judgement, 0);
    assert_int_equal(gate.trouble, GATE_RETRYING);
    assert_in_range(gate.probe_at_ms, 5001, 5000 + FIRST_MS);
}

static void a_known_failure_is_old_news_until_another_event_fails(void **state)
{
    (void)state;
    ask(0, VERDICT_RETRY, 0);
    assert_false(gate.is_old_news);
    ask(1, VERDICT_DELIVERED, 1000);
    for (unsigned i = 0; i < LIMIT_FAILED_IN_ROW; i++)
        ask(0, VERDICT_RETRY, 2000);
    assert_true(gate.is_old_news);
    ask(1, VERDICT_RETRY, 3000);
    assert_false(gate.is_old_news);
}

static void the_probe_is_another_event_and_a_fresh_one(void **state)
{
    (void)state;
    ask(0, VERDICT_RETRY, 0);
    assert_true(gate_prefers(&gate, &events[1], &events[0]));
    assert_false(gate_prefers(&gate, &events[0], &events[1]));
    ask(1, VERDICT_RETRY, 0);
    assert_true(gate_prefers(&gate, &events[0], &events[1]));
    assert_true(gate_prefers(&gate, &events[2], &events[0]));
    assert_false(gate_prefers(&gate, &events[2], &events[3]));
}

static void retry_after_is_a_minimum_with_jitter_on_top(void **state)
{
    struct judgement judgement = {.verdict = VERDICT_RETRY, .retry_after_ms = 30000};

    (void)state;
    gate_judge(&gate, &events[0], &judgement, 1000);
    assert_in_range(gate.probe_at_ms, 31001, 31000 + FIRST_MS);
    /* A straggler's wish counts too, a shorter one shortens nothing. */
    judgement.retry_after_ms = 50000;
    gate_judge(&gate, &events[1], &judgement, 1000);
    assert_in_range(gate.probe_at_ms, 51001, 51000 + FIRST_MS);
    judgement.retry_after_ms = 0;
    gate_judge(&gate, &events[2], &judgement, 1000);
    assert_in_range(gate.probe_at_ms, 51001, 51000 + FIRST_MS);
}

static void a_straggler_moves_the_gate_for_worse_trouble_only(void **state)
{
    int64_t probe_at_ms;

    (void)state;
    judge(0, VERDICT_RETRY, 0);
    judge(1, VERDICT_KEY, 0);
    assert_int_equal(gate.trouble, GATE_KEY);
    assert_in_range(gate.probe_at_ms, PROBE_MS * 3 / 4, PROBE_MS * 5 / 4);
    probe_at_ms = gate.probe_at_ms;
    judge(2, VERDICT_RETRY, 0);
    judge(3, VERDICT_DESTINATION, 0);
    judge(4, VERDICT_KEY, 20000);
    assert_int_equal(gate.trouble, GATE_KEY);
    assert_int_equal(gate.probe_at_ms, probe_at_ms);
    /* A probe tells what is wrong now. */
    ask(5, VERDICT_RETRY, 50000);
    assert_int_equal(gate.trouble, GATE_RETRYING);
}

static void a_rejected_event_is_held_until_a_delivery(void **state)
{
    struct gate_ruling ruling;

    (void)state;
    ruling = ask(0, VERDICT_REJECTED, 0);
    assert_int_equal(ruling.fate, FATE_HELD);
    assert_int_equal(ruling.held, HELD_STAY);
    assert_int_equal(gate.trouble, GATE_FINE);
    assert_int_equal(ask(1, VERDICT_DELIVERED, 0).held, HELD_SET_ASIDE);
}

static void the_twentieth_rejection_returns_those_held(void **state)
{
    struct gate_ruling ruling;

    (void)state;
    for (unsigned i = 0; i < LIMIT_REJECTED_IN_ROW - 1; i++)
        assert_int_equal(ask(i, VERDICT_REJECTED, 0).fate, FATE_HELD);
    ruling = ask(30, VERDICT_REJECTED, 0);
    assert_int_equal(ruling.fate, FATE_LATER);
    assert_int_equal(ruling.held, HELD_RETURN);
    assert_int_equal(gate.trouble, GATE_SETTINGS);
    assert_in_range(gate.probe_at_ms, PROBE_MS * 3 / 4, PROBE_MS * 5 / 4);
    /* From then on none is held, until one is delivered. */
    assert_int_equal(judge(31, VERDICT_REJECTED, 0).fate, FATE_LATER);
    assert_int_equal(ask(32, VERDICT_REJECTED, 60000).fate, FATE_LATER);
    assert_true(gate.probe_at_ms > 60000);
    ask(33, VERDICT_DELIVERED, 120000);
    assert_int_equal(gate.trouble, GATE_FINE);
    assert_int_equal(ask(34, VERDICT_REJECTED, 120000).fate, FATE_HELD);
}

static void a_wrong_key_returns_those_held(void **state)
{
    (void)state;
    ask(0, VERDICT_REJECTED, 0);
    assert_int_equal(ask(1, VERDICT_KEY, 0).held, HELD_RETURN);
}

static void refused_on_both_sides_of_a_delivery_is_held(void **state)
{
    struct gate_ruling ruling;

    (void)state;
    ruling = ask(0, VERDICT_UNCLEAR, 0);
    assert_int_equal(ruling.fate, FATE_LATER);
    assert_int_equal(gate.trouble, GATE_UNCLEAR);
    assert_in_range(gate.probe_at_ms, 1, FIRST_MS);
    ask(1, VERDICT_DELIVERED, 1000);
    assert_int_equal(ask(0, VERDICT_UNCLEAR, 1000).fate, FATE_HELD);
    assert_int_equal(gate.trouble, GATE_FINE);
    assert_int_equal(ask(2, VERDICT_DELIVERED, 1000).held, HELD_SET_ASIDE);
}

static void one_event_refused_often_does_not_mean_the_key(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(ask(0, VERDICT_UNCLEAR, 0).fate, FATE_LATER);
    assert_int_equal(gate.trouble, GATE_UNCLEAR);
    assert_in_range(gate.probe_at_ms, PROBE_MS * 3 / 4, PROBE_MS * 5 / 4);
}

static void three_different_events_refused_mean_the_key(void **state)
{
    (void)state;
    ask(0, VERDICT_UNCLEAR, 0);
    ask(1, VERDICT_UNCLEAR, 0);
    assert_int_equal(gate.trouble, GATE_UNCLEAR);
    assert_int_equal(ask(2, VERDICT_UNCLEAR, 0).held, HELD_RETURN);
    assert_int_equal(gate.trouble, GATE_KEY);
    /* Then the key is changed: they are not at fault, for all we know. */
    ask(3, VERDICT_DELIVERED, 90000);
    assert_int_equal(ask(0, VERDICT_DELIVERED, 90000).fate, FATE_DELIVERED);
}

int main(void)
{
#define row(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        row(full_jitter_fills_its_bounds),
        row(an_open_gate_permits_what_is_not_in_flight),
        row(a_closed_gate_permits_one_probe),
        row(only_a_delivered_probe_opens_it),
        row(many_time_outs_at_once_count_as_one_failure),
        row(one_event_failing_alone_lengthens_its_own_back_off),
        row(different_events_failing_are_the_endpoints_fault),
        row(failures_among_deliveries_leave_it_open),
        row(a_wish_to_wait_closes_it_at_once),
        row(a_known_failure_is_old_news_until_another_event_fails),
        row(the_probe_is_another_event_and_a_fresh_one),
        row(retry_after_is_a_minimum_with_jitter_on_top),
        row(a_straggler_moves_the_gate_for_worse_trouble_only),
        row(a_rejected_event_is_held_until_a_delivery),
        row(the_twentieth_rejection_returns_those_held),
        row(a_wrong_key_returns_those_held),
        row(refused_on_both_sides_of_a_delivery_is_held),
        row(one_event_refused_often_does_not_mean_the_key),
        row(three_different_events_refused_mean_the_key),
    };

    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
