/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/destination.c through its header, against a scripted server:
 * what goes over the wire, and what comes back of it.
 */
#include "shipper/sender/destination.h"
#include "shipper/sender/lane.h"
#include "tests/support/http_server.h"
#include "tests/support/test.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SLOTS = 4, BOUND_TURNS = 2000, TURN_MS = 5 };

static struct http_server server;
static struct destination *destination;
static struct buffer received;
static struct endpoint_config config;

static void begin(const struct http_step *steps, size_t count)
{
    struct error err;

    http_server_start(&server, steps, count);
    config = (struct endpoint_config){.url = server.url,
        .max_in_flight = SLOTS,
        .connect_timeout_ms = 5000,
        .stall_timeout_ms = 5000,
        .timeout_ms = 5000};
    destination = destination_open(&config, &err);
    assert_non_null(destination);
    destination->verbs->set_key(destination, "the-key");
}

/* The requests that the server saw. */
static const char *end(void)
{
    destination->verbs->close(destination);
    buffer_clear(&received);
    http_server_stop(&server, &received);
    return received.bytes;
}

static size_t finish_one(struct answer *answer)
{
    size_t slot = SIZE_MAX;
    int turns = 0;

    while (!destination->verbs->reap(destination, &slot, answer)) {
        assert_true(turns++ < BOUND_TURNS);
        destination->verbs->poll(destination, NULL, 0, TURN_MS);
    }
    return slot;
}

static struct answer post(size_t slot, const char *body)
{
    struct answer answer;

    destination->verbs->submit(destination, slot, span_of(body));
    assert_int_equal(finish_one(&answer), slot);
    return answer;
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;

    for (; (text = strstr(text, word)); text += strlen(word))
        count++;
    return count;
}

static void posts_the_body_with_key_and_type(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", "{\"status\":\"success\"}"), HTTP_KEEP}};
    struct answer answer;
    const char *seen;

    (void)state;
    begin(steps, 1);
    answer = post(0, "{\"payload\":{\"user_id\":\"alice\"}}");
    assert_null(answer.transport_error);
    assert_int_equal(answer.status, 200);
    check_span("body", answer.body, "{\"status\":\"success\"}");
    assert_null(answer.retry_after.at);
    assert_null(answer.location.at);

    seen = end();
    assert_int_equal(count_of(seen, "POST /api/product/usage HTTP/1.1\r\n"), 1);
    assert_int_equal(count_of(seen, "\r\nX-API-KEY: the-key\r\n"), 1);
    assert_int_equal(count_of(seen, "\r\nContent-Type: application/json\r\n"), 1);
    assert_int_equal(count_of(seen, "\r\nUser-Agent: usage-shipper/" VERSION "\r\n"), 1);
    assert_int_equal(count_of(seen, "\r\n\r\n{\"payload\":{\"user_id\":\"alice\"}}"), 1);
    assert_int_equal(count_of(seen, "Expect"), 0);
    assert_int_equal(count_of(seen, "Cookie"), 0);
}

static void http_to_this_host_passes_by_a_proxy(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    struct answer answer;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    begin(steps, 1);
    answer = post(0, "{}");
    unsetenv("http_proxy");
    assert_null(answer.transport_error);
    assert_int_equal(count_of(end(), "POST /api/product/usage HTTP/1.1\r\n"), 1);
}

static void requests_share_a_connection_and_keep_no_cookie(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "Set-Cookie: a=b\r\n", "{}"), HTTP_KEEP}};
    const char *seen;

    (void)state;
    begin(steps, 1);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(post(i % SLOTS, "{}").status, 200);
    seen = end();
    assert_int_equal(count_of(seen, "POST "), 20);
    assert_int_equal(count_of(seen, "connection 1\n"), 20);
    assert_int_equal(count_of(seen, "Cookie"), 0);
}

static void as_many_requests_as_slots_are_under_way_at_once(void **state)
{
    struct http_step steps[] = {{"", HTTP_KEEP}, {"", HTTP_KEEP}, {"", HTTP_KEEP},
        {http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    struct answer answer;
    const char *seen;

    (void)state;
    begin(steps, 4);
    for (size_t i = 0; i < SLOTS; i++)
        destination->verbs->submit(destination, i, SPAN("{}"));
    finish_one(&answer); /* only the fourth is answered: the others were there before it */
    assert_int_equal(answer.status, 200);
    seen = end();
    assert_int_equal(count_of(seen, "POST "), 4);
    assert_int_equal(count_of(seen, "connection 4\n"), 1);
}

static void each_lane_has_connections_of_its_own(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    struct error err;
    const char *seen;

    (void)state;
    begin(steps, 1);
    destination->verbs->close(destination);
    config.max_in_flight = 2 * LANE_REQUESTS + 1;
    destination = destination_open(&config, &err);
    destination->verbs->set_key(destination, "the-key");
    for (size_t turn = 0; turn < 2; turn++) {
        struct answer answer;

        for (size_t i = 0; i < 3; i++)
            destination->verbs->submit(destination, i * LANE_REQUESTS, SPAN("{}"));
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(finish_one(&answer) % LANE_REQUESTS, 0);
            assert_int_equal(answer.status, 200);
        }
    }
    seen = end();
    assert_int_equal(count_of(seen, "POST "), 6);
    assert_int_equal(count_of(seen, "connection 3\n"), 2);
    assert_int_equal(count_of(seen, "connection 4\n"), 0);
}

static void a_slot_starts_afresh(void **state)
{
    struct http_step steps[] = {
        {http_answer("503 Later", "Retry-After: 7\r\n", "a long answer"), HTTP_KEEP},
        {http_answer("302 Found", "Location:  https://portal.example/  \r\n", "x"), HTTP_KEEP},
        {"", HTTP_CLOSE}, {"", HTTP_CLOSE}, {http_answer("204 No Content", "", ""), HTTP_KEEP}};
    struct answer answer;

    (void)state;
    begin(steps, 5);
    answer = post(0, "{}");
    assert_int_equal(answer.status, 503);
    check_span("first", answer.retry_after, "7");
    answer = post(0, "{}");
    assert_int_equal(answer.status, 302);
    assert_null(answer.retry_after.at);
    check_span("second", answer.location, "https://portal.example/");
    check_span("second", answer.body, "x");
    answer = post(0, "{}");
    assert_non_null(answer.transport_error);
    assert_int_equal(answer.body.len, 0);
    answer = post(0, "{}");
    assert_null(answer.transport_error);
    assert_int_equal(answer.status, 204);
    assert_null(answer.location.at);
    end();
}

static void a_redirect_is_not_followed(void **state)
{
    struct http_step steps[2] = {{http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    struct http_server elsewhere;
    struct buffer leaked = {0};
    char header[128];

    (void)state;
    http_server_start(&elsewhere, steps, 1);
    snprintf(header, sizeof(header), "Location: %s\r\n", elsewhere.url);
    steps[1] = (struct http_step){http_answer("307 Temporary Redirect", header, ""), HTTP_KEEP};
    begin(&steps[1], 1);
    assert_int_equal(post(0, "{}").status, 307);
    end();
    http_server_stop(&elsewhere, &leaked);
    assert_string_equal(leaked.bytes, "");
    buffer_finish(&leaked);
}

static void an_answer_that_repeats_the_key_is_masked(void **state)
{
    struct http_step steps[] = {
        {http_answer("400 Bad", "Location: https://a.example/?k=a-longer-key\r\n",
             "{\"response\":\"a-longer-key a-longer-key\"}"),
            HTTP_KEEP}};
    struct answer answer;

    (void)state;
    begin(steps, 1);
    destination->verbs->set_key(destination, "a-longer-key");
    answer = post(0, "{}");
    check_span("body", answer.body, "{\"response\":\"************ ************\"}");
    check_span("location", answer.location, "https://a.example/?k=************");
    destination->verbs->set_key(destination, "key"); /* perhaps a word of the answer */
    answer = post(0, "{}");
    check_span("body", answer.body, "{\"response\":\"a-longer-key a-longer-key\"}");
    end();
}

static void a_new_key_is_used_from_then_on(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    const char *seen;

    (void)state;
    begin(steps, 1);
    post(0, "{}");
    destination->verbs->set_key(destination, "another");
    post(0, "{}");
    post(1, "{}");
    seen = end();
    assert_int_equal(count_of(seen, "X-API-KEY: the-key\r\n"), 1);
    assert_int_equal(count_of(seen, "X-API-KEY: another\r\n"), 2);
}

struct broken {
    const char *name;
    struct http_step step;
};

static void a_broken_answer_is_a_transport_error(void **state)
{
    static const struct broken rows[] = {
        {"closed without an answer", {"", HTTP_CLOSE}},
        {"reset without an answer", {"", HTTP_RESET}},
        {"closed in the status", {"HTTP/1.", HTTP_CLOSE}},
        {"closed in the headers", {"HTTP/1.1 200 OK\r\nContent-Le", HTTP_CLOSE}},
        {"closed in the body", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", HTTP_CLOSE}},
        {"reset in the body", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", HTTP_RESET}},
        {"closed in a chunk",
            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", HTTP_CLOSE}},
        {"a chunk's length that is none",
            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", HTTP_CLOSE}},
        {"not HTTP", {"SSH-2.0-OpenSSH_9.2\r\n", HTTP_CLOSE}},
        {"no headers at all", {"{\"status\":\"success\"}", HTTP_CLOSE}},
        {"endless headers", {"HTTP/1.1 200 OK\r\nX-More: 1\r\nX-Less: 2\r\n", HTTP_FOREVER}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct answer answer;

        begin(&rows[i].step, 1);
        answer = post(0, "{}");
        check_row(rows[i].name, answer.transport_error && answer.transport_error[0]);
        end();
    }
}

static void an_endless_body_is_cut(void **state)
{
    struct http_step steps[] = {
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000000\r\n\r\n", HTTP_FOREVER},
        {http_answer("200 OK", "", "{}"), HTTP_KEEP}};
    struct answer answer;

    (void)state;
    begin(steps, 2);
    answer = post(0, "{}");
    assert_null(answer.transport_error);
    assert_int_equal(answer.status, 403);
    assert_int_equal(answer.body.len, LIMIT_ANSWER_BYTES);
    answer = post(0, "{}");
    assert_int_equal(answer.status, 200);
    check_span("after it", answer.body, "{}");
    end();
}

static void a_connection_closed_between_requests_is_replaced(void **state)
{
    struct http_step steps[] = {{http_answer("200 OK", "", "{}"), HTTP_CLOSE}};
    const char *seen;

    (void)state;
    begin(steps, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(post(0, "{}").status, 200);
    seen = end();
    assert_int_equal(count_of(seen, "POST "), 5);
    assert_int_equal(count_of(seen, "connection 5\n"), 1);
}

static void silence_ends_with_the_time_out(void **state)
{
    struct http_step steps[] = {{"", HTTP_KEEP}};
    struct answer answer;
    struct error err;

    (void)state;
    begin(steps, 1);
    destination->verbs->close(destination);
    config.timeout_ms = 50;
    destination = destination_open(&config, &err);
    destination->verbs->set_key(destination, "the-key");
    answer = post(0, "{}");
    assert_non_null(strstr(answer.transport_error, "timed out"));
    end();
}

/* Silence before the first byte and in the middle of an answer. */
static void an_answer_that_stalls_is_given_up(void **state)
{
    struct http_step steps[] = {
        {"", HTTP_KEEP},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\"", HTTP_KEEP},
        {http_answer("200 OK", "", "{}"), HTTP_KEEP},
    };
    struct error err;

    (void)state;
    begin(steps, 3);
    destination->verbs->close(destination);
    config.stall_timeout_ms = 100;
    destination = destination_open(&config, &err);
    destination->verbs->set_key(destination, "the-key");
    assert_string_equal(post(0, "{}").transport_error, "no answer for 0.1 s");
    assert_string_equal(post(0, "{}").transport_error, "the answer stalled for 0.1 s");
    assert_int_equal(post(0, "{}").status, 200);
    end();
}

static void a_refused_connection_says_so(void **state)
{
    struct http_step steps[] = {{"", HTTP_KEEP}};
    struct answer answer;

    (void)state;
    begin(steps, 1);
    buffer_clear(&received);
    http_server_stop(&server, &received);
    answer = post(0, "{}");
    assert_non_null(strstr(answer.transport_error, "connect"));
    assert_int_equal(answer.status, 0);
    destination->verbs->close(destination);
}

static void a_descriptor_of_the_callers_ends_the_wait(void **state)
{
    struct http_step steps[] = {{"", HTTP_KEEP}};
    struct pollfd also[2];
    int ends[2];

    (void)state;
    begin(steps, 1);
    assert_int_equal(pipe(ends), 0);
    also[0] = (struct pollfd){-1, POLLIN, 0};
    also[1] = (struct pollfd){ends[0], POLLIN, 0};
    destination->verbs->poll(destination, also, 2, 0);
    assert_int_equal(also[1].revents, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    destination->verbs->poll(destination, also, 2, 60000);
    assert_int_not_equal(also[1].revents, 0);
    assert_int_equal(also[0].revents, 0);
    close(ends[0]);
    close(ends[1]);
    end();
}

static void another_protocol_is_not_spoken(void **state)
{
    struct endpoint_config file = {.url = (char *)(uintptr_t) "file:///etc/hostname",
        .max_in_flight = 1,
        .connect_timeout_ms = 1000,
        .stall_timeout_ms = 1000,
        .timeout_ms = 1000};
    struct error err;

    (void)state;
    destination = destination_open(&file, &err);
    assert_non_null(destination);
    destination->verbs->set_key(destination, "the-key");
    assert_non_null(post(0, "{}").transport_error);
    destination->verbs->close(destination);
}

static void a_missing_ca_file_is_a_transport_error(void **state)
{
    struct endpoint_config secure = {.url = (char *)(uintptr_t) "https://127.0.0.1:9/",
        .ca_file = (char *)(uintptr_t) "/nonexistent/ca.pem",
        .max_in_flight = 1,
        .connect_timeout_ms = 1000,
        .stall_timeout_ms = 1000,
        .timeout_ms = 1000};
    struct error err;

    (void)state;
    destination = destination_open(&secure, &err);
    if (!destination)
        return; /* some builds of libcurl look at once */
    destination->verbs->set_key(destination, "the-key");
    assert_non_null(post(0, "{}").transport_error);
    destination->verbs->close(destination);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_the_body_with_key_and_type),
        cmocka_unit_test(http_to_this_host_passes_by_a_proxy),
        cmocka_unit_test(requests_share_a_connection_and_keep_no_cookie),
        cmocka_unit_test(as_many_requests_as_slots_are_under_way_at_once),
        cmocka_unit_test(each_lane_has_connections_of_its_own),
        cmocka_unit_test(a_slot_starts_afresh),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(an_answer_that_repeats_the_key_is_masked),
        cmocka_unit_test(a_new_key_is_used_from_then_on),
        cmocka_unit_test(a_broken_answer_is_a_transport_error),
        cmocka_unit_test(an_endless_body_is_cut),
        cmocka_unit_test(a_connection_closed_between_requests_is_replaced),
        cmocka_unit_test(silence_ends_with_the_time_out),
        cmocka_unit_test(an_answer_that_stalls_is_given_up),
        cmocka_unit_test(a_refused_connection_says_so),
        cmocka_unit_test(a_descriptor_of_the_callers_ends_the_wait),
        cmocka_unit_test(another_protocol_is_not_spoken),
        cmocka_unit_test(a_missing_ca_file_is_a_transport_error),
    };
    int failed;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    failed = cmocka_run_group_tests_name("destination", tests, NULL, NULL);
    curl_global_cleanup();
    buffer_finish(&received);
    return failed;
}
