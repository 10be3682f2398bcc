/* SPDX-License-Identifier: MIT
 *
 * parsers/condition.c through its header: rows of a `where` as YAML, with what
 * they make of one record, and broken rows with their message and place.
 */
#include "parsers/condition.h"
#include "tests/support/test.h"

static struct record record;
static struct matcher *matcher;

static const struct pattern_name local[] = {{SPAN("LOGIN"), SPAN("/(?:login|signin)")}};

/* The verdict on the one row in yaml; `errors` says what was wrong with it. */
static enum pattern_result check_where(const char *yaml, struct errors *errors)
{
    const struct text text = {"where.yaml", span_of(yaml)};
    struct document *document = document_parse(&text, errors);
    enum pattern_result result = PATTERN_NO;
    struct file_patterns patterns = {.local = local, .local_count = 1};
    struct condition condition;

    if (condition_parse(&document_root(document)->pairs[0], &patterns, &condition, errors)) {
        result = condition_check(&condition, &record, matcher);
        condition_finish(&condition);
    }
    document_free(document);
    return result;
}

struct good {
    const char *yaml;
    bool is_met;
};

static const struct good good[] = {
    {"program: sshd", true},
    {"program: ssh", false},
    {"program: SSHD", false},
    {"gone: sshd", false},
    {"status: 200", true},
    {"status: '200'", true},
    {"status: 200.0", false},
    {"success: true", true},
    {"success: yes", false},
    {"empty: ''", true},
    {"gone: ''", false},
    {"params[?key=user].value: carol", true},
    {"path: {matches: '^/login'}", true},
    {"path: {matches: '^%{LOGIN}$'}", true},
    {"path: {matches: '^/logout'}", false},
    {"gone: {matches: ''''}", false},
    {"method: {in: [GET, POST]}", true},
    {"method: {in: [PUT]}", false},
    {"method: {in: [post]}", false},
    {"gone: {in: [POST]}", false},
    {"method: {exists: true}", true},
    {"method: {exists: false}", false},
    {"empty: {exists: true}", false},
    {"empty: {exists: false}", true},
    {"gone: {exists: true}", false},
    {"gone: {exists: false}", true},
    {"status: {from: 200, below: 400}", true},
    {"status: {from: 201, below: 400}", false},
    {"status: {from: 100, below: 200}", false},
    {"status: {from: 200}", true},
    {"status: {below: 200.5}", true},
    {"status: {from: -1e2, below: 2.1E+2}", true},
    {"seconds: {from: 0.3499, below: 0.3501}", true},
    {"seconds: {from: 0.35, below: 0.35000001}", true},
    {"tiny: {from: 0.000014, below: 0.000016}", true},
    {"huge: {from: 1e300}", true},
    {"debt: {below: -4}", true},
    {"method: {from: 0}", false},
    {"bytes: {from: 0}", false},
    {"empty: {from: 0}", false},
    {"gone: {from: 0}", false},
};

static void decides_every_row(void **state)
{
    (void)state;
    record_reset(&record, SPAN("line"));
    record_add(&record, SPAN("program"), SPAN("sshd"));
    record_add(&record, SPAN("status"), SPAN("200"));
    record_add(&record, SPAN("success"), SPAN("true"));
    record_add(&record, SPAN("empty"), SPAN(""));
    record_add(&record, SPAN("params[0].key"), SPAN("user"));
    record_add(&record, SPAN("params[0].value"), SPAN("carol"));
    record_add(&record, SPAN("path"), SPAN("/login"));
    record_add(&record, SPAN("method"), SPAN("POST"));
    record_add(&record, SPAN("seconds"), SPAN("0.35"));
    record_add(&record, SPAN("tiny"), SPAN("1.5e-05"));
    record_add(&record, SPAN("huge"), SPAN("1e99999999"));
    record_add(&record, SPAN("debt"), SPAN("-5"));
    record_add(&record, SPAN("bytes"), SPAN("12kB"));
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct errors errors = {0};

        check_row(good[i].yaml,
            check_where(good[i].yaml, &errors) == (good[i].is_met ? PATTERN_MATCH : PATTERN_NO));
        check_number(good[i].yaml, errors.count, 0);
        errors_finish(&errors);
    }
}

static void a_pattern_that_hits_its_limits_is_neither_met_nor_not(void **state)
{
    struct buffer value = {0};
    struct errors errors = {0};

    (void)state;
    for (int i = 0; i < 30000; i++)
        buffer_append_byte(&value, 'a');
    buffer_append_byte(&value, 'b');
    record_reset(&record, SPAN("line"));
    record_add(&record, SPAN("f"), buffer_span(&value));
    check_row("limit", check_where("f: {matches: '(a+)+$'}", &errors) == PATTERN_LIMIT);
    buffer_finish(&value);
    errors_finish(&errors);
}

struct bad {
    const char *yaml;
    size_t offset;
    const char *message;
};

static const struct bad bad[] = {
    {"method: [GET, POST]", 8, "a condition cannot be a list"},
    {"method:", 7, "a condition without a value"},
    {"method: {is: GET}", 9, "unknown key \"is\" in a condition"},
    {"method: {}", 8, "no condition for one field"},
    {"method: {in: [a], exists: true}", 8, "more than one condition for one field"},
    {"method: {in: GET}", 13, "\"in\" must be a list of values"},
    {"method: {in: []}", 13, "\"in\" must be a list of values"},
    {"method: {in: [a, [b]]}", 17, "\"in\" must be a text, not a list"},
    {"method: {exists: maybe}", 17, "\"maybe\" is not true or false"},
    {"status: {from: '200'}", 15, "\"from\" must be a number"},
    {"status: {from: 200, below: 4xx}", 27, "\"below\" must be a number"},
    {"status: {from: 1.}", 15, "\"from\" must be a number"},
    {"status: {from: 1e}", 15, "\"from\" must be a number"},
    {"status: {from: 400, below: 400}", 8, "no number is in this range"},
    {"path: {matches: '^/(login'}", 19, "missing closing parenthesis"},
    {"path: {matches: [a]}", 16, "\"matches\" must be a text, not a list"},
    {"path: {matches: \"\"}", 16, "\"matches\" is empty"},
};

static void names_the_place_of_every_fault(void **state)
{
    (void)state;
    record_reset(&record, SPAN("line"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct errors errors = {0};

        check_where(bad[i].yaml, &errors);
        check_number(bad[i].yaml, errors.count, 1);
        check_span(bad[i].yaml, span_of(errors.items[0].message), bad[i].message);
        check_number(bad[i].yaml, errors.items[0].place.offset, bad[i].offset);
        errors_finish(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_every_row),
        cmocka_unit_test(a_pattern_that_hits_its_limits_is_neither_met_nor_not),
        cmocka_unit_test(names_the_place_of_every_fault),
    };
    int failed;

    record_init(&record);
    matcher = matcher_new();
    failed = cmocka_run_group_tests_name("condition", tests, NULL, NULL);
    matcher_free(matcher);
    record_finish(&record);
    return failed;
}
