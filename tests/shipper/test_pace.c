/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/pace.c on simulated time, against endpoints that are a formula.
 */
#include "shipper/sender/pace.h"
#include "tests/support/test.h"

enum { MOST = 256, REQUESTS = 4096 };

/* An endpoint that needs so long for a request, has so many servers, and queues what
 * they are too busy for. */
struct model {
    int64_t takes_ms, varies_ms;
    size_t servers;
    int64_t free_at_ms[REQUESTS]; /* each server */
    int64_t due_ms[REQUESTS];     /* of the requests under way */
    size_t in_flight;
    uint64_t answered, random;
    double level_sum; /* over the milliseconds */
};

static struct pace pace;
static struct model model;

static void submit(int64_t now_ms)
{
    size_t best = 0;
    int64_t begins_ms, takes_ms = model.takes_ms;

    for (size_t i = 1; i < model.servers; i++)
        if (model.free_at_ms[i] < model.free_at_ms[best])
            best = i;
    model.random = model.random * 6364136223846793005u + 1442695040888963407u;
    if (model.varies_ms > 0)
        takes_ms += (int64_t)((model.random >> 33) % (uint64_t)model.varies_ms);
    begins_ms = model.free_at_ms[best] > now_ms ? model.free_at_ms[best] : now_ms;
    model.free_at_ms[best] = begins_ms + takes_ms;
    model.due_ms[model.in_flight++] = begins_ms + takes_ms;
    pace_start(&pace);
}

/* A backlog without end, from then until then; returns the answers in it. */
static uint64_t run(int64_t from_ms, int64_t until_ms, bool is_too_much)
{
    uint64_t before = model.answered;

    model.level_sum = 0;
    for (int64_t now_ms = from_ms; now_ms < until_ms; now_ms++) {
        for (size_t i = 0; i < model.in_flight;) {
            if (model.due_ms[i] > now_ms) {
                i++;
                continue;
            }
            pace_answer(&pace, is_too_much, model.in_flight, now_ms);
            model.due_ms[i] = model.due_ms[--model.in_flight];
            model.answered++;
        }
        for (size_t permits = pace_permits(&pace, model.in_flight, now_ms); permits > 0; permits--)
            submit(now_ms);
        model.level_sum += pace.level;
    }
    return model.answered - before;
}

static void begin(int64_t takes_ms, int64_t varies_ms, size_t servers)
{
    model = (struct model){.takes_ms = takes_ms, .varies_ms = varies_ms, .servers = servers};
    pace_init(&pace, MOST, 0);
}

static void climbs_to_the_most_while_the_endpoint_takes_more(void **state)
{
    (void)state;
    begin(50, 0, REQUESTS);
    run(0, 3000, false);
    assert_in_range(run(3000, 13000, false), 256 * 20 * 10 * 9 / 10, 256 * 20 * 10);
}

/* One until there are twice as many, one to see how fast that is. */
static void twice_as_many_take_the_time_of_two_answers(void **state)
{
    (void)state;
    begin(50, 0, REQUESTS);
    run(0, 101, false);
    assert_int_equal((int)pace.level, 64);
    run(101, 201, false);
    assert_int_equal((int)pace.level, 128);
    run(201, 301, false);
    assert_int_equal((int)pace.level, 256);
}

static void answers_of_any_length_do_not_keep_it_down(void **state)
{
    (void)state;
    begin(20, 1000, REQUESTS);
    run(0, 20000, false);
    /* 520 ms on the average. */
    assert_in_range(run(20000, 40000, false), 256 * 20 * 1000 / 520 * 8 / 10, INT32_MAX);
}

static void answers_of_five_seconds_do_not_keep_it_down(void **state)
{
    (void)state;
    begin(5000, 0, REQUESTS);
    run(0, 120000, false);
    assert_in_range(run(120000, 170000, false), 256 * 10 * 8 / 10, 256 * 10);
}

static void finds_the_level_beyond_which_the_endpoint_only_queues(void **state)
{
    (void)state;
    begin(50, 0, 64);
    run(0, 30000, false);
    assert_in_range(run(30000, 90000, false), 64 * 20 * 60 * 9 / 10, 64 * 20 * 60);
    assert_in_range(model.level_sum / 60000, 50, 110);
}

static void follows_an_endpoint_that_becomes_able_to_take_more(void **state)
{
    (void)state;
    begin(50, 0, 16);
    run(0, 30000, false);
    assert_in_range(pace.level, 1, 40);
    model.servers = REQUESTS;
    run(30000, 90000, false);
    assert_in_range(pace.level, 180, MOST);
}

static void too_much_halves_it_once_for_all_that_were_under_way(void **state)
{
    double level;

    (void)state;
    begin(50, 0, REQUESTS);
    run(0, 5000, false);
    level = pace.level;
    for (size_t in_flight = model.in_flight; in_flight > 0; in_flight--)
        pace_answer(&pace, true, in_flight, 5000);
    assert_in_range(pace.level, level / 2 - 1, level / 2 + 1);
    pace_answer(&pace, true, 10, 5001);
    assert_in_range(pace.level, level / 4 - 1, level / 4 + 1);
}

static void never_falls_below_one(void **state)
{
    (void)state;
    begin(10, 0, REQUESTS);
    run(0, 10000, true);
    assert_int_equal((int)pace.level, 1);
    assert_int_equal(pace_permits(&pace, 0, 20000), 1);
    assert_int_equal(pace_permits(&pace, 1, 20000), 0);
}

static void an_idle_sender_keeps_its_level(void **state)
{
    double level;

    (void)state;
    begin(50, 0, REQUESTS);
    run(0, 5000, false);
    level = pace.level;
    for (int64_t now_ms = 10000; now_ms < 100000; now_ms += 50) {
        pace_permits(&pace, 0, now_ms);
        pace_start(&pace);
        pace_answer(&pace, false, 1, now_ms);
    }
    assert_in_range(pace.level, level, level);
}

static void the_rate_limit_holds(void **state)
{
    uint64_t answers;

    (void)state;
    begin(5, 0, REQUESTS);
    pace_init(&pace, MOST, 100);
    assert_in_range(run(0, 1000, false), 90, 110);
    answers = run(1000, 61000, false);
    assert_in_range(answers, 5900, 6010);
    assert_in_range(pace_next_ms(&pace, 61000), 61001, 61011);
}

static void a_ramp_follows_an_outage_and_ends(void **state)
{
    (void)state;
    begin(5, 0, REQUESTS);
    run(0, 5000, false);
    model.in_flight = 0;
    pace_resume(&pace, 3600000, 10000);
    assert_in_range(run(10000, 11000, false), 10, 17);
    assert_in_range(run(11000, 12000, false), 25, 36);
    assert_in_range(run(12000, 13000, false), 50, 70);
    run(13000, 23000, false);
    assert_in_range(run(23000, 33000, false), 10 * 200 * 200, 10 * 200 * 256);
}

static void a_short_outage_has_a_short_ramp(void **state)
{
    (void)state;
    begin(5, 0, REQUESTS);
    pace_resume(&pace, 160, 0);
    run(0, 1500, false);
    assert_in_range(run(1500, 2500, false), 100 * 200, 256 * 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(climbs_to_the_most_while_the_endpoint_takes_more),
        cmocka_unit_test(twice_as_many_take_the_time_of_two_answers),
        cmocka_unit_test(answers_of_any_length_do_not_keep_it_down),
        cmocka_unit_test(answers_of_five_seconds_do_not_keep_it_down),
        cmocka_unit_test(finds_the_level_beyond_which_the_endpoint_only_queues),
        cmocka_unit_test(follows_an_endpoint_that_becomes_able_to_take_more),
        cmocka_unit_test(too_much_halves_it_once_for_all_that_were_under_way),
        cmocka_unit_test(never_falls_below_one),
        cmocka_unit_test(an_idle_sender_keeps_its_level),
        cmocka_unit_test(the_rate_limit_holds),
        cmocka_unit_test(a_ramp_follows_an_outage_and_ends),
        cmocka_unit_test(a_short_outage_has_a_short_ramp),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
