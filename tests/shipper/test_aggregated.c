/* SPDX-License-Identifier: MIT
 *
 * An aggregated event on its whole way: written, through the spool, posted by the
 * real destination, taken by the strict stand-in; each body to the call that it is
 * for, and to no other.
 */
#include "shipper/endpoint/endpoint.h"
#include "shipper/sender/destination.h"
#include "shipper/spool/spool.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <curl/curl.h>
#include <stdio.h>

enum { BOUND_TURNS = 2000, TURN_MS = 5, EVENTS = 3 };

static struct buffer seen; /* "path status", a line a request */

static void note(void *arg, const struct endpoint_exchange *exchange)
{
    const struct contract_request *request = exchange->request;

    (void)arg;
    buffer_printf(&seen, "%.*s %u %s\n", (int)request->path.len, request->path.at, exchange->status,
        exchange->finding->text);
}

/* Events by alternating calls, in and out of a spool. */
static void fill(struct spool *spool)
{
    struct spool_batch *batch = spool_batch_new();
    struct buffer body = {0};
    struct error err;

    for (unsigned i = 0; i < EVENTS; i++) {
        struct event event = {
            .at_s = 1795428672,
            .source = i == 2 ? SPAN("PRODUCT_CLOUD") : SPAN("TELEMETRY"),
            .activity_type = SPAN("API_CALL"),
            .product_id = SPAN("acme"),
            .ip_addr = SPAN("203.0.113.7"),
            .user_agent = SPAN("acme"),
            .count = 12 * i,
        };

        snprintf(event.id, sizeof(event.id), "%032u", i);
        if (i == 2) {
            event.user_id = SPAN("alice");
            event.user_id_type = SPAN("USERNAME");
        }
        buffer_clear(&body);
        event_write(&event, &body);
        spool_batch_event(batch, event.id, buffer_span(&body));
    }
    assert_int_equal(spool_commit(spool, batch, &err), SPOOL_DONE);
    buffer_finish(&body);
    spool_batch_free(batch);
}

/* One at a time, so that they are seen in their order. */
static void post(struct destination *destination, struct endpoint *endpoint, struct span body)
{
    struct answer answer;
    size_t slot;
    int turns = 0;

    destination->verbs->submit(destination, 0, body);
    do {
        struct now now = clock_now();

        assert_true(turns++ < BOUND_TURNS);
        destination->verbs->poll(destination, NULL, 0, TURN_MS);
        endpoint_turn(endpoint, &now);
    } while (!destination->verbs->reap(destination, &slot, &answer));
    assert_null(answer.transport_error);
    assert_int_equal(verdict_judge(&answer, 0).verdict, VERDICT_DELIVERED);
}

static void each_body_goes_to_the_call_that_it_is_for(void **state)
{
    char *dir = scratch_new();
    struct error err;
    struct endpoint_options options = {.key = "the-key", .each = note};
    struct endpoint *endpoint = endpoint_open(&options, &err);
    char url[80], aggregate_url[80];
    struct endpoint_config config = {.url = url,
        .aggregate_url = aggregate_url,
        .max_in_flight = 1,
        .connect_timeout_ms = 5000,
        .stall_timeout_ms = 5000,
        .timeout_ms = 5000};
    struct destination *destination;
    struct spool_event events[EVENTS];
    struct spool *spool;
    size_t count;

    (void)state;
    assert_non_null(endpoint);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/api/product/usage", endpoint_port(endpoint));
    snprintf(aggregate_url, sizeof(aggregate_url), "http://127.0.0.1:%u/api/product/aggregateusage",
        endpoint_port(endpoint));
    destination = destination_open(&config, &err);
    assert_non_null(destination);
    destination->verbs->set_key(destination, "the-key");
    assert_true(spool_prepare(dir, &err));
    spool = spool_open(dir, &(struct spool_options){.max_bytes = 16 << 20}, &err);
    assert_non_null(spool);
    fill(spool);
    assert_true(spool_lease(spool, events, EVENTS, &count, &err));
    assert_int_equal(count, EVENTS);

    for (size_t i = 0; i < count; i++)
        post(destination, endpoint, events[i].body);
    post(destination, endpoint, events[0].body); /* and back in the same slot */
    check_span("requests", buffer_span(&seen),
        "/api/product/usage 200 Data Uploaded\n"
        "/api/product/aggregateusage 200 Data Uploaded\n"
        "/api/product/aggregateusage 200 Data Uploaded\n"
        "/api/product/usage 200 Data Uploaded\n");
    assert_int_equal(endpoint_events(endpoint), EVENTS);

    destination->verbs->close(destination);
    endpoint_close(endpoint);
    spool_close(spool);
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_body_goes_to_the_call_that_it_is_for),
    };
    int failed;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    failed = cmocka_run_group_tests_name("aggregated", tests, NULL, NULL);
    curl_global_cleanup();
    buffer_finish(&seen);
    return failed;
}
