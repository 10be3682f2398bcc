/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/trouble.c through its header: what is said, and what is not
 * said twice.
 */
#include "parsers/limits.h"
#include "shipper/sender/trouble.h"
#include "tests/support/test.h"

static struct trouble trouble;
static struct gate gate;
static struct buffer text;
static enum log_level level;

static int set_up(void **state)
{
    (void)state;
    trouble = (struct trouble){
        .key_remedy = "until the key in /etc/acme/key is changed", .probe_every_ms = 60000};
    gate = (struct gate){0};
    return 0;
}

static bool describe(enum gate_trouble now_is, int64_t wait_ms, int64_t now_ms)
{
    gate.trouble = now_is;
    buffer_clear(&text);
    return trouble_describe(&trouble, &gate, "HTTP 503, no body", wait_ms, now_ms, &level, &text);
}

struct said {
    enum gate_trouble trouble;
    enum log_level level;
    const char *text;
};

static void each_trouble_has_its_sentence(void **state)
{
    static const struct said rows[] = {
        {GATE_RETRYING, LOG_WARNING,
            "HTTP 503, no body, retrying in 1.3 s, then ever more slowly, keeping all events"},
        {GATE_UNCLEAR, LOG_WARNING,
            "event refused, but not by the API: HTTP 503, no body, keeping all events, trying "
            "another one in 1.3 s"},
        {GATE_KEY, LOG_ERROR,
            "API key refused: HTTP 503, no body, keeping all events, probing every 60 s until the "
            "key in /etc/acme/key is changed"},
        {GATE_DESTINATION, LOG_ERROR,
            "endpoint refuses every event: HTTP 503, no body, keeping all events, probing every "
            "60 s; is endpoint.url right?"},
        {GATE_SETTINGS, LOG_ERROR,
            "20 events rejected in a row, the last one: HTTP 503, no body, keeping all events, "
            "probing every 60 s; do product_id and activity types match the vendor's settings?"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_row(rows[i].text, describe(rows[i].trouble, 1340, 0));
        check_span(rows[i].text, buffer_span(&text), rows[i].text);
        check_number(rows[i].text, level, rows[i].level);
        check_row(rows[i].text, !describe(rows[i].trouble, 5000, 1000)); /* once */
    }
    assert_true(describe(GATE_FINE, 0, 12500));
    check_span("end", buffer_span(&text), "endpoint takes events again after 12 s");
    assert_int_equal(level, LOG_INFO);
    assert_false(describe(GATE_FINE, 0, 13000));
}

static void refusals_by_something_else_are_not_called_the_keys_fault_outright(void **state)
{
    (void)state;
    gate.refused = LIMIT_REFUSED_DIFFERENT;
    assert_true(describe(GATE_KEY, 0, 0));
    assert_true(span_has_prefix(
        buffer_span(&text), SPAN("different events refused, but not by the API (is it the key, ")));
}

static void an_event_known_to_fail_is_not_said_again(void **state)
{
    (void)state;
    gate.is_old_news = true;
    assert_false(describe(GATE_RETRYING, 0, 0));
    assert_false(describe(GATE_FINE, 0, 0));
    assert_false(describe(GATE_RETRYING, 0, 0));
    gate.is_old_news = false;
    assert_true(describe(GATE_RETRYING, 0, 0));
}

static bool describe_rejected(int64_t now_ms)
{
    buffer_clear(&text);
    return trouble_describe_rejected(&trouble, "5f3a", "HTTP 422, no body", now_ms, &text);
}

static void rejections_are_said_once_a_minute_with_their_number(void **state)
{
    (void)state;
    assert_true(describe_rejected(1));
    check_span("first", buffer_span(&text),
        "event 5f3a rejected: HTTP 422, no body, set aside; see `usage-shipper spool`");
    for (int i = 0; i < 17; i++)
        assert_false(describe_rejected(60000));
    assert_true(describe_rejected(60001));
    check_span("later", buffer_span(&text),
        "event 5f3a rejected: HTTP 422, no body, set aside, as were 17 others; see `usage-shipper "
        "spool`");
}

int main(void)
{
#define row(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        row(each_trouble_has_its_sentence),
        row(refusals_by_something_else_are_not_called_the_keys_fault_outright),
        row(an_event_known_to_fail_is_not_said_again),
        row(rejections_are_said_once_a_minute_with_their_number),
    };
    int failed = cmocka_run_group_tests_name("trouble", tests, NULL, NULL);

    buffer_finish(&text);
    return failed;
}
