/* SPDX-License-Identifier: MIT
 *
 * parsers/near_miss.c and parsers/near_reason.c through their headers: lines that no rule takes,
 * the rule that comes nearest, the step that failed, what it wanted and what was there.
 */
#include "parsers/near_field.h"
#include "parsers/near_reason.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

static const char yaml[] =
    "product: acme\n"
    "format: logfmt\n"
    "patterns: {WHO: 'user (?<user>\\S+)'}\n"
    "rules:\n"
    "  - name: login\n"
    "    where: {level: info, code: {from: 200, below: 400}}\n"
    "    match: '^login of %{WHO} from %{IP:ip}'\n"
    "    unless: 'by a probe'\n"
    "    event: {activity_type: LOGIN, user_id: '${user}', ip_addr: '${ip}'}\n"
    "    samples: [{line: 'level=info code=200 msg=\"login of user a from 192.0.2.7\"',\n"
    "               event: {user_id: a}}]\n"
    "  - name: push\n"
    "    requires: git\n"
    "    match: {path: '^/git/(?<repo>\\w+)/push$'}\n"
    "    event: {activity_type: PUSH, user_id: '${repo}', ip_addr: 192.0.2.1}\n"
    "    samples: [{line: 'path=/git/a/push', event: {user_id: a}}]\n"
    "  - name: other\n"
    "    where: {agent: {matches: '^acme-cli/'}, kind: cli}\n"
    "    event: {activity_type: CLI, user_agent: acme, ip_addr: 192.0.2.1}\n"
    "    samples: [{line: 'agent=acme-cli/7 kind=cli', event: {user_agent: acme}}]\n";

static const struct row {
    const char *line, *rule;
    enum near_step step;
    const char *wanted, *field, *found; /* found: NULL for no pattern's place */
    size_t file_line;
    bool is_near;
} rows[] = {
    {"level=info code=200 msg=\"login of user a form 192.0.2.7\"", "login", NEAR_MATCH, "from",
        NULL, "form", 7, true},
    {"level=info code=200 msg=\"login of usr a from 192.0.2.7\"", "login", NEAR_MATCH, "%{WHO}",
        NULL, "usr", 7, true},
    {"level=warn code=200 msg=\"login of user a from 192.0.2.7\"", "login", NEAR_WHERE, "info",
        "level", NULL, 6, true},
    {"level=info code=404 msg=\"login of user a from 192.0.2.7\"", "login", NEAR_WHERE,
        "{from: 200, below: 400}", "code", NULL, 6, true},
    {"level=info msg=\"login of user a from 192.0.2.7\"", "login", NEAR_WHERE,
        "{from: 200, below: 400}", "code", NULL, 6, true},
    {"level=info code=200 msg=\"login of user a from 192.0.2.7 by a probe\"", "login", NEAR_UNLESS,
        "'by a probe'", NULL, NULL, 8, true},
    {"path=/gti/a/push", "push", NEAR_REQUIRES, "git", NULL, NULL, 13, false},
    {"path=/git/a/pull", "push", NEAR_MATCH, "push", "path", "pull", 14, true},
    {"agent=acme-gui/7 kind=cli", "other", NEAR_WHERE, "cli", "agent", "gui", 18, true},
    {"a=1 b=2", "login", NEAR_WHERE, "info", "level", NULL, 6, false},
};

static void check_miss(
    const struct row *row, struct near_finder *finder, const struct rule_file *file)
{
    struct near_miss miss;
    struct record record;
    size_t at, line, column;

    record_init(&record);
    record_reset(&record, span_of(row->line));
    check_number(row->line, format_chain(file->chain, &record, &at), PARSE_OK);
    check_row(row->line, near_finder_run(finder, 0, &record, &miss));
    check_span(row->line, miss.rule->name, row->rule);
    check_number(row->line, miss.step, row->step);
    check_span(row->line, miss.wanted, row->wanted);
    check_span(row->line, miss.field, row->field);
    if (row->found)
        check_span(row->line, span_between(miss.value.at + miss.to, miss.value.at + miss.until),
            row->found);
    place_find(&miss.place, &line, &column);
    check_number(row->line, line, row->file_line);
    check_row(row->line, (miss.nearness >= NEAR_ENOUGH) == row->is_near);
    record_finish(&record);
}

static void the_nearest_rule_and_its_failed_step_are_told(void **state)
{
    struct loaded_rules loaded = rules_load(yaml);
    const struct engine_rules rules = {.file = loaded.file};
    struct near_finder *finder = near_finder_new(&rules, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_miss(&rows[i], finder, loaded.file);
    near_finder_free(finder);
    rules_unload(&loaded);
}

static void of_a_rule_that_takes_the_record_there_is_nothing_to_tell(void **state)
{
    struct loaded_rules loaded = rules_load(yaml);
    const struct rule *only[] = {&loaded.file->rules[2]};
    const struct engine_rules rules = {.file = loaded.file, .only = only, .only_count = 1};
    struct near_finder *finder = near_finder_new(&rules, 1);
    struct near_miss miss;
    struct record record;
    size_t at;

    (void)state;
    record_init(&record);
    record_reset(&record, SPAN("agent=acme-cli/7 kind=cli"));
    format_chain(loaded.file->chain, &record, &at);
    assert_false(near_finder_run(finder, 0, &record, &miss));
    record_finish(&record);
    near_finder_free(finder);
    rules_unload(&loaded);
}

/* A dozen addresses are too much for pattern_trace.h; the reason says so, not where. */
static void of_a_pattern_that_is_too_large_no_place_is_told(void **state)
{
    struct buffer source = {0}, said = {0};
    struct loaded_rules loaded;
    struct engine_rules rules = {0};
    struct near_finder *finder;
    struct near_miss miss;
    struct record record;

    (void)state;
    buffer_append(&source, SPAN("product: acme\nrules:\n  - name: many\n    match: '^a"));
    for (int i = 0; i < 12; i++)
        buffer_append(&source, SPAN(" %{IP}"));
    buffer_append(&source, SPAN(" end'\n    ignore: true\n    samples: [{line: 'a'}]\n"));
    buffer_append_byte(&source, '\0');
    loaded = rules_load(source.bytes);
    rules.file = loaded.file;
    finder = near_finder_new(&rules, 1);
    record_init(&record);
    record_reset(&record, SPAN("a 192.0.2.7"));
    assert_true(near_finder_run(finder, 0, &record, &miss));
    assert_true(miss.is_untraced);
    assert_false(near_reason_has_place(&miss));
    near_reason_write(&miss, &said);
    check_span("said", buffer_span(&said),
        "its match does not match, and is too large to tell where it dies");
    record_finish(&record);
    near_finder_free(finder);
    rules_unload(&loaded);
    buffer_finish(&source);
    buffer_finish(&said);
}

/* Names that differ from the record's by case or a letter. */
static void a_field_with_a_name_like_it_is_told(void **state)
{
    struct loaded_rules loaded = rules_load(yaml);
    const struct engine_rules rules = {.file = loaded.file};
    struct near_finder *finder = near_finder_new(&rules, 1);
    struct buffer said = {0};
    struct near_miss miss;
    struct record record;
    size_t at;

    (void)state;
    record_init(&record);
    record_reset(&record, SPAN("Level=info code=200 msg=\"login of user a from 192.0.2.7\""));
    format_chain(loaded.file->chain, &record, &at);
    assert_true(near_finder_run(finder, 0, &record, &miss));
    near_reason_write(&miss, &said);
    check_span("said", buffer_span(&said),
        "its where wants level: info, and the record has no such field, but \"Level\"");
    check_span("far", near_field(&record, SPAN("banana")), NULL);
    check_span("itself", near_field(&record, SPAN("code")), NULL);
    buffer_clear(&said);
    assert_false(near_field_write(&loaded.file->rules[0], "user_id", &record, &said));
    record_finish(&record);
    near_finder_free(finder);
    rules_unload(&loaded);
    buffer_finish(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_with_a_name_like_it_is_told),
        cmocka_unit_test(of_a_pattern_that_is_too_large_no_place_is_told),
        cmocka_unit_test(the_nearest_rule_and_its_failed_step_are_told),
        cmocka_unit_test(of_a_rule_that_takes_the_record_there_is_nothing_to_tell),
    };

    return cmocka_run_group_tests_name("near_miss", tests, NULL, NULL);
}
