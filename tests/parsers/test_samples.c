/* SPDX-License-Identifier: MIT
 *
 * parsers/samples.c through its header: a sample with one thing about it that may
 * be wrong, and what is said of it.
 */
#include "parsers/samples.h"
#include "tests/support/test.h"

static const struct row {
    const char *line, *event;
    size_t failed;
    const char *said; /* NULL: nothing */
} rows[] = {
    {"2026-11-23 10:11:12 in a 203.0.113.7", "{user_id: a, event_at: '2026-11-23T10:11:12Z'}", 0,
        NULL},
    {"2026-11-23 10:11:12 in a 203.0.113.7", "{user_id: a, event_at: '2026-11-23T10:11:13Z'}", 1,
        "event_at is \"2026-11-23T10:11:12Z\""},
    {"Nov 23 10:11:12 in a 203.0.113.7", "{event_at: '2024-11-23T10:11:12Z'}", 0, NULL},
    {"10:11:12 in a 203.0.113.7", "{event_at: '2024-11-23T10:11:12Z'}", 0, NULL},
    {"when? in a 203.0.113.7", "{event_at: '2026-11-23T10:11:12Z'}", 1,
        "no time is understood in this line"},
    {"when? in a 203.0.113.7", "{user_id: a}", 0, NULL},
    {"in a 203.0.113.777", "{ip_addr: 203.0.113.7}", 1, "`ip_addr` gave no usable address"},
    {"in a 203.0.113.8", "{ip_addr: 203.0.113.7}", 1, "ip_addr is \"203.0.113.8\""},
    {"in a 203.0.113.8", "{user_id: b, ip_addr: 203.0.113.7}", 1, "user_id is \"a\""},
    {"in a 203.0.113.8", "none", 1, "takes this line, the sample wants none"},
    {"out a 203.0.113.8", "none", 0, NULL},
    {"in - 203.0.113.8", "{user_id: a}", 1,
        "user_id can't be filled: no usable user, and no "
        "user_agent in its place (\"-\")."},
    {"in a 203.0.113.8", "{user_agent: x}", 1, "`event` does not say what its user_agent is"},
    {"in a 203.0.113.8", "{meta: {how: x}}", 1, "`event` does not say what its meta.how is"},
    {"out a 203.0.113.8", "{user_id: a}", 1, "See line 4, column 15: its match wants \"in\""},
    {"in a", "{user_id: a}", 1, "rules.yaml:8:21: rule \"in\" makes no event of this line"},
};

static void check_sample(const struct row *row)
{
    struct buffer yaml = {0}, said = {0};
    struct errors errors = {0};
    struct rule_file *file;
    struct text text;
    size_t failed;

    buffer_printf(&yaml,
        "product: acme\n"
        "rules:\n"
        "  - name: in\n"
        "    match: '\\bin (?<user>\\S+) (?<ip>\\S+)'\n"
        "    event: {activity_type: IN, user_id: '${user}', ip_addr: '${ip}'}\n"
        "    samples:\n"
        "      - {line: 'in z 192.0.2.7', event: {user_id: z}}\n"
        "      - {line: '%s', event: %s}\n",
        row->line, row->event);
    text = (struct text){"rules.yaml", buffer_span(&yaml)};
    file = rule_file_parse(&text, &errors);
    check_row(row->line, file != NULL);
    check_number(row->line, samples_run(file, &failed, &errors), 2);
    check_number(row->line, failed, row->failed);
    errors_render(&errors, &said);
    buffer_append_byte(&said, '\0');
    check_row(row->said ? row->said : row->line,
        row->said ? strstr(said.bytes, row->said) != NULL : errors.count == 0);
    rule_file_free(file);
    errors_finish(&errors);
    buffer_finish(&yaml);
    buffer_finish(&said);
}

static void each_sample_is_judged_by_what_it_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_sample(&rows[i]);
}

/* The address is nowhere in the line. */
static void a_sample_may_say_what_the_source_knows(void **state)
{
    static const struct text text = {"rules.yaml",
        SPAN("product: acme\n"
             "rules:\n"
             "  - name: in\n"
             "    match: '^in (?<user>\\S+)'\n"
             "    event: {activity_type: IN, user_id: '${user}', ip_addr: '${peer.ip}'}\n"
             "    samples:\n"
             "      - {line: in a, fields: {peer.ip: 203.0.113.7}, event: {ip_addr: 203.0.113.7}}\n"
             "      - {line: in a, fields: {peer.ip: 203.0.113.8}, event: {ip_addr: "
             "203.0.113.7}}\n")};
    static const struct text wrong = {"rules.yaml",
        SPAN("product: acme\n"
             "rules:\n"
             "  - name: in\n"
             "    match: in\n"
             "    event: {activity_type: IN, ip_addr: '${peer.ip}', user_agent: '${peer.name}'}\n"
             "    samples:\n"
             "      - {line: in a, fields: 203.0.113.7}\n")};
    struct errors errors = {0};
    struct rule_file *file = rule_file_parse(&text, &errors);
    struct buffer said = {0};
    size_t failed = 0;

    (void)state;
    check_row("good", file && samples_run(file, &failed, &errors) == 2);
    check_number("good", failed, 1);
    rule_file_free(file);
    errors_finish(&errors);

    check_row("wrong", !rule_file_parse(&wrong, &errors));
    errors_render(&errors, &said);
    buffer_append_byte(&said, '\0');
    check_row(said.bytes, strstr(said.bytes, "\"fields\" must be a map") != NULL);
    check_row(said.bytes, strstr(said.bytes, "unknown name \"peer.name\"") != NULL);
    check_row(said.bytes, strstr(said.bytes, "\"peer.ip\"") == NULL);
    errors_finish(&errors);
    buffer_finish(&said);
}

/* What the rule asks for, the line has under another name. */
static void a_misspelt_field_is_told_beside_the_one_that_is_there(void **state)
{
    static const struct text text = {"rules.yaml",
        SPAN("product: acme\n"
             "format: json\n"
             "rules:\n"
             "  - name: in\n"
             "    where: {event: in}\n"
             "    event: {activity_type: IN, user_id: '${user.name}', ip_addr: '${ip}'}\n"
             "    samples:\n"
             "      - line: '{\"event\":\"in\",\"User\":{\"Name\":\"a\"},\"ip\":\"203.0.113.7\"}'\n"
             "        event: {user_id: a}\n")};
    struct errors errors = {0};
    struct rule_file *file = rule_file_parse(&text, &errors);
    size_t failed;

    (void)state;
    assert_non_null(file);
    assert_int_equal(samples_run(file, &failed, &errors), 1);
    assert_int_equal(errors.count, 1);
    check_row(errors.items[0].hint,
        strstr(errors.items[0].hint, "the record has no \"user.name\", but \"User.Name\".") !=
            NULL);
    rule_file_free(file);
    errors_finish(&errors);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_may_say_what_the_source_knows),
        cmocka_unit_test(a_misspelt_field_is_told_beside_the_one_that_is_there),
        cmocka_unit_test(each_sample_is_judged_by_what_it_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
