/* SPDX-License-Identifier: MIT
 *
 * shipper/endpoint/contract.c through its header: payloads that each call takes,
 * payloads that it refuses with the words that name the field, and what is
 * checked outside the body.
 */
#include "shipper/endpoint/contract.h"

#include "parsers/memory.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define SINGLE     "/api/product/usage"
#define AGGREGATED "/api/product/aggregateusage"

/* The fields that every single event needs, and those of each aggregated one. */
#define WHAT   "\"source\":\"TELEMETRY\",\"activity_type\":\"LOGIN\",\"product_id\":\"acme\","
#define WHEN   "\"event_id\":\"3fa9\",\"event_at\":1795428672,"
#define WHO    "\"user_id\":\"alice\","
#define WHERE  "\"ip_addr\":\"203.0.113.7\","
#define AGENT  "\"user_agent\":\"OpenSSH\","
#define CLOUD  "\"source\":\"PRODUCT_CLOUD\",\"activity_type\":\"LOGIN\",\"product_id\":\"acme\","
#define DOMAIN "\"mode\":\"DOMAIN\",\"count\":12,"
#define USER   "\"mode\":\"USER\",\"count\":12,\"user_id_type\":\"USERNAME\","

struct row {
    const char *path;
    const char *fields; /* inside of {"payload":{…}}; a last comma is taken off */
    const char *text;   /* the answer's */
};

static const struct row accepted[] = {
    {SINGLE, WHAT WHEN WHO WHERE, "Data Uploaded"},
    {SINGLE, WHAT WHEN AGENT WHERE, "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO AGENT WHERE "\"environment\":\"PRODUCTION\",", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO WHERE "\"user_id_type\":\"GITHUB\",", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO "\"ip_addr\":\"2001:db8::7\"", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO WHERE "\"domain\":\"example.com\"", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO WHERE "\"meta\":{}", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHO WHERE "\"meta\":{\"a\":\"1\",\"b\":\"\"}", "Data Uploaded"},
    {SINGLE, WHAT WHEN WHERE "\"user_id\":\"a \\\":\\\" b\"", "Data Uploaded"},
    {SINGLE, CLOUD WHEN WHO WHERE, "Data Uploaded"},
    {AGGREGATED, WHAT WHEN DOMAIN AGENT WHERE, "Data Uploaded"},
    {AGGREGATED, WHAT WHEN DOMAIN AGENT "\"domain\":\"example.com\"", "Data Uploaded"},
    {AGGREGATED, CLOUD WHEN DOMAIN AGENT WHERE, "Data Uploaded"},
    {AGGREGATED, CLOUD WHEN USER WHO, "Data Uploaded"},
    {AGGREGATED, CLOUD WHEN USER WHO WHERE, "Data Uploaded"},
};

static const struct row refused[] = {
    {SINGLE, "", "payload.source: required"},
    {SINGLE, WHAT WHO WHERE "\"event_at\":1", "payload.event_id: required"},
    {SINGLE, WHAT WHO WHERE "\"event_id\":\"1\"", "payload.event_at: required"},
    {SINGLE, WHAT WHEN WHO, "payload.ip_addr: required"},
    {SINGLE, WHAT WHEN WHO "\"domain\":\"example.com\"", "payload.ip_addr: required"},
    {SINGLE, WHEN WHO WHERE "\"source\":\"TELEMETRY\"", "payload.activity_type: required"},
    {SINGLE, WHEN WHO WHERE "\"source\":\"TELEMETRY\",\"activity_type\":\"A\"",
        "payload.product_id: required"},
    {SINGLE, "\"source\":\"telemetry\"", "payload.source: not one of the allowed values"},
    {SINGLE, "\"source\":null", "payload.source: must be a string"},
    {SINGLE, "\"product_id\":12", "payload.product_id: must be a string"},
    {SINGLE, "\"event_id\":1231231232", "payload.event_id: must be a string"},
    {SINGLE, "\"event_at\":\"639303296\"", "payload.event_at: must be an integer of UNIX seconds"},
    {SINGLE, "\"event_at\":639303296.0", "payload.event_at: must be an integer of UNIX seconds"},
    {SINGLE, "\"event_at\":-1", "payload.event_at: must be an integer of UNIX seconds"},
    {SINGLE, "\"event_at\":1795428672000", "payload.event_at: must be an integer of UNIX seconds"},
    {SINGLE, "\"user_id\":\"\"", "payload.user_id: must be absent rather than empty"},
    {SINGLE, "\"environment\":\"\"", "payload.environment: must be absent rather than empty"},
    {SINGLE, "\"user_id_type\":\"PHONE\"", "payload.user_id_type: not one of the allowed values"},
    {SINGLE, WHAT WHEN WHERE AGENT "\"user_id_type\":\"EMAIL\"",
        "payload.user_id_type: must be absent without user_id"},
    {SINGLE, WHAT WHEN WHERE, "payload.user_agent: required without user_id"},
    {SINGLE, "\"ip_addr\":\"203.0.113.7:22\"",
        "payload.ip_addr: must be an IPv4 or IPv6 address and nothing else"},
    {SINGLE, "\"ip_addr\":\"[2001:db8::7]\"",
        "payload.ip_addr: must be an IPv4 or IPv6 address and nothing else"},
    {SINGLE, "\"ip_addr\":\"fe80::1%eth0\"",
        "payload.ip_addr: must be an IPv4 or IPv6 address and nothing else"},
    {SINGLE, "\"ip_addr\":\"www.example.com\"",
        "payload.ip_addr: must be an IPv4 or IPv6 address and nothing else"},
    {SINGLE, "\"ip_addr\":\"203.0.113.7\\u0000\"",
        "payload.ip_addr: must be an IPv4 or IPv6 address and nothing else"},
    {SINGLE, "\"meta\":[]", "payload.meta: must be a flat object of strings"},
    {SINGLE, "\"meta\":{\"a\":1}", "payload.meta: must be a flat object of strings"},
    {SINGLE, "\"meta\":{\"a\":{}}", "payload.meta: must be a flat object of strings"},
    {SINGLE, "\"userid\":\"alice\"", "payload.userid: unknown field"},
    {SINGLE, "\"count\":1", "payload.count: not a field of this call"},
    {SINGLE, "\"source\":\"TELEMETRY\",\"source\":\"TELEMETRY\"",
        "not JSON: a name is there twice"},
    {AGGREGATED, WHAT WHEN AGENT WHERE, "payload.mode: required"},
    {AGGREGATED, "\"mode\":\"HOST\"", "payload.mode: not one of the allowed values"},
    {AGGREGATED, "\"mode\":\"DOMAIN\"", "payload.source: required"},
    {AGGREGATED, WHAT WHEN AGENT WHERE "\"mode\":\"DOMAIN\"", "payload.count: required"},
    {AGGREGATED, "\"count\":0", "payload.count: must be an integer of at least 1"},
    {AGGREGATED, "\"count\":\"12\"", "payload.count: must be an integer of at least 1"},
    {AGGREGATED, WHAT WHEN DOMAIN AGENT, "payload.ip_addr: either this or domain is required"},
    {AGGREGATED, WHAT WHEN DOMAIN WHERE, "payload.user_agent: required without user_id"},
    {AGGREGATED, DOMAIN WHO, "payload.user_id: not a field of this call"},
    {AGGREGATED, WHAT WHEN USER WHO, "payload.source: must be PRODUCT_CLOUD for the mode USER"},
    {AGGREGATED, CLOUD WHEN "\"mode\":\"USER\",\"count\":1", "payload.user_id: required"},
    {AGGREGATED,
        WHEN DOMAIN AGENT WHERE "\"source\":\"SAAS_PRODUCT\",\"activity_type\":\"A\","
                                "\"product_id\":\"p\"",
        "payload.source: must be TELEMETRY or PRODUCT_CLOUD in this call"},
};

/* Checks an otherwise perfect request. */
static void check_body(const char *path, struct span body, struct contract_finding *finding)
{
    struct contract_request request = {
        .method = SPAN("POST"),
        .path = span_of(path),
        .key = SPAN("secret"),
        .content_type = SPAN("application/json"),
        .body = body,
    };

    contract_check(&request, SPAN("secret"), finding);
}

static void check_row_of(const struct row *row, enum contract_verdict verdict)
{
    struct span fields = span_of(row->fields);
    struct contract_finding finding;
    struct buffer body = {0};

    if (fields.len > 0 && fields.at[fields.len - 1] == ',')
        fields.len--;
    buffer_printf(&body, "{\"payload\":{%.*s}}", (int)fields.len, fields.at);
    check_body(row->path, buffer_span(&body), &finding);
    check_span(row->fields, span_of(finding.text), row->text);
    check_number(row->fields, finding.verdict, verdict);
    check_number(row->fields, (uint64_t)finding.status, verdict == CONTRACT_ACCEPTED ? 200 : 400);
    contract_finish(&finding);
    buffer_finish(&body);
}

static void accepts_every_good_payload(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++)
        check_row_of(&accepted[i], CONTRACT_ACCEPTED);
}

static void names_the_field_of_every_bad_payload(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        check_row_of(&refused[i], CONTRACT_BODY);
}

static void wants_the_envelope_and_nothing_beside_it(void **state)
{
    static const char *const bodies[][2] = {
        {"", "not JSON: it ends too early"},
        {"{\"payload\":{", "not JSON: it ends too early"},
        {"{'payload':{}}", "not JSON: single quotes"},
        {"{\"payload\":{}} x", "not JSON: unexpected character"},
        {"{\"payload\":{}}{\"payload\":{}}", "not JSON: unexpected character"},
        {"{\"payload\":{},\"payload\":{}}", "not JSON: a name is there twice"},
        {"{\"payload\":{\"user_id\":\"a\nb\"}}", "not JSON: a control character in a string"},
        {"{\"payload\":{\"event_at\":01}}", "not JSON: number expected"},
        {"{\"payload\":{\"event_at\":+1}}", "not JSON: unexpected character"},
        {"{\"payload\":{\"event_at\":1e3}}",
            "payload.event_at: must be an integer of UNIX seconds"},
        {"{\"payload\":{\"event_at\":NaN}}",
            "payload.event_at: must be an integer of UNIX seconds"},
        {"{\"payload\":{/**/}}", "not JSON: quoted object property name expected"},
        {"{\"payload\":{\"meta\":{},}}", "not JSON: unexpected character"},
        {"{\"payload\":{\"user_id\":\"\\x\"}}", "not JSON: invalid string sequence"},
        {"[]", "the body must be {\"payload\": {…}}"},
        {"{}", "the body must be {\"payload\": {…}}"},
        {"{\"payload\":[]}", "the body must be {\"payload\": {…}}"},
        {"{\"payload\":{},\"extra\":1}", "the body must be {\"payload\": {…}}"},
        {"{\"payload\":{\"user_id\":\"\xff\"}}", "not JSON: invalid utf-8 string"},
        {" {\"payload\":{}}\r\n", "payload.source: required"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        struct contract_finding finding;

        check_body(SINGLE, span_of(bodies[i][0]), &finding);
        check_span(bodies[i][0], span_of(finding.text), bodies[i][1]);
        check_number(bodies[i][0], finding.verdict, CONTRACT_BODY);
        contract_finish(&finding);
    }
}

static void a_nul_does_not_hide_what_follows(void **state)
{
    struct contract_finding finding;

    (void)state;
    check_body(SINGLE, SPAN("{\"payload\":{}}\0x"), &finding);
    check_span("nul", span_of(finding.text), "not JSON: text after the object");
    contract_finish(&finding);
}

static void checks_what_surrounds_the_body(void **state)
{
    static const struct {
        const char *method, *path, *key, *content_type;
        enum contract_verdict verdict;
        int status;
    } rows[] = {
        {"POST", SINGLE, "secret", "application/json", CONTRACT_ACCEPTED, 200},
        {"POST", SINGLE, "secret", "Application/JSON", CONTRACT_ACCEPTED, 200},
        {"POST", SINGLE, "Secret", "application/json", CONTRACT_KEY, 401},
        {"POST", SINGLE, "", "application/json", CONTRACT_KEY, 401},
        {"POST", SINGLE, NULL, "application/json", CONTRACT_KEY, 401},
        {"POST", SINGLE, "secret", "text/plain", CONTRACT_TYPE, 415},
        {"POST", SINGLE, "secret", NULL, CONTRACT_TYPE, 415},
        {"PUT", SINGLE, "secret", "application/json", CONTRACT_METHOD, 405},
        {"POST", SINGLE "/", "secret", "application/json", CONTRACT_PATH, 404},
        {"POST", "/api/product", "secret", "application/json", CONTRACT_PATH, 404},
        {"GET", "/", NULL, NULL, CONTRACT_PATH, 404},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct contract_request request = {
            .method = span_of(rows[i].method),
            .path = span_of(rows[i].path),
            .key = span_of(rows[i].key),
            .content_type = span_of(rows[i].content_type),
            .body = SPAN("{\"payload\":{" WHAT WHEN WHO "\"ip_addr\":\"::1\"}}"),
        };
        struct contract_finding finding;

        contract_check(&request, SPAN("secret"), &finding);
        check_number(rows[i].path, finding.verdict, rows[i].verdict);
        check_number(rows[i].path, (uint64_t)finding.status, (uint64_t)rows[i].status);
        check_span(rows[i].path, contract_field(&finding, "user_id"), "alice");
        contract_finish(&finding);
    }
}

static void any_key_will_do_where_none_is_set(void **state)
{
    struct contract_request request = {
        .method = SPAN("POST"),
        .path = SPAN(SINGLE),
        .key = SPAN("whatever"),
        .content_type = SPAN("application/json"),
        .body = SPAN("{\"payload\":{" WHAT WHEN WHO "\"ip_addr\":\"::1\"}}"),
    };
    struct contract_finding finding;

    (void)state;
    contract_check(&request, (struct span){0}, &finding);
    assert_int_equal(finding.verdict, CONTRACT_ACCEPTED);
    contract_finish(&finding);
    request.key = (struct span){0};
    contract_check(&request, (struct span){0}, &finding);
    assert_int_equal(finding.verdict, CONTRACT_KEY);
    contract_finish(&finding);
}

static void refuses_a_body_over_the_cap(void **state)
{
    struct span body = {memory_new(LIMIT_REQUEST_BYTES + 1), LIMIT_REQUEST_BYTES + 1};
    struct contract_finding finding;

    (void)state;
    check_body(SINGLE, body, &finding);
    assert_int_equal(finding.verdict, CONTRACT_SIZE);
    assert_int_equal(finding.status, 413);
    assert_null(finding.payload);
    contract_finish(&finding);
    body.len--;
    check_body(SINGLE, body, &finding);
    assert_int_equal(finding.verdict, CONTRACT_BODY);
    contract_finish(&finding);
    free((void *)(uintptr_t)body.at);
}

/* The bodies as the vendor's page has them, byte by byte. */
static void answers_as_the_page_says(void **state)
{
    static const struct {
        struct contract_finding finding;
        const char *body;
    } rows[] = {
        {{.verdict = CONTRACT_ACCEPTED, .status = 200, .text = "Data Uploaded"},
            "{\"response_code\":\"200\",\"response\":\"Data Uploaded\",\"status\":\"success\"}"},
        {{.verdict = CONTRACT_KEY, .status = 401, .text = "Authentication Failure"},
            "{\"response_code\":400,\"response\":\"Authentication Failure\","
            "\"status\":\"failure\"}"},
        {{.verdict = CONTRACT_PATH, .status = 404, .text = "say \"no\""},
            "{\"response_code\":404,\"response\":\"say \\\"no\\\"\",\"status\":\"failure\"}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer out = {0};

        contract_answer(&rows[i].finding, &out);
        check_span(rows[i].finding.text, buffer_span(&out), rows[i].body);
        buffer_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_good_payload),
        cmocka_unit_test(names_the_field_of_every_bad_payload),
        cmocka_unit_test(wants_the_envelope_and_nothing_beside_it),
        cmocka_unit_test(a_nul_does_not_hide_what_follows),
        cmocka_unit_test(checks_what_surrounds_the_body),
        cmocka_unit_test(any_key_will_do_where_none_is_set),
        cmocka_unit_test(refuses_a_body_over_the_cap),
        cmocka_unit_test(answers_as_the_page_says),
    };

    return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
