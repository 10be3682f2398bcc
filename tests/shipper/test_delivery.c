/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/delivery.c with gate, window, verdicts and a real spool behind
 * it, on simulated time.
 */
#include "shipper/sender/delivery.h"
#include "shipper/sender/gate.h"
#include "tests/support/simulation.h"
#include "tests/support/test.h"

#include <stdio.h>

static int set_up(void **state)
{
    struct simulation *s = simulation_new();

    s->seed = 42;
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    simulation_free(*state);
    return 0;
}

/* Every event was taken once, except those in `refused`, which never were. */
static void check_fates(struct simulation *s, bool (*is_refused)(unsigned event))
{
    unsigned refused = 0;

    for (unsigned i = 0; i < s->added; i++) {
        char row[32];

        snprintf(row, sizeof(row), "event %u", i);
        check_number(row, s->accepted[i], is_refused && is_refused(i) ? 0 : 1);
        refused += is_refused && is_refused(i);
    }
    assert_int_equal(simulation_waiting(s), 0);
    assert_int_equal(simulation_rejected(s), refused);
    assert_int_equal(counter_get(&s->shared->sender.delivered), s->added - refused);
    assert_int_equal(counter_get(&s->shared->sender.rejected), refused);
}

static enum gate_trouble trouble(struct simulation *s)
{
    return (enum gate_trouble)counter_get(&s->shared->sender.trouble);
}

static bool is_probe_repeated(const struct simulation *s, size_t first)
{
    for (size_t i = first + 1; i < s->request_count; i++)
        if (s->requests[i].event == s->requests[i - 1].event)
            return true;
    return false;
}

/* --- scripts: what the endpoint answers --------------------------------------- */

static struct reply takes_all(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event, (void)at_ms;
    return reply_taken;
}

static struct reply is_down_for_six_hours(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event;
    return at_ms < 6 * HOUR_MS ? reply_busy : reply_taken;
}

static struct reply asks_for_patience_once(struct simulation *s, unsigned event, int64_t at_ms)
{
    struct reply reply = {429, "", "90", NULL, 20};

    (void)event, (void)at_ms;
    return s->request_count == 0 ? reply : reply_taken;
}

static bool has_new_key;

static struct reply wants_the_new_key(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event, (void)at_ms;
    return has_new_key ? reply_taken : reply_wrong_key;
}

static struct reply is_not_there_for_an_hour(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event;
    return at_ms < HOUR_MS ? (struct reply){404, "<h1>Not Found</h1>", NULL, NULL, 20}
                           : reply_taken;
}

static bool is_13(unsigned event)
{
    return event == 13;
}

static struct reply rejects_13(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)at_ms;
    return is_13(event) ? reply_rejected : reply_taken;
}

static struct reply blocks_13(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)at_ms;
    return is_13(event) ? reply_blocked : reply_taken;
}

static struct reply blocks_all_for_an_hour(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event;
    return at_ms < HOUR_MS ? reply_blocked : reply_taken;
}

static struct reply breaks_on_13(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)at_ms;
    return is_13(event) ? reply_busy : reply_taken;
}

static struct reply rejects_all_for_an_hour(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)event;
    return at_ms < HOUR_MS ? reply_rejected : reply_taken;
}

static bool is_among_the_first_19(unsigned event)
{
    return event < 19;
}

static struct reply rejects_the_first_19(struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)s, (void)at_ms;
    return is_among_the_first_19(event) ? reply_rejected : reply_taken;
}

static struct reply takes_five_seconds(struct simulation *s, unsigned event, int64_t at_ms)
{
    struct reply reply = reply_taken;

    (void)s, (void)event, (void)at_ms;
    reply.after_ms = 5 * SECOND_MS;
    return reply;
}

/* --- the plain way -------------------------------------------------------------- */

static void every_event_is_delivered_once(void **state)
{
    struct simulation *s = *state;

    s->answer = takes_all;
    simulation_add(s, 5000);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, MINUTE_MS));
    check_fates(s, NULL);
    assert_int_equal(s->request_count, 5000);
    assert_int_equal(s->most_in_flight, s->config.max_in_flight);
    assert_int_equal(counter_get(&s->shared->sender.retried), 0);
    assert_int_equal(counter_get(&s->shared->sender.in_flight), 0);
    /* Eight at a time, 20 ms each. */
    assert_in_range(s->now.monotonic_ms, 5000 / 8 * 20, 5000 / 8 * 20 + 200);
}

static void a_new_event_starts_at_once(void **state)
{
    struct simulation *s = *state;

    s->answer = takes_all;
    simulation_begin(s);
    simulation_run(s, 7 * MINUTE_MS);
    simulation_add(s, 1);
    simulation_run(s, s->now.monotonic_ms + 30);
    assert_int_equal(s->requests[0].at_ms, 7 * MINUTE_MS);
    assert_int_equal(simulation_waiting(s), 0); /* settled as soon as nothing was in flight */
}

static void an_event_is_found_though_nobody_wakes_us(void **state)
{
    struct simulation *s = *state;
    struct delivery *asleep;

    s->answer = takes_all;
    simulation_begin(s);
    simulation_run(s, MINUTE_MS);
    asleep = s->delivery;
    s->delivery = NULL;
    simulation_add(s, 1);
    s->delivery = asleep;
    simulation_run(s, MINUTE_MS + 6 * SECOND_MS);
    assert_int_equal(s->accepted[0], 1);
}

/* --- later ------------------------------------------------------------------------ */

static void an_outage_of_six_hours_loses_nothing(void **state)
{
    struct simulation *s = *state;
    size_t in_outage;

    s->answer = is_down_for_six_hours;
    simulation_add(s, 1000);
    simulation_begin(s);
    for (int i = 1; i <= 360; i++) {
        simulation_run(s, i * MINUTE_MS);
        if (i == 1)
            assert_int_equal(trouble(s), GATE_RETRYING);
        simulation_add(s, 10);
    }
    in_outage = s->request_count;
    /* Full jitter between 0 and five minutes: two and a half on the average. */
    assert_in_range(in_outage, 72, 72 * 4);
    for (size_t i = 8; i < in_outage; i++)
        assert_in_range(
            s->requests[i].at_ms - s->requests[i - 1].at_ms, 1, s->config.retry_most_ms + 20);
    assert_false(is_probe_repeated(s, 7));

    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 6 * MINUTE_MS));
    check_fates(s, NULL);
    assert_int_equal(trouble(s), GATE_FINE);
}

static void few_events_come_together_after_an_outage(void **state)
{
    struct simulation *s = *state;
    size_t i;

    s->answer = is_down_for_six_hours;
    simulation_add(s, 3);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 7 * HOUR_MS));
    check_fates(s, NULL);
    /* Nobody waits for a back-off that the endpoint has earned. */
    for (i = 0; s->requests[i].at_ms < 6 * HOUR_MS; i++)
        ;
    assert_in_range(s->now.monotonic_ms - s->requests[i].at_ms, 1, 3 * SECOND_MS);
}

static void back_off_grows_within_its_bounds(void **state)
{
    struct simulation *s = *state;

    s->answer = is_down_for_six_hours;
    s->config.max_in_flight = 1;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, 2 * HOUR_MS);
    assert_in_range(s->request_count, 20, 500);
    for (size_t i = 1; i < s->request_count; i++) {
        int64_t waited_ms = s->requests[i].at_ms - s->requests[i - 1].at_ms - 20;
        int64_t bound_ms = i < 10 ? SECOND_MS << (i - 1) : 5 * MINUTE_MS;

        assert_in_range(waited_ms, 1, bound_ms < 5 * MINUTE_MS ? bound_ms : 5 * MINUTE_MS);
    }
}

static void a_lone_event_is_its_own_probe(void **state)
{
    struct simulation *s = *state;

    s->answer = is_down_for_six_hours;
    simulation_add(s, 1);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 7 * HOUR_MS));
    check_fates(s, NULL);
    assert_in_range(s->request_count, 72, 72 * 4);
}

static void an_event_that_fails_alone_does_not_hold_up_others(void **state)
{
    struct simulation *s = *state;

    s->answer = breaks_on_13;
    simulation_add(s, 1000);
    simulation_begin(s);
    simulation_run(s, 10 * SECOND_MS);
    for (unsigned i = 0; i < 1000; i++)
        if (!is_13(i))
            assert_int_equal(s->accepted[i], 1);
    /* Alone now, for hours: it asks ever less, and a new event passes it at once. */
    simulation_run(s, 6 * HOUR_MS);
    assert_in_range(s->asked[13], 72, 72 * 4);
    for (unsigned i = 0; i < 100; i++) {
        simulation_add(s, 1);
        simulation_run(s, s->now.monotonic_ms + 3 * SECOND_MS);
        assert_int_equal(s->accepted[s->added - 1], 1);
        simulation_run(s, s->now.monotonic_ms + MINUTE_MS);
    }
    assert_int_equal(simulation_waiting(s), 1);
    assert_int_equal(simulation_rejected(s), 0);
}

static void retry_after_is_waited_for(void **state)
{
    struct simulation *s = *state;

    s->answer = asks_for_patience_once;
    s->config.max_in_flight = 1;
    simulation_add(s, 5);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 3 * MINUTE_MS));
    check_fates(s, NULL);
    assert_in_range(s->requests[1].at_ms, 90 * SECOND_MS + 20, 91 * SECOND_MS + 20);
    assert_int_not_equal(s->requests[1].event, s->requests[0].event);
}

/* --- key, destination, settings ----------------------------------------------------- */

static void change_key_after_ten_probes(struct simulation *s)
{
    has_new_key = s->renewals > 10;
}

static void a_wrong_key_keeps_every_event(void **state)
{
    struct simulation *s = *state;

    has_new_key = false;
    s->answer = wants_the_new_key;
    s->renew_key = change_key_after_ten_probes;
    simulation_add(s, 1000);
    simulation_begin(s);
    simulation_run(s, 5 * MINUTE_MS);
    assert_int_equal(trouble(s), GATE_KEY);
    assert_int_equal(simulation_waiting(s), 1000);
    assert_int_equal(s->holdup.why, HOLDUP_KEY);
    assert_in_range(s->now.wall_s - s->holdup.since_s, 299, 300);
    assert_in_range(s->holdup.until_s, s->now.wall_s, s->now.wall_s + 76);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
    assert_int_equal(s->holdup.why, HOLDUP_NOTHING);
    for (size_t i = 8; i < 18; i++) {
        assert_in_range(
            s->requests[i].at_ms - s->requests[i - 1].at_ms, 45 * SECOND_MS, 75 * SECOND_MS + 20);
        assert_in_range(s->asked[s->requests[i].event], 1, 2);
    }
    assert_false(is_probe_repeated(s, 0));
}

/* What waits for its own back-off changes all the time. */
static struct reply fails_every_eighth_event_once(
    struct simulation *s, unsigned event, int64_t at_ms)
{
    (void)at_ms;
    return event % 8 == 7 && s->asked[event] == 0 ? reply_busy : reply_taken;
}

static void hold_ups_are_told_once_a_second_at_most(void **state)
{
    struct simulation *s = *state;

    s->answer = fails_every_eighth_event_once;
    s->config.rate_limit = 50;
    simulation_add(s, 2000);
    simulation_begin(s);
    simulation_run(s, 20 * SECOND_MS);
    assert_int_equal(s->holdup.why, HOLDUP_RATE_LIMIT);
    assert_in_range(s->told, 15, 21);
    assert_true(s->holdup.backing_off > 0);
    simulation_run(s, 5 * MINUTE_MS);
    assert_int_equal(simulation_waiting(s), 0);
    assert_int_equal(s->holdup.why, HOLDUP_NOTHING);
    assert_int_equal(s->holdup.backing_off, 0);
}

static void a_wrong_destination_keeps_every_event(void **state)
{
    struct simulation *s = *state;

    s->answer = is_not_there_for_an_hour;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, 30 * MINUTE_MS);
    assert_int_equal(trouble(s), GATE_DESTINATION);
    assert_in_range(s->request_count, 8 + 20, 8 + 45);
    assert_int_equal(s->renewals, 0);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
}

static void a_poison_event_is_set_aside_and_the_rest_flows(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_13;
    simulation_add(s, 100);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, SECOND_MS));
    check_fates(s, is_13);
    assert_int_equal(s->request_count, 100);
    /* With request and answer. */
    simulation_sql(s, "CREATE TEMP TABLE fault (n CHECK (n = 1));"
                      "INSERT INTO fault SELECT count(*) FROM rejected WHERE status = 200 AND "
                      "CAST(answer AS TEXT) LIKE '%unknown activity_type%' AND "
                      "request LIKE '%{\"n\":13}%' AND at > 1795421470;");
}

static void a_lone_poison_event_is_set_aside_too(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_all_for_an_hour;
    simulation_begin(s);
    for (unsigned i = 0; i < 5; i++) {
        simulation_add(s, 1);
        simulation_run(s, s->now.monotonic_ms + SECOND_MS);
    }
    assert_int_equal(s->request_count, 5);
    assert_int_equal(simulation_rejected(s), 0);
    simulation_run(s, s->now.monotonic_ms + s->config.probe_every_ms);
    assert_int_equal(s->request_count, 5);
    assert_int_equal(simulation_rejected(s), 5);
    assert_int_equal(trouble(s), GATE_FINE);
}

static void nineteen_rejections_before_a_delivery_are_the_events_fault(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_the_first_19;
    s->config.max_in_flight = 1;
    simulation_add(s, 100);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 10 * SECOND_MS));
    check_fates(s, is_among_the_first_19);
    assert_int_equal(s->request_count, 100);
}

static void twenty_rejections_in_a_row_are_the_settings_fault(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_all_for_an_hour;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, 30 * MINUTE_MS);
    assert_int_equal(trouble(s), GATE_SETTINGS);
    assert_int_equal(simulation_waiting(s), 100);
    assert_int_equal(simulation_rejected(s), 0);
    assert_in_range(s->request_count, 20 + 20, 28 + 45);
    assert_false(is_probe_repeated(s, 28));
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
}

static void rejections_soon_after_each_other_are_all_kept(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_all_for_an_hour;
    simulation_begin(s);
    for (unsigned i = 0; i < 50; i++) {
        simulation_add(s, 1);
        simulation_run(s, s->now.monotonic_ms + SECOND_MS);
    }
    assert_int_equal(trouble(s), GATE_SETTINGS);
    assert_int_equal(simulation_rejected(s), 0);
    assert_int_equal(simulation_waiting(s), 50);
}

static void rejections_far_apart_add_up_to_the_settings_fault(void **state)
{
    struct simulation *s = *state;

    s->answer = rejects_all_for_an_hour;
    simulation_begin(s);
    for (unsigned i = 0; i < 25; i++) {
        simulation_add(s, 1);
        simulation_run(s, s->now.monotonic_ms + 2 * s->config.probe_every_ms);
    }
    assert_int_equal(trouble(s), GATE_SETTINGS);
    assert_int_equal(simulation_rejected(s), 19);
    assert_int_equal(simulation_waiting(s), 6);
}

/* --- unclear ------------------------------------------------------------------------- */

static void an_event_that_a_firewall_dislikes_is_tried_twice(void **state)
{
    struct simulation *s = *state;

    s->answer = blocks_13;
    simulation_add(s, 1000);
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 10 * SECOND_MS));
    check_fates(s, is_13);
    assert_int_equal(s->asked[13], 2);
}

static void a_lone_refused_event_is_kept(void **state)
{
    struct simulation *s = *state;

    s->answer = blocks_all_for_an_hour;
    simulation_add(s, 1);
    simulation_begin(s);
    simulation_run(s, 30 * MINUTE_MS);
    assert_int_equal(trouble(s), GATE_UNCLEAR);
    assert_in_range(s->request_count, 20, 45);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
}

static void three_refused_events_mean_the_key(void **state)
{
    struct simulation *s = *state;

    s->answer = blocks_all_for_an_hour;
    s->config.max_in_flight = 1;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, 30 * MINUTE_MS);
    assert_int_equal(trouble(s), GATE_KEY);
    /* The first three follow each other soon, then it is a probe a minute. */
    assert_in_range(s->requests[2].at_ms, 2, 4 * SECOND_MS);
    assert_in_range(s->requests[3].at_ms - s->requests[2].at_ms, 45 * SECOND_MS, 76 * SECOND_MS);
    assert_false(is_probe_repeated(s, 0));
    assert_int_equal(simulation_waiting(s), 100);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
}

/* --- acks, ends, restarts -------------------------------------------------------------- */

static void nothing_starts_while_an_ack_cannot_be_committed(void **state)
{
    struct simulation *s = *state;
    size_t before;

    s->answer = takes_all;
    simulation_add(s, 1000);
    simulation_sql(s, "CREATE TRIGGER broken BEFORE DELETE ON event BEGIN "
                      "SELECT RAISE(ABORT, 'no acks today'); END;");
    simulation_begin(s);
    simulation_run(s, SECOND_MS);
    before = s->request_count;
    /* What could start in the 100 ms until the first acks were due. */
    assert_in_range(before, 8, 8 * 7);
    simulation_run(s, HOUR_MS);
    assert_int_equal(s->request_count, before);
    assert_int_equal(simulation_waiting(s), 1000);

    simulation_sql(s, "DROP TRIGGER broken;");
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, MINUTE_MS));
    check_fates(s, NULL);
}

static void a_stop_waits_for_what_is_in_flight(void **state)
{
    struct simulation *s = *state;

    s->answer = takes_all;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, 45);
    assert_int_equal(s->in_flight, 8);
    delivery_stop(s->delivery, &s->now);
    assert_true(simulation_finish(s, DELIVERY_STOP_MS));
    assert_int_equal(delivery_unsettled(s->delivery), 0);
    assert_int_equal(simulation_waiting(s), 100 - s->request_count);
    assert_in_range(s->now.monotonic_ms, 46, 70);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
    struct simulation *s = *state;

    s->answer = takes_five_seconds;
    simulation_add(s, 100);
    simulation_begin(s);
    simulation_run(s, SECOND_MS);
    delivery_stop(s->delivery, &s->now);
    assert_true(simulation_finish(s, DELIVERY_STOP_MS + 1));
    assert_int_equal(s->now.monotonic_ms, SECOND_MS + DELIVERY_STOP_MS);
    assert_int_equal(simulation_waiting(s), 100);
}

static void a_drain_ends_with_an_empty_spool_only(void **state)
{
    struct simulation *s = *state;

    s->answer = is_not_there_for_an_hour;
    simulation_add(s, 10);
    simulation_begin(s);
    delivery_drain(s->delivery);
    simulation_run(s, 59 * MINUTE_MS);
    assert_false(delivery_is_over(s->delivery));
    assert_true(simulation_finish(s, 5 * MINUTE_MS));
    check_fates(s, NULL);
}

static void an_empty_spool_is_drained_at_once(void **state)
{
    struct simulation *s = *state;

    s->answer = takes_all;
    simulation_begin(s);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 1));
}

/* A week with everything in it, the sender dying now and then. Whatever it was
 * answered, an event is taken, or it was refused and is set aside. */

static uint64_t dice;
static unsigned bad_hours;

static unsigned roll(unsigned sides)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % sides;
}

static bool is_poison(unsigned event)
{
    return event % 97 == 5;
}

static struct reply changes_with_the_weather(struct simulation *s, unsigned event, int64_t at_ms)
{
    static const struct reply weather[] = {
        {503, "", NULL, NULL, 20},
        {429, "", "30", NULL, 20},
        {200, "<html>Sign in</html>", NULL, NULL, 20},
        {404, "", NULL, NULL, 20},
        {0, NULL, NULL, "Connection reset by peer", 10000},
        {403, "<h1>Blocked</h1>", NULL, NULL, 20},
        {302, "", NULL, NULL, 20},
    };
    unsigned hour = (unsigned)(at_ms / HOUR_MS);

    (void)s;
    if (hour % 5 == 1 && hour < bad_hours)
        return weather[(hour / 5) % 7];
    if (hour % 5 == 2 && hour < bad_hours)
        return reply_wrong_key;
    if (is_poison(event))
        return reply_rejected;
    if (hour < bad_hours && roll(100) == 0)
        return reply_busy;
    return reply_taken;
}

static void a_bad_week_loses_nothing_and_doubles_only_what_a_death_cut(void **state)
{
    struct simulation *s = *state;
    unsigned in_flight_at_deaths = 0, doubled = 0;

    dice = s->seed;
    s->answer = changes_with_the_weather;
    s->config.max_in_flight = 16;
    simulation_begin(s);
    bad_hours = test_is_brief() ? 30 : 150;
    for (int hour = 0; hour < (int)bad_hours + 10; hour++) {
        simulation_add(s, 40);
        simulation_run(s, hour * HOUR_MS + 1);
        if (hour % 20 == 13) {
            simulation_run(s, s->now.monotonic_ms + 10);
            in_flight_at_deaths +=
                (unsigned)s->in_flight + (unsigned)delivery_unsettled(s->delivery);
            simulation_end(s);
            simulation_begin(s);
        }
        simulation_run(s, (hour + 1) * HOUR_MS);
    }
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, 2 * HOUR_MS));

    for (unsigned i = 0; i < s->added; i++) {
        char row[32];

        snprintf(row, sizeof(row), "event %u", i);
        check_row(row, is_poison(i) ? s->accepted[i] == 0 : s->accepted[i] >= 1);
        doubled += s->accepted[i] > 1;
    }
    assert_int_equal(simulation_waiting(s), 0);
    assert_in_range(simulation_rejected(s), s->added / 97, s->added / 97 + 1);
    assert_in_range(doubled, 0, in_flight_at_deaths);
}

/* --- all of it -------------------------------------------------------------------- */

/* One answer in ten is lost, though the event was taken. */
static struct reply loses_one_answer_in_ten(struct simulation *s, unsigned event, int64_t at_ms)
{
    struct reply reply = reply_taken;

    (void)event;
    reply.after_ms = 10 + (int64_t)(s->request_count * 7 % 90);
    if ((s->request_count + (size_t)at_ms) % 10 == 0)
        reply.transport_error = "the connection was closed";
    return reply;
}

static void every_repeat_was_in_flight_at_a_cut(void **state)
{
    enum { EVENTS = 8000 };
    const int kills = test_is_brief() ? 10 : 50;
    struct simulation *s = *state;
    uint64_t cut_off = 0, repeats = 0;

    s->answer = loses_one_answer_in_ten;
    s->config.max_in_flight = 64;
    s->config.retry_first_ms = 50;
    simulation_add(s, EVENTS);
    simulation_begin(s);
    for (int i = 0; i < kills; i++) {
        simulation_run(s, s->now.monotonic_ms + 40 + i * 3);
        cut_off += s->in_flight + delivery_unsettled(s->delivery);
        simulation_end(s);
        simulation_begin(s);
    }
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    assert_int_equal(simulation_waiting(s), 0);
    for (unsigned i = 0; i < EVENTS; i++) {
        assert_true(s->accepted[i] >= 1);
        repeats += s->accepted[i] - 1;
    }
    assert_in_range(cut_off, kills, kills * (64 + 1000));
    assert_int_equal(repeats, cut_off + counter_get(&s->shared->sender.retried));
}

enum { DAY_MS = 24 * HOUR_MS };

/* Monday: three hours down. Wednesday: the key is replaced, and nobody tells us for
 * an hour. Friday: too many requests in the first minutes of each hour. And always,
 * one request in fifty times out. */
static struct reply answers_for_a_week(struct simulation *s, unsigned event, int64_t at_ms)
{
    static const struct reply too_many = {429, "", "120", NULL, 20};
    static const struct reply times_out = {0, "", NULL, "Operation timed out", 30 * SECOND_MS};
    int64_t hour = at_ms / HOUR_MS;

    (void)event;
    if (hour >= 9 && hour < 12)
        return reply_busy;
    if (hour == 2 * 24 + 10)
        return reply_wrong_key;
    if (hour / 24 == 4 && at_ms % HOUR_MS < 10 * MINUTE_MS)
        return too_many;
    return s->request_count % 50 == 0 ? times_out : reply_taken;
}

static void a_week_of_outages_rotations_and_storms_loses_nothing(void **state)
{
    struct simulation *s = *state;

    s->answer = answers_for_a_week;
    s->config.max_in_flight = 32;
    simulation_begin(s);
    for (int64_t at_ms = 0; at_ms < (test_is_brief() ? DAY_MS : 7 * DAY_MS);
         at_ms += 10 * MINUTE_MS) {
        simulation_add(s, 8);
        simulation_run(s, at_ms + 10 * MINUTE_MS);
    }
    assert_int_equal(trouble(s), GATE_FINE);
    delivery_drain(s->delivery);
    assert_true(simulation_finish(s, HOUR_MS));
    check_fates(s, NULL);
    /* No storm of ours: hardly more requests than events. */
    assert_in_range(s->request_count, s->added, s->added + s->added / 10);
}

int main(void)
{
#define row(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        row(every_event_is_delivered_once),
        row(a_new_event_starts_at_once),
        row(an_event_is_found_though_nobody_wakes_us),
        row(an_outage_of_six_hours_loses_nothing),
        row(few_events_come_together_after_an_outage),
        row(back_off_grows_within_its_bounds),
        row(a_lone_event_is_its_own_probe),
        row(an_event_that_fails_alone_does_not_hold_up_others),
        row(retry_after_is_waited_for),
        row(a_wrong_key_keeps_every_event),
        row(hold_ups_are_told_once_a_second_at_most),
        row(a_wrong_destination_keeps_every_event),
        row(a_poison_event_is_set_aside_and_the_rest_flows),
        row(a_lone_poison_event_is_set_aside_too),
        row(nineteen_rejections_before_a_delivery_are_the_events_fault),
        row(twenty_rejections_in_a_row_are_the_settings_fault),
        row(rejections_soon_after_each_other_are_all_kept),
        row(rejections_far_apart_add_up_to_the_settings_fault),
        row(an_event_that_a_firewall_dislikes_is_tried_twice),
        row(a_lone_refused_event_is_kept),
        row(three_refused_events_mean_the_key),
        row(nothing_starts_while_an_ack_cannot_be_committed),
        row(a_stop_waits_for_what_is_in_flight),
        row(a_stop_does_not_wait_for_ever),
        row(a_drain_ends_with_an_empty_spool_only),
        row(an_empty_spool_is_drained_at_once),
        row(a_bad_week_loses_nothing_and_doubles_only_what_a_death_cut),
        row(every_repeat_was_in_flight_at_a_cut),
        row(a_week_of_outages_rotations_and_storms_loses_nothing),
    };

    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
