/* SPDX-License-Identifier: MIT
 *
 * shipper/endpoint/script.c through its header: whom each step takes, what it
 * answers, and where a faulty line is at fault.
 */
#include "shipper/endpoint/script.h"

#include "tests/support/test.h"

/* What the steps answer to each of the bodies in turn: status, "ok", "close",
 * with "+" where the event counts, "-" where no step takes the request. */
static struct span play(const char *script, const char *const *bodies)
{
    static struct buffer out;
    struct text text = {"script", span_of(script)};
    struct errors errors = {0};
    struct script *steps = script_parse(&text, &errors);

    buffer_clear(&out);
    errors_render(&errors, &out);
    errors_finish(&errors);
    for (size_t i = 0; steps && bodies[i]; i++) {
        const struct script_step *step = script_take(steps, span_of(bodies[i]));

        buffer_append(&out, i > 0 ? SPAN(" ") : SPAN(""));
        if (!step)
            buffer_append_byte(&out, '-');
        else if (step->answer == SCRIPT_STATUS)
            buffer_printf(&out, "%u", step->status);
        else
            buffer_append(&out, step->answer == SCRIPT_OK ? SPAN("ok") : SPAN("close"));
        if (step && step->is_accepted)
            buffer_append_byte(&out, '+');
    }
    script_free(steps);
    return buffer_span(&out);
}

struct turns {
    const char *script, *answers;
};

static const struct turns turns[] = {
    {"", "- - - - -"},
    {"# a comment\n\n   \n", "- - - - -"},
    {"* 500", "500 500 500 500 500"},
    {"2 500", "500 500 - - -"},
    {"2 500\n1 429 # then\n* ok", "500 500 429 ok+ ok+"},
    {"1/2 503", "503 - 503 - 503"},
    {"1/2 503\n1 404", "503 404 503 - 503"},
    {"* has=b 403", "- 403 - 403 -"},
    {"1 has=b 403", "- 403 - - -"},
    {"* has='c c' close", "- - close - close"},
    {"1 accept close\n1 close\n1 accept 500", "close+ close 500+ - -"},
};

static void each_request_is_taken_by_the_first_step_that_fits(void **state)
{
    static const char *const bodies[] = {"a", "b", "c c", "b", "c c", NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(turns) / sizeof(*turns); i++)
        check_span(turns[i].script, play(turns[i].script, bodies), turns[i].answers);
}

static void reads_every_option(void **state)
{
    struct text text = {"script", SPAN("* 429 header='Retry-After: 2' header=X:y "
                                       "body='<h1>it is busy</h1>' delay=50ms\n"
                                       "* 503 delay=2s body=html\n")};
    struct errors errors = {0};
    struct script *script = script_parse(&text, &errors);
    const struct script_step *step;

    (void)state;
    assert_non_null(script);
    step = script_take(script, SPAN(""));
    assert_int_equal(step->status, 429);
    assert_int_equal(step->header_count, 2);
    check_span("header", step->headers[0], "Retry-After: 2");
    check_span("header", step->headers[1], "X:y");
    check_span("body", step->body, "<h1>it is busy</h1>");
    assert_int_equal(step->delay_ms, 50);
    script_free(script);
}

static void knows_the_bodies_by_name(void **state)
{
    static const char *const rows[][2] = {
        {"* 200 body=success", "{\"response_code\":\"200\",\"response\":\"Data Uploaded\","
                               "\"status\":\"success\"}"},
        {"* 200 body=failure", "{\"response_code\":400,\"response\":\"Scripted Failure\","
                               "\"status\":\"failure\"}"},
        {"* 200 body=auth", "{\"response_code\":400,\"response\":\"Authentication Failure\","
                            "\"status\":\"failure\"}"},
        {"* 200 body=words", "words"},
        {"* 200 body=''", ""},
        {"* 200", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct text text = {"script", span_of(rows[i][0])};
        struct errors errors = {0};
        struct script *script = script_parse(&text, &errors);

        check_row(rows[i][0], script != NULL);
        check_span(rows[i][0], script_take(script, SPAN(""))->body, rows[i][1]);
        script_free(script);
    }
}

struct bad {
    const char *script;
    size_t offset;
    const char *message;
};

static const struct bad bad[] = {
    {"once 500", 0, "which requests?"},
    {"0 500", 0, "which requests?"},
    {"1/0 500", 0, "which requests?"},
    {"500", 3, "which answer?"},
    {"1", 1, "which answer?"},
    {"1 has=", 2, "which answer?"},
    {"1 accept", 8, "which answer?"},
    {"1 99", 2, "which answer?"},
    {"1 600", 2, "which answer?"},
    {"* 200\n1 maybe", 8, "which answer?"},
    {"1 500 bdy=x", 6, "unknown option"},
    {"1 500 body", 6, "unknown option"},
    {"1 close body=x", 8, "only an answer with a status has a body of its own"},
    {"1 ok header=a:b", 5, "only an answer with a status has headers of its own"},
    {"1 500 header=none", 6, "a header is 'Name: value', four at most"},
    {"1 500 delay=2", 6, "a delay is 200ms or 2s, an hour at most"},
    {"1 500 delay=s", 6, "a delay is 200ms or 2s, an hour at most"},
    {"1 500 delay=ms", 6, "a delay is 200ms or 2s, an hour at most"},
    {"1 500 delay=3601s", 6, "a delay is 200ms or 2s, an hour at most"},
    {"1 500 body='open", 11, "the quote is not closed"},
    {"1 500 body='a'b", 6, "text behind the closing quote"},
};

static void names_the_place_of_every_bad_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct text text = {"script", span_of(bad[i].script)};
        struct errors errors = {0};

        check_row(bad[i].script, script_parse(&text, &errors) == NULL);
        check_number(bad[i].script, errors.count, 1);
        check_number(bad[i].script, errors.items[0].place.offset, bad[i].offset);
        check_span(bad[i].script, span_of(errors.items[0].message), bad[i].message);
        errors_finish(&errors);
    }
}

static void reports_every_bad_line_at_once(void **state)
{
    struct text text = {"script", SPAN("x 1\n1 500\ny 1\n")};
    struct errors errors = {0};

    (void)state;
    assert_null(script_parse(&text, &errors));
    assert_int_equal(errors.count, 2);
    errors_finish(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_taken_by_the_first_step_that_fits),
        cmocka_unit_test(reads_every_option),
        cmocka_unit_test(knows_the_bodies_by_name),
        cmocka_unit_test(names_the_place_of_every_bad_row),
        cmocka_unit_test(reports_every_bad_line_at_once),
    };

    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
