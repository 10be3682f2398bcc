/* SPDX-License-Identifier: MIT */
#include "shipper/review.h"
#include "tests/support/test.h"

#include <json-c/json.h>
#include <stdio.h>

static struct review *review;

static int set_up(void **state)
{
    (void)state;
    review = review_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    review_free(review);
    return 0;
}

static void take(const char *rule, const char *user, const char *meta)
{
    const struct field fields[] = {{.name = SPAN("session"), .value = span_of(meta)}};
    const struct event event = {.product = SPAN("acme"),
        .rule = span_of(rule),
        .activity_type = SPAN("LOGIN"),
        .product_id = SPAN("acme-server"),
        .user_id = user ? span_of(user) : (struct span){NULL, 0},
        .ip_addr = SPAN("203.0.113.7"),
        .meta = fields,
        .meta_count = 1};

    review_take(review, &event);
}

static void take_some(void)
{
    take("login", "alice@example.com", "0123456789abcdef0123456789abcdef");
    take("login", "bob", "17");
    take("login", NULL, "17");
    take("export", "bob", "17");
}

static void each_field_of_each_rule_has_a_row(void **state)
{
    struct buffer out = {0};

    (void)state;
    take_some();
    review_write_text(review, &out);
    check_span("text", buffer_span(&out),
        "acme/export: 1 event, 25.0 % of all\n"
        "  field                 filled   distinct   looks like            values, masked\n"
        "  activity_type         100.0 %         1   word                  LOGIN\n"
        "  product_id            100.0 %         1   word                  acme-server\n"
        "  user_id               100.0 %         1   word                  b*\n"
        "  ip_addr               100.0 %         1   address               203.0.*.*\n"
        "  meta.session          100.0 %         1   number                1*\n"
        "\n"
        "acme/login: 3 events, 75.0 % of all\n"
        "  field                 filled   distinct   looks like            values, masked\n"
        "  activity_type         100.0 %         1   word                  LOGIN\n"
        "  product_id            100.0 %         1   word                  acme-server\n"
        "  user_id                66.7 %         2   e-mail, word          a*e@e*e.c*  b*\n"
        "  ip_addr               100.0 %         1   address               203.0.*.*\n"
        "  meta.session          100.0 %         2   secret?, number       0*f  1*\n"
        "\n"
        "Each event also has event_id (a hash) and event_at (UNIX seconds). "
        "Nothing else is sent.\n"
        "look at acme/login, meta.session: 1 of 3 values may be keys, tokens or hashes\n");
    buffer_finish(&out);
}

static void the_same_as_json(void **state)
{
    struct buffer out = {0};
    struct json_object *root, *rules, *login, *user;

    (void)state;
    take_some();
    review_write_json(review, &out);
    buffer_append_byte(&out, '\0');
    root = json_tokener_parse(out.bytes);
    assert_non_null(root);
    rules = json_object_object_get(root, "rules");
    check_number("rules", json_object_array_length(rules), 2);
    login = json_object_array_get_idx(rules, 1);
    check_number(
        "events", (uint64_t)json_object_get_int64(json_object_object_get(login, "events")), 3);
    user = json_object_array_get_idx(json_object_object_get(login, "fields"), 2);
    check_span(
        "field", span_of(json_object_get_string(json_object_object_get(user, "field"))), "user_id");
    check_number(
        "distinct", (uint64_t)json_object_get_int64(json_object_object_get(user, "distinct")), 2);
    json_object_put(root);
    buffer_finish(&out);
}

static void nothing_is_nothing(void **state)
{
    struct buffer out = {0};

    (void)state;
    review_write_text(review, &out);
    check_number("text", out.len, 0);
    review_write_json(review, &out);
    check_span("json", buffer_span(&out), "{\"events\":0,\"values_left_out\":0,\"rules\":[]}\n");
    buffer_finish(&out);
}

static void distinct_values_are_counted_up_to_a_bound(void **state)
{
    char user[32];
    struct buffer out = {0};

    (void)state;
    for (unsigned i = 0; i < REVIEW_DISTINCT_MOST + 10; i++) {
        snprintf(user, sizeof(user), "user%u", i);
        take("login", user, "17");
    }
    review_write_text(review, &out);
    assert_non_null(memmem(out.bytes, out.len, "   65536+ ", 10));
    buffer_finish(&out);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(each_field_of_each_rule_has_a_row),
        FRESH(the_same_as_json),
        FRESH(nothing_is_nothing),
        FRESH(distinct_values_are_counted_up_to_a_bound),
    };

    return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
