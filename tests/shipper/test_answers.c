/* SPDX-License-Identifier: MIT
 *
 * shipper/answers.c through its header: quantiles of the last minutes, and what is said.
 */
#include "shipper/answers.h"
#include "tests/support/test.h"

enum { NOON = 1795435200 };

static void add(struct answers *answers, uint64_t took_us, int64_t wall_s)
{
    const struct answer answer = {.status = 200, .took_us = took_us};
    const struct judgement judgement = {.verdict = VERDICT_DELIVERED};

    answers_add(answers, &answer, &judgement, wall_s);
}

static void each_time_has_its_bucket(void **state)
{
    (void)state;
    assert_int_equal(answers_bucket(0), 0);
    for (size_t i = 0; i < ANSWERS_BUCKETS - 1; i++) {
        assert_int_equal(answers_bucket(answers_bounds_us[i]), i);
        assert_int_equal(answers_bucket(answers_bounds_us[i] + UINT64_C(1)), i + 1);
    }
    assert_int_equal(answers_bucket(UINT64_MAX), ANSWERS_BUCKETS - 1);
}

static void quantiles_are_near_what_was_measured(void **state)
{
    struct answers answers = {0};
    struct answers_summary sum;

    (void)state;
    for (unsigned ms = 1; ms <= 1000; ms++)
        add(&answers, ms * 1000, NOON + ms % 60);
    sum = answers_sum(&answers, NOON + 59);
    assert_int_equal(sum.count, 1000);
    assert_true(sum.p50_ms > 400 && sum.p50_ms < 600);
    assert_true(sum.p90_ms > 800 && sum.p90_ms < 1000);
    assert_true(sum.p99_ms > 950 && sum.p99_ms <= 1000);
    assert_true(sum.per_s > 16.6 && sum.per_s < 16.7);
}

static void one_slow_answer_of_many_is_no_quantile_but_of_few(void **state)
{
    struct answers answers = {0};

    (void)state;
    add(&answers, UINT64_MAX, NOON);
    assert_true(answers_sum(&answers, NOON).p50_ms == 100000);
    for (unsigned i = 0; i < 200; i++)
        add(&answers, 1500, NOON);
    assert_true(answers_sum(&answers, NOON).p99_ms <= 1.5);
}

static void only_the_last_minutes_count(void **state)
{
    struct answers answers = {0};

    (void)state;
    add(&answers, 1000, NOON);
    assert_int_equal(answers_sum(&answers, NOON + ANSWERS_WINDOW_S - ANSWERS_SLOT_S).count, 1);
    assert_true(answers_sum(&answers, NOON + ANSWERS_RATE_S).per_s == 0);
    assert_int_equal(answers_sum(&answers, NOON + ANSWERS_WINDOW_S).count, 0);
    add(&answers, 1000, NOON + ANSWERS_WINDOW_S);
    assert_int_equal(answers_sum(&answers, NOON + ANSWERS_WINDOW_S).count, 1);
    /* The clock was set back: what is of the future does not count. */
    assert_int_equal(answers_sum(&answers, NOON).count, 0);
    add(&answers, 1000, NOON);
    assert_int_equal(answers_sum(&answers, NOON).count, 1);
}

static void clocks_are_compared_once_a_minute(void **state)
{
    const struct judgement judgement = {.verdict = VERDICT_DELIVERED};
    struct answers answers = {0};
    struct answer answer = {.status = 200, .date = SPAN("Mon, 23 Nov 2026 12:00:30 GMT")};

    (void)state;
    answers_add(&answers, &(struct answer){.date = SPAN("yesterday's")}, &judgement, NOON);
    assert_int_equal(answers.clock_at_s, 0);
    answers_add(&answers, &answer, &judgement, NOON);
    assert_int_equal(answers.clock_ahead_s, -30);
    assert_false(answers_clock_is_off(&answers, NOON));
    answers_add(&answers, &answer, &judgement, NOON + 59);
    assert_int_equal(answers.clock_ahead_s, -30);
    answers_add(&answers, &answer, &judgement, NOON + 90);
    assert_int_equal(answers.clock_ahead_s, 60);
    assert_true(answers_clock_is_off(&answers, NOON));
    answers_add(&answers, &answer, &judgement, NOON - 30); /* set back */
    assert_int_equal(answers.clock_ahead_s, -60);
    assert_true(answers_clock_is_off(&answers, NOON));
    assert_false(answers_clock_is_off(&answers, NOON + 86400));
}

static void assert_said(const struct answers *answers, const char *text, const char *json)
{
    struct buffer out = {0};

    answers_write_text(answers, NOON + 9, &out);
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.bytes, text);
    buffer_clear(&out);
    answers_write_json(answers, NOON + 9, &out);
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.bytes, json);
    buffer_finish(&out);
}

static void the_last_answer_is_told(void **state)
{
    struct answers answers = {0};
    const struct answer none = {.transport_error = "nobody there"};
    const struct judgement later = {.verdict = VERDICT_RETRY, .reason = "nobody\033[2J there"};

    (void)state;
    assert_said(&answers, "endpoint: no answer yet\n",
        "\"answers_per_s\":0.00,\"window_s\":300,\"answers\":0,\"latency_ms\":null,"
        "\"clock_ahead_s\":null,\"last_answer\":null");
    add(&answers, 100000, NOON);
    assert_said(&answers,
        "endpoint: 0.0 answers/s; latency 85 ms (p50), 97 ms (p90), 100 ms (p99); the last at "
        "2026-11-23T12:00:00Z: HTTP 200, delivered\n",
        "\"answers_per_s\":0.02,\"window_s\":300,\"answers\":1,\"latency_ms\":{\"p50\":85.00,"
        "\"p90\":97.00,\"p99\":99.70},\"clock_ahead_s\":null,\"last_answer\":{\"at\":\"2026-11-"
        "23T12:00:00Z\","
        "\"http_status\":200,\"verdict\":\"delivered\",\"reason\":\"\"}");
    answers_add(&answers, &none, &later, NOON + 1);
    assert_said(&answers,
        "endpoint: 0.0 answers/s; latency 85 ms (p50), 97 ms (p90), 100 ms (p99); the last at "
        "2026-11-23T12:00:01Z: nobody.[2J there\n",
        "\"answers_per_s\":0.02,\"window_s\":300,\"answers\":1,\"latency_ms\":{\"p50\":85.00,"
        "\"p90\":97.00,\"p99\":99.70},\"clock_ahead_s\":null,\"last_answer\":{\"at\":\"2026-11-"
        "23T12:00:01Z\","
        "\"http_status\":0,\"verdict\":\"retry\",\"reason\":\"nobody\\u001b[2J there\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_time_has_its_bucket),
        cmocka_unit_test(quantiles_are_near_what_was_measured),
        cmocka_unit_test(one_slow_answer_of_many_is_no_quantile_but_of_few),
        cmocka_unit_test(only_the_last_minutes_count),
        cmocka_unit_test(clocks_are_compared_once_a_minute),
        cmocka_unit_test(the_last_answer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
