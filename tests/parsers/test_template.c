/* SPDX-License-Identifier: MIT
 *
 * parsers/template.c through its header: templates with what they expand to,
 * and broken ones with the place of the fault.
 */
#include "parsers/filter.h"
#include "parsers/template.h"
#include "tests/support/test.h"

static struct record record;

static const struct field captures[] = {
    {SPAN("user"), SPAN("alice")},
    {SPAN("none"), SPAN("")},
    {SPAN("ip"), SPAN("192.0.2.7")},
};

struct good {
    const char *text, *value; /* NULL: not expanded */
};

static const struct good good[] = {
    {"", ""},
    {"plain text", "plain text"},
    {"${user}", "alice"},
    {"${user}@${realm}", "alice@corp"},
    {"a${user}b${ip}c", "aaliceb192.0.2.7c"},
    {"${meta.user}", "bob"},
    {"${sourceIPs[0]}", "192.0.2.9"},
    {"${params[?key=user].value}", "carol"},
    {"${user-agent}", "curl/8.5.0"},
    {"${gone}", NULL},
    {"x${gone}", NULL},
    {"${gone:-nobody}", "nobody"},
    {"${gone:-}", ""},
    {"${gone:-a:-b|c}", "a:-b|c"},
    {"${none}", ""},
    {"${none:-nobody}", "nobody"},
    {"${user:-nobody}", "alice"},
    {"$${user} costs $$5", "${user} costs $5"},
    {"5$ or $5 $", "5$ or $5 $"},
    {"${self.ip} ${self.name:-me}", "203.0.113.1 me"},
    {"${self.name}", NULL},
    {"${ip|before('.')}-${user|lower}", "192-alice"},
    {"${ip | after('.') | before('.')}", "0"},
    {"${gone|lower:-Nobody}", "Nobody"},
    {"${none|hash:-nobody}", "nobody"},
    {"${user|truncate:-no address}", "no address"},
    {"${user|truncate}", NULL},
    {"${ip|truncate}", "192.0.2.0"},
    {"${ip|before('}')|before(\"'$|{\")}", "192.0.2.7"},
    {"${user|hash}", NULL},
};

static void expands_every_row(void **state)
{
    const struct scope scope = {
        .captures = captures,
        .capture_count = sizeof(captures) / sizeof(*captures),
        .record = &record,
        .self_ip = SPAN("203.0.113.1"),
    };

    (void)state;
    record_reset(&record, SPAN("line"));
    record_add(&record, SPAN("user"), SPAN("the capture wins"));
    record_add(&record, SPAN("self.ip"), SPAN("never a field"));
    record_add(&record, SPAN("realm"), SPAN("corp"));
    record_add(&record, SPAN("meta.user"), SPAN("bob"));
    record_add(&record, SPAN("sourceIPs[0]"), SPAN("192.0.2.9"));
    record_add(&record, SPAN("params[0].key"), SPAN("user"));
    record_add(&record, SPAN("params[0].value"), SPAN("carol"));
    record_add(&record, SPAN("user-agent"), SPAN("curl/8.5.0"));
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const struct good *row = &good[i];
        struct template_fault fault = {0};
        struct template *template = template_compile(span_of(row->text), &fault);
        struct span value = {NULL, 0};

        check_span(row->text, span_of(fault.message), "");
        check_row(row->text,
            template_expand(template, &scope, record.arena, &value) == (row->value != NULL));
        check_span(row->text, value, row->value);
        template_free(template);
    }
}

struct bad {
    const char *text;
    size_t offset, len;
    const char *message;
};

static const struct bad bad[] = {
    {"x ${user", 2, 2, "${ without its }"},
    {"x ${}", 2, 3, "a name is missing"},
    {"${:-x}", 0, 6, "a name is missing"},
    {"${user|lowr}", 7, 4, "unknown filter \"lowr\""},
    {"${user|}", 6, 2, "a filter is missing"},
    {"${user|lower", 0, 2, "${ without its }"},
    {"${user|lower|}", 12, 2, "a filter is missing"},
    {"${|lower}", 0, 9, "a name is missing"},
    {"${user|before}", 7, 6, "\"before\" needs an argument"},
    {"${user|before(@)}", 13, 2, "an argument without quotes"},
    {"${user|before('@)}", 14, 4, "an argument without its closing quote"},
    {"${user|before('')}", 13, 3, "an empty argument"},
    {"${user|before('a'}", 13, 4, "( without its )"},
    {"${user|lower('a')}", 7, 10, "\"lower\" takes no argument"},
    {"${user|urldecode('x')}", 7, 14, "\"urldecode\" takes no argument but '+'"},
    {"${user|lower x}", 13, 1, "\"x\" behind a filter"},
    {"${user|lower:x}", 0, 15, "a colon without - in \"${user|lower:x}\""},
    {"a${user:x}", 1, 9, "a colon without - in \"${user:x}\""},
    {"${user:}", 0, 8, "a colon without - in \"${user:}\""},
    {"${a:-${b}}", 0, 6, "\"$\" inside ${"},
    {"${a{b}", 0, 4, "\"{\" inside ${"},
    {"is $user", 3, 2, "a name without braces"},
    {"${self.host}", 2, 9, "unknown name \"self.host\""},
    {"${a\tb}", 0, 6, "a control character in a name"},
};

static void has_a_cap_on_names(void **state)
{
    struct buffer text = {0};
    struct template_fault fault;
    struct template *template;

    (void)state;
    for (unsigned i = 0; i < LIMIT_TEMPLATE_NAMES; i++)
        buffer_append(&text, SPAN("${a}"));
    template = template_compile(buffer_span(&text), &fault);
    assert_non_null(template);
    check_number("at the cap", template_name_count(template), LIMIT_TEMPLATE_NAMES);
    template_free(template);
    buffer_append(&text, SPAN("${a}"));
    assert_null(template_compile(buffer_span(&text), &fault));
    check_span("over it", span_of(fault.message), "more than 64 names in one template");
    check_number("over it", fault.offset, 4 * LIMIT_TEMPLATE_NAMES);
    buffer_finish(&text);
}

static void names_the_place_of_every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct bad *row = &bad[i];
        struct template_fault fault;

        check_row(row->text, !template_compile(span_of(row->text), &fault));
        check_span(row->text, span_of(fault.message), row->message);
        check_number(row->text, fault.offset, row->offset);
        check_number(row->text, fault.len, row->len);
    }
}

static void has_a_cap_on_filters(void **state)
{
    struct buffer text = {0};
    struct template_fault fault;

    (void)state;
    buffer_append(&text, SPAN("${a"));
    for (unsigned i = 0; i <= LIMIT_TEMPLATE_FILTERS; i++)
        buffer_append(&text, SPAN("|lower"));
    buffer_append(&text, SPAN("}"));
    assert_null(template_compile(buffer_span(&text), &fault));
    check_span("over it", span_of(fault.message), "more than 16 filters on one name");
    buffer_finish(&text);
}

static void tells_what_hides(void **state)
{
    static const struct {
        const char *text;
        bool hides, is_hashed, is_truncated;
    } rows[] = {
        {"${user}", false, false, false},
        {"${user|lower}", false, false, false},
        {"${realm}/${user|lower|hash}", true, true, false},
        {"${ip|truncate}", true, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct template_fault fault;
        struct template *template = template_compile(span_of(rows[i].text), &fault);

        check_row(rows[i].text, template_hides(template) == rows[i].hides);
        check_row(rows[i].text, template_has_filter(template, filter_hash) == rows[i].is_hashed);
        check_row(
            rows[i].text, template_has_filter(template, filter_truncate) == rows[i].is_truncated);
        template_free(template);
    }
}

static void raw_values_are_not_hidden(void **state)
{
    const struct scope scope = {.captures = captures,
        .capture_count = 3,
        .record = &record,
        .hash_secret = SPAN("secret"),
        .is_raw = true};
    struct template_fault fault;
    struct template *template = template_compile(SPAN("${user|hash|before('i')}"), &fault);
    struct span value;

    (void)state;
    record_reset(&record, SPAN("line"));
    check_row("raw", template_expand(template, &scope, record.arena, &value));
    check_span("raw", value, "al");
    template_free(template);
}

static void lists_its_names_with_their_offsets(void **state)
{
    struct template_fault fault;
    struct template *template = template_compile(SPAN("a $$ ${one} b ${two.x:-d}"), &fault);
    size_t offset;

    (void)state;
    check_number("names", template_name_count(template), 2);
    check_span("names", template_name(template, 0, &offset), "one");
    check_number("names", offset, 7);
    check_span("names", template_name(template, 1, &offset), "two.x");
    check_number("names", offset, 16);
    template_free(template);
    template_free(NULL);
}

static void a_full_arena_expands_nothing(void **state)
{
    struct template_fault fault;
    struct template *template = template_compile(SPAN("${user}/${user}"), &fault);
    const struct scope scope = {.captures = captures, .capture_count = 1, .record = &record};
    struct arena *arena = arena_new(16);
    struct span value = SPAN("untouched");

    (void)state;
    record_reset(&record, SPAN("line"));
    check_row("small arena", !template_expand(template, &scope, arena, &value));
    check_span("small arena", value, "untouched");
    arena_free(arena);
    template_free(template);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_every_row),
        cmocka_unit_test(names_the_place_of_every_fault),
        cmocka_unit_test(has_a_cap_on_names),
        cmocka_unit_test(has_a_cap_on_filters),
        cmocka_unit_test(tells_what_hides),
        cmocka_unit_test(raw_values_are_not_hidden),
        cmocka_unit_test(lists_its_names_with_their_offsets),
        cmocka_unit_test(a_full_arena_expands_nothing),
    };
    int failed;

    record_init(&record);
    failed = cmocka_run_group_tests_name("template", tests, NULL, NULL);
    record_finish(&record);
    return failed;
}
