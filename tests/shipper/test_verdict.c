/* SPDX-License-Identifier: MIT
 *
 * shipper/sender/verdict.c through its header: a row for each line of the
 * verdict table and its borders.
 */
#include "shipper/sender/verdict.h"
#include "tests/support/test.h"

#define SUCCESS "{\"response_code\":\"200\",\"response\":\"Data Uploaded\",\"status\":\"success\"}"
#define FAILURE(code, text)                                                                        \
    "{\"response_code\":" code ",\"response\":\"" text "\",\"status\":\"failure\"}"
#define WRONG_KEY FAILURE("400", "Authentication Failure")
#define HTML      "<html><title>Login</title></html>"

#define NGINX(title)                                                                               \
    "<html>\r\n<head><title>400 " title "</title></head>\r\n<body>\r\n<center><h1>400 Bad Request" \
    "</h1></center>\r\n<center>" title "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n"    \
    "</html>\r\n"

struct row {
    const char *name;
    long status;
    const char *body;
    enum verdict verdict;
};

static const struct row rows[] = {
    /* 2xx and the API's success */
    {"the page's sample", 200, SUCCESS, VERDICT_DELIVERED},
    {"another 2xx", 201, SUCCESS, VERDICT_DELIVERED},
    {"code as a number", 200, "{\"response_code\":200,\"status\":\"success\"}", VERDICT_DELIVERED},
    {"code that says otherwise", 200, "{\"response_code\":\"400\",\"status\":\"success\"}",
        VERDICT_DELIVERED},
    {"without a code", 200, "{\"status\":\"success\"}", VERDICT_DELIVERED},
    {"capitals", 200, "{\"status\":\"SUCCESS\"}", VERDICT_DELIVERED},
    {"more fields", 200, "{\"status\":\"success\",\"more\":[{\"a\":null}]}", VERDICT_DELIVERED},
    {"blanks around", 200, " \r\n" SUCCESS "\r\n\n", VERDICT_DELIVERED},

    /* 2xx and anything else */
    {"a captive portal", 200, HTML, VERDICT_RETRY},
    {"nothing", 200, "", VERDICT_RETRY},
    {"no content", 204, "", VERDICT_RETRY},
    {"broken off", 200, "{\"status\":\"success\"", VERDICT_RETRY},
    {"something behind it", 200, SUCCESS HTML, VERDICT_RETRY},
    {"two answers", 200, SUCCESS SUCCESS, VERDICT_RETRY},
    {"single quotes", 200, "{'status':'success'}", VERDICT_RETRY},
    {"an array", 200, "[" SUCCESS "]", VERDICT_RETRY},
    {"a string", 200, "\"success\"", VERDICT_RETRY},
    {"null", 200, "null", VERDICT_RETRY},
    {"another status", 200, "{\"status\":\"pending\"}", VERDICT_RETRY},
    {"nearly its status", 200, "{\"status\":\"success \"}", VERDICT_RETRY},
    {"a status that is no string", 200, "{\"status\":true}", VERDICT_RETRY},
    {"no status", 200, "{\"response\":\"success\"}", VERDICT_RETRY},
    {"status further in", 200, "{\"payload\":{\"status\":\"success\"}}", VERDICT_RETRY},
    {"an interim answer", 100, SUCCESS, VERDICT_RETRY},
    {"success with a status above 5xx", 600, SUCCESS, VERDICT_RETRY},

    /* nginx's own pages: the connection, not the event */
    {"no client certificate", 400, NGINX("No required SSL certificate was sent"),
        VERDICT_DESTINATION},
    {"a wrong client certificate", 400, NGINX("The SSL certificate error"), VERDICT_DESTINATION},
    {"no TLS", 400, NGINX("The plain HTTP request was sent to HTTPS port"), VERDICT_DESTINATION},
    {"another page of nginx", 400, NGINX("Request Header Or Cookie Too Large"), VERDICT_REJECTED},
    {"the page's words further on", 400, "oops " NGINX("The SSL certificate error"),
        VERDICT_REJECTED},
    {"the page's words in the API's failure", 400, FAILURE("400", "The SSL certificate error"),
        VERDICT_REJECTED},

    /* The key */
    {"wrong key, 200", 200, WRONG_KEY, VERDICT_KEY},
    {"wrong key, 400", 400, WRONG_KEY, VERDICT_KEY},
    {"wrong key, 401", 401, WRONG_KEY, VERDICT_KEY},
    {"wrong key, 404", 404, WRONG_KEY, VERDICT_KEY},
    {"wrong key, 500", 500, WRONG_KEY, VERDICT_KEY},
    {"wrong key, 302", 302, WRONG_KEY, VERDICT_KEY},
    {"wrong key, other words behind", 200, FAILURE("\"400\"", "AUTHENTICATION FAILURE: no key"),
        VERDICT_KEY},
    {"401 and any failure", 401, FAILURE("400", "no"), VERDICT_KEY},
    {"403 and any failure", 403, FAILURE("400", "no"), VERDICT_KEY},
    {"401 in the body", 200, FAILURE("\"401\"", "no"), VERDICT_KEY},
    {"403 in the body", 400, FAILURE("403", "no"), VERDICT_KEY},
    {"an event's words quoted", 400, FAILURE("400", "unknown activity_type Authentication Failure"),
        VERDICT_REJECTED},
    {"the text without a status", 200, "{\"response\":\"Authentication Failure\"}", VERDICT_RETRY},

    /* Unclear: refused by something that is not the API */
    {"401, no body", 401, "", VERDICT_UNCLEAR},
    {"403, a page", 403, HTML, VERDICT_UNCLEAR},
    {"403, another JSON", 403, "{\"message\":\"Forbidden\"}", VERDICT_UNCLEAR},
    {"403 and success", 403, SUCCESS, VERDICT_UNCLEAR},
    {"402", 402, HTML, VERDICT_UNCLEAR},
    {"406", 406, "", VERDICT_UNCLEAR},
    {"409", 409, "", VERDICT_UNCLEAR},
    {"410", 410, HTML, VERDICT_UNCLEAR},
    {"418", 418, "", VERDICT_UNCLEAR},
    {"451", 451, HTML, VERDICT_UNCLEAR},
    {"499", 499, "", VERDICT_UNCLEAR},

    /* The destination */
    {"404", 404, HTML, VERDICT_DESTINATION},
    {"404 and a failure", 404, FAILURE("404", "no such path"), VERDICT_DESTINATION},
    {"405", 405, "", VERDICT_DESTINATION},
    {"407", 407, HTML, VERDICT_DESTINATION},
    {"411", 411, "", VERDICT_DESTINATION},
    {"415", 415, "", VERDICT_DESTINATION},
    {"300", 300, "", VERDICT_DESTINATION},
    {"301", 301, HTML, VERDICT_DESTINATION},
    {"302", 302, SUCCESS, VERDICT_DESTINATION},
    {"304", 304, "", VERDICT_DESTINATION},
    {"307", 307, "", VERDICT_DESTINATION},
    {"308", 308, "", VERDICT_DESTINATION},

    /* The event */
    {"400", 400, "", VERDICT_REJECTED},
    {"400, a page", 400, HTML, VERDICT_REJECTED},
    {"413", 413, HTML, VERDICT_REJECTED},
    {"422", 422, "", VERDICT_REJECTED},
    {"a failure with 200", 200, FAILURE("400", "event_at is no integer"), VERDICT_REJECTED},
    {"a failure in capitals", 200, "{\"status\":\"Failure\"}", VERDICT_REJECTED},
    {"a failure without words", 200, "{\"status\":\"failure\"}", VERDICT_REJECTED},
    {"409 and a failure", 409, FAILURE("409", "seen before"), VERDICT_REJECTED},
    {"a failure, 404 in the body", 200, FAILURE("404", "no such product"), VERDICT_REJECTED},

    /* Later */
    {"408", 408, "", VERDICT_RETRY},
    {"425", 425, "", VERDICT_RETRY},
    {"429", 429, HTML, VERDICT_RETRY},
    {"429 and a failure", 429, FAILURE("429", "slow down"), VERDICT_RETRY},
    {"500", 500, "", VERDICT_RETRY},
    {"500 and success", 500, SUCCESS, VERDICT_RETRY},
    {"503, a page", 503, HTML, VERDICT_RETRY},
    {"511", 511, HTML, VERDICT_RETRY},
    {"599", 599, "", VERDICT_RETRY},
    {"500 in the body", 200, FAILURE("500", "internal error"), VERDICT_RETRY},
    {"429 in the body", 200, FAILURE("\"429\"", "slow down"), VERDICT_RETRY},
    {"429 in the body, 400 above", 400, FAILURE("429", "slow down"), VERDICT_RETRY},
};

static struct judgement judge(long status, struct span body)
{
    struct answer answer = {.status = status, .body = body};

    return verdict_judge(&answer, 0);
}

static void judges_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_number(
            rows[i].name, judge(rows[i].status, span_of(rows[i].body)).verdict, rows[i].verdict);
}

static void no_complete_answer_is_tried_again(void **state)
{
    struct answer answer = {.transport_error = "Connection reset by peer",
        .status = 401,
        .body = SPAN(WRONG_KEY),
        .retry_after = SPAN("7")};
    struct judgement judgement = verdict_judge(&answer, 0);

    (void)state;
    assert_int_equal(judgement.verdict, VERDICT_RETRY);
    assert_int_equal(judgement.retry_after_ms, -1);
    assert_string_equal(judgement.reason, "Connection reset by peer");
}

static void what_follows_a_nul_is_not_overlooked(void **state)
{
    (void)state;
    assert_int_equal(judge(200, SPAN(SUCCESS "\0" HTML)).verdict, VERDICT_RETRY);
    assert_int_equal(judge(200, SPAN("\0" SUCCESS)).verdict, VERDICT_RETRY);
    assert_int_equal(judge(400, SPAN("\0")).verdict, VERDICT_REJECTED);
}

/* The body was cut there, so what it seems to say does not count; the status does. */
static void an_oversized_answer_is_not_the_apis(void **state)
{
    struct buffer body = {0};

    (void)state;
    buffer_append(&body, SPAN(SUCCESS));
    while (body.len < LIMIT_ANSWER_BYTES - 1)
        buffer_append_byte(&body, ' ');
    assert_int_equal(judge(200, buffer_span(&body)).verdict, VERDICT_DELIVERED);
    buffer_append_byte(&body, ' ');
    assert_int_equal(judge(200, buffer_span(&body)).verdict, VERDICT_RETRY);
    assert_int_equal(judge(403, buffer_span(&body)).verdict, VERDICT_UNCLEAR);
    buffer_finish(&body);
}

static void a_deeply_nested_answer_is_not_the_apis(void **state)
{
    struct buffer body = {0};

    (void)state;
    buffer_append(&body, SPAN("{\"status\":\"success\",\"more\":"));
    for (int i = 0; i < 20000; i++)
        buffer_append_byte(&body, '[');
    for (int i = 0; i < 20000; i++)
        buffer_append_byte(&body, ']');
    buffer_append_byte(&body, '}');
    assert_int_equal(judge(200, buffer_span(&body)).verdict, VERDICT_RETRY);
    buffer_finish(&body);
}

struct wait {
    const char *header;
    int64_t wait_ms;
};

static void reads_retry_after_in_both_forms(void **state)
{
    enum { NOW_S = 784108800 }; /* Sun, 06 Nov 1994 08:00:00 GMT */
    static const struct wait waits[] = {
        {"0", 0},
        {"120", 120000},
        {" 7 ", 7000},
        {"3600", 3600000},
        {"3601", 3600000},
        {"315360000", 3600000},
        {"99999999999999999999999999", 3600000},
        {"Sun, 06 Nov 1994 08:00:30 GMT", 30000},
        {"Sunday, 06-Nov-94 08:00:30 GMT", 30000},
        {"Sun Nov  6 08:00:30 1994", 30000},
        {"Sun, 06 Nov 1994 07:00:00 GMT", 0},
        {"Sat, 06 Nov 2004 08:00:00 GMT", 3600000},
        {"-5", -1},
        {"+5", -1},
        {"1.5", -1},
        {"5 s", -1},
        {"", -1},
        {"soon", -1},
        {"Sun, 99 Foo 1994", -1},
        {"\x1b[31m", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        struct answer answer = {.status = 503, .retry_after = span_of(waits[i].header)};
        check_number(waits[i].header, (uint64_t)verdict_judge(&answer, NOW_S).retry_after_ms,
            (uint64_t)waits[i].wait_ms);
    }
    assert_int_equal(judge(503, SPAN("")).retry_after_ms, -1);
}

struct said {
    long status;
    const char *body, *location, *reason;
};

static void says_what_came_back_on_one_safe_line(void **state)
{
    static const struct said rows_said[] = {
        {400, WRONG_KEY, NULL, "HTTP 400, the API says \"Authentication Failure\""},
        {200, HTML, NULL,
            "HTTP 200 but not the API's answer: \"<html><title>Login</title></html>\""},
        {200,
            "<html>\r\n\t<body>\x1b]0;pwned\x07\xc2\x9b<h1>Sign in</h1> to go on, then come back "
            "here",
            NULL,
            "HTTP 200 but not the API's answer: "
            "\"<html> <body>.]0;pwned...<h1>Sign in</h1> to go on, then co…\""},
        {204, "", NULL, "HTTP 204 but not the API's answer: no body"},
        {503, "", NULL, "HTTP 503, no body"},
        {403, "<h1>Blocked</h1>", NULL, "HTTP 403, \"<h1>Blocked</h1>\""},
        {302, "", "https://portal.example/\x1b[2J?\"next",
            "HTTP 302, a redirect to \"https://portal.example/.[2J?\"next\" (never followed)"},
        {200, FAILURE("1", "line\\none\\u0007\\u001b[31m"), NULL,
            "HTTP 200, the API says \"line one..[31m\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows_said) / sizeof(*rows_said); i++) {
        const struct said *row = &rows_said[i];
        struct answer answer = {
            .status = row->status, .body = span_of(row->body), .location = span_of(row->location)};
        struct judgement judgement = verdict_judge(&answer, 0);
        check_span(row->reason, span_of(judgement.reason), row->reason);
    }
}

static void a_long_reason_is_cut_not_overrun(void **state)
{
    struct buffer body = {0};

    (void)state;
    buffer_append(&body, SPAN("{\"status\":\"failure\",\"response\":\""));
    for (int i = 0; i < 5000; i++)
        buffer_append_byte(&body, 'x');
    buffer_append(&body, SPAN("\"}"));
    assert_in_range(strlen(judge(200, buffer_span(&body)).reason), 100, VERDICT_REASON_BYTES - 1);
    buffer_finish(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_row),
        cmocka_unit_test(no_complete_answer_is_tried_again),
        cmocka_unit_test(what_follows_a_nul_is_not_overlooked),
        cmocka_unit_test(an_oversized_answer_is_not_the_apis),
        cmocka_unit_test(a_deeply_nested_answer_is_not_the_apis),
        cmocka_unit_test(reads_retry_after_in_both_forms),
        cmocka_unit_test(says_what_came_back_on_one_safe_line),
        cmocka_unit_test(a_long_reason_is_cut_not_overrun),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
