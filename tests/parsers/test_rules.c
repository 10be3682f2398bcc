/* SPDX-License-Identifier: MIT
 *
 * parsers/rules.c through its header. Broken rule files are data: each
 * tests/cases/rules/NAME.yaml is read, and what is wrong with it must render
 * exactly as NAME.expected says (an empty one: the file is fine). To add a case,
 * write the .yaml and an empty .expected, run, and copy what the failure shows.
 */
#include "parsers/rule.h"
#include "tests/support/test.h"

#include <glob.h>
#include <stdio.h>

#define CASES "tests/cases/rules/"

static void read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    size_t got;

    check_row(path, file != NULL);
    do {
        got = fread(buffer_reserve(out, 4096), 1, 4096, file);
        out->len += got;
    } while (got > 0);
    fclose(file);
}

static void check_case(const char *path)
{
    struct buffer yaml = {0}, expected = {0}, got = {0}, expected_path = {0};
    struct errors errors = {0};
    struct rule_file *file;
    struct text text;

    buffer_printf(&expected_path, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    read_file(path, &yaml);
    read_file(expected_path.bytes, &expected);
    text = (struct text){strrchr(path, '/') + 1, buffer_span(&yaml)};
    file = rule_file_parse(&text, &errors);
    check_row(path, (file == NULL) == (errors.count > 0));
    errors_render(&errors, &got);
    buffer_append_byte(&expected, '\0');
    check_span(path, buffer_span(&got), expected.bytes);
    rule_file_free(file);
    errors_finish(&errors);
    buffer_finish(&yaml);
    buffer_finish(&expected);
    buffer_finish(&got);
    buffer_finish(&expected_path);
}

static void every_case_renders_as_expected(void **state)
{
    glob_t cases;

    (void)state;
    assert_int_equal(glob(CASES "*.yaml", 0, NULL, &cases), 0);
    check_row("cases", cases.gl_pathc > 10);
    for (size_t i = 0; i < cases.gl_pathc; i++)
        check_case(cases.gl_pathv[i]);
    globfree(&cases);
}

static const char *first_of(const struct candidates *candidates, struct record *record)
{
    static char text[100];
    const struct scope scope = {.record = record, .self_ip = SPAN("192.0.2.1")};
    struct span value;

    if (candidates->count == 0)
        return NULL;
    check_row("candidate", template_expand(candidates->items[0], &scope, record->arena, &value));
    snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
    return text;
}

static void check_login(const struct rule *rule, struct record *record)
{
    const struct rule_event *event = &rule->event;

    check_span("login", rule->name, "login");
    check_number("login", rule->place.len, 5);
    check_number("login", rule->where_count, 4);
    check_span("login", rule->where[2].field, "status");
    check_number("login", rule->match_count, 1);
    check_span("login", rule->matches[0].field, "msg");
    check_number("login", pattern_capture_count(rule->matches[0].pattern), 2);
    check_span("login", rule->unless.field, "msg");
    check_row("login", rule->unless.pattern != NULL);
    check_row("login", rule->is_continue && !rule->is_ignore);
    check_number("login", rule->time.from.count, 2);
    check_number("login", rule->placeholder_count, 2);
    check_span("login", rule->placeholders[0], "guest");

    check_span("event", event->activity_type, "LOGIN");
    check_span("event", event->source, "SAAS_PRODUCT");
    check_span("event", event->environment, "STAGING");
    check_number("event", event->user_id_type, USER_ID_USERNAME);
    check_number("event", event->user_id.count, 2);
    check_number("event", event->ip_addr.count, 2);
    check_span("event", span_of(first_of(&event->user_agent, record)), "acme");
    check_number("event", event->meta_count, 2);
    check_span("event", event->meta[1].name, "both");
    check_span("event", span_of(first_of(&event->meta[1].value, record)), "1 2");

    check_number("samples", rule->sample_count, 2);
    check_number("samples", rule->samples[0].wanted_count, 4);
    check_span("samples", rule->samples[0].wanted[0].key->value, "user_id");
    check_row("samples", !rule->samples[0].is_none && rule->samples[1].is_none);
    check_span("samples", rule->samples[1].line, "Nov 23 10:11:12 web1 acme: method=PUT");
}

static void keeps_everything_that_a_file_says(void **state)
{
    struct buffer yaml = {0};
    struct errors errors = {0};
    struct record record;
    struct rule_file *file;
    struct text text;

    (void)state;
    read_file(CASES "fine.yaml", &yaml);
    text = (struct text){"fine.yaml", buffer_span(&yaml)};
    file = rule_file_parse(&text, &errors);
    assert_non_null(file);
    record_init(&record);
    record_reset(&record, SPAN("line"));
    record_add(&record, SPAN("a"), SPAN("1"));
    record_add(&record, SPAN("b"), SPAN("2"));

    check_span("file", file->product, "acme");
    check_span("file", file->about, "Acme server");
    check_span("file", span_of(file->chain[0]->name), "syslog");
    check_span("file", span_of(file->chain[1]->name), "logfmt");
    check_row("file", file->chain[2] == NULL);
    check_number("file", file->count, 2);
    check_row("health", file->rules[0].is_ignore && file->rules[0].match_count == 0);
    check_number("health", file->rules[0].placeholder_count, rule_placeholder_count);
    check_login(&file->rules[1], &record);
    check_row("find", rule_file_find(file, SPAN("login")) == &file->rules[1]);
    check_row("find", rule_file_find(file, SPAN("logi")) == NULL);

    record_finish(&record);
    rule_file_free(file);
    rule_file_free(NULL);
    errors_finish(&errors);
    buffer_finish(&yaml);
}

static void a_file_without_format_is_plain(void **state)
{
    const struct text text = {"plain.yaml",
        SPAN("{product: p, rules: [{name: r, match: x, ignore: true, samples: [{line: x}]}]}")};
    struct errors errors = {0};
    struct rule_file *file = rule_file_parse(&text, &errors);

    (void)state;
    assert_non_null(file);
    check_span("chain", span_of(file->chain[0]->name), "plain");
    check_row("chain", file->chain[1] == NULL);
    check_span("about", file->about, NULL);
    rule_file_free(file);
    errors_finish(&errors);
}

static void too_many_rules_are_refused_before_they_are_read(void **state)
{
    struct buffer yaml = {0};
    struct errors errors = {0};
    struct text text;

    (void)state;
    buffer_append(&yaml, SPAN("product: p\nrules:\n"));
    for (unsigned i = 0; i <= LIMIT_RULES; i++)
        buffer_append(&yaml, SPAN("- {name: a}\n"));
    text = (struct text){"many.yaml", buffer_span(&yaml)};
    check_row("many", !rule_file_parse(&text, &errors));
    check_number("many", errors.count, 1);
    check_span(
        "many", span_of(errors.items[0].message), "2001 rules in one file, the most is 2000");
    errors_finish(&errors);
    buffer_finish(&yaml);
}

static void a_runtime_comes_first_but_where_the_file_says_so(void **state)
{
    static const struct {
        const char *keys, *wanted; /* the chain */
    } rows[] = {
        {"", "cri plain "},
        {"format: json, ", "cri json "},
        {"format: [syslog, logfmt], ", "cri syslog logfmt "},
        {"format: [cri, json], ", "cri json "},
        {"format: [docker, json], ", "docker json "},
        {"multiline: {continues: '^ '}, ", "plain "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct errors errors = {0};
        struct buffer yaml = {0}, chain = {0};
        struct rule_file *file;
        struct text text;

        buffer_printf(&yaml,
            "{product: p, %srules: [{name: r, match: x, ignore: true, samples: [{line: x}]}]}",
            rows[i].keys);
        text = (struct text){"p.yaml", buffer_span(&yaml)};
        file = rule_file_parse_within(format_find(SPAN("cri")), &text, &errors);
        check_row(rows[i].keys, file != NULL);
        for (size_t j = 0; file->chain[j]; j++)
            buffer_printf(&chain, "%s ", file->chain[j]->name);
        check_span(rows[i].keys, buffer_span(&chain), rows[i].wanted);
        rule_file_free(file);
        errors_finish(&errors);
        buffer_finish(&yaml);
        buffer_finish(&chain);
    }
}

static void errors_of_another_file_do_not_count(void **state)
{
    const struct text text = {"plain.yaml",
        SPAN("{product: p, rules: [{name: r, match: x, ignore: true, samples: [{line: x}]}]}")};
    struct errors errors = {0};
    struct rule_file *file;

    (void)state;
    errors_add(&errors, (struct place){.text = NULL}, "of another file");
    file = rule_file_parse(&text, &errors);
    assert_non_null(file);
    rule_file_free(file);
    errors_finish(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_renders_as_expected),
        cmocka_unit_test(keeps_everything_that_a_file_says),
        cmocka_unit_test(a_file_without_format_is_plain),
        cmocka_unit_test(too_many_rules_are_refused_before_they_are_read),
        cmocka_unit_test(a_runtime_comes_first_but_where_the_file_says_so),
        cmocka_unit_test(errors_of_another_file_do_not_count),
    };

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
