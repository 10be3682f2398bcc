/* SPDX-License-Identifier: MIT
 *
 * parsers/parts.c through its header and through the engine: lines are written as
 * o or e for the stream, P or F, and text.
 */
#include "parsers/parts.h"

#include "parsers/buffer.h"
#include "parsers/cri.h"
#include "parsers/limits.h"
#include "tests/support/both_ways.h"
#include "tests/support/rules.h"
#include "tests/support/test.h"

/* "oP one;eF two;" as CRI lines. */
static struct span lines_of(const char *drawn)
{
    static struct buffer lines;
    struct span rest = span_of(drawn);

    buffer_clear(&lines);
    while (rest.len > 0) {
        struct span line = span_cut(&rest, ';');

        if (line.len > 2 && (line.at[0] == 'o' || line.at[0] == 'e'))
            buffer_printf(&lines, "2026-11-23T10:11:12Z %s %.*s\n",
                line.at[0] == 'o' ? "stdout" : "stderr", (int)line.len - 1, line.at + 1);
        else
            buffer_printf(&lines, "%.*s\n", (int)line.len, line.at);
    }
    return buffer_span(&lines);
}

/* Groups in brackets, with the message of each record. */
static struct span draw(struct span lines, bool is_final)
{
    static struct buffer drawn;
    static struct arena *arena;
    static struct record record;
    struct parts_group group;
    size_t at;

    if (!arena) {
        arena = arena_new(LIMIT_ARENA_BYTES);
        record_init(&record);
    }
    buffer_clear(&drawn);
    while (parts_next(cri_read_part, is_final, &lines, &group)) {
        struct parts_walk walk = {.rest = group.bytes};
        struct parts_record part;
        struct span text;
        size_t bytes = 0, count = 0;

        buffer_append_byte(&drawn, '[');
        arena_reset(arena);
        while (parts_record(cri_read_part, &walk, arena, &part, &text)) {
            record_reset(&record, text);
            cri_parse(text, &record, &at);
            buffer_printf(&drawn, "%s%.*s%s", count > 0 ? "|" : "", (int)record.message.len,
                record.message.at, part.is_cut ? "…" : "");
            bytes += part.bytes;
            count += part.lines;
        }
        buffer_append_byte(&drawn, ']');
        check_number("bytes of the records", bytes, group.bytes.len);
        check_number("lines of the records", count, group.lines);
    }
    return buffer_span(&drawn);
}

static const struct {
    const char *lines, *groups, *unfinished; /* if more may come, where that differs */
} rows[] = {
    {"oF one;eF two;", "[one][two]", NULL},
    {"oP one ;oF two;oF three;", "[one two][three]", NULL},
    {"oP a;oP b;oP c;oF d;", "[abcd]", NULL},
    {"oP a;eF x;oF b;", "[ab|x]", NULL},
    {"oP a;eP x;oF b;eF y;", "[ab|xy]", NULL},
    {"oP a;eF x;eF y;eP z;oF b;eF !;oF c;", "[ab|x|y|z!][c]", NULL},
    {"oP a;eF x;eP y;", "[a…|x|y…]", ""},
    {"oF a;oP b;", "[a][b…]", "[a]"},
    {"no head;oP a;no head;oF b;", "[no head][ab|no head]", NULL},
};

static void parts_of_each_stream_are_one_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span lines = lines_of(rows[i].lines);

        check_span(rows[i].lines, draw(lines, true), rows[i].groups);
        check_span(rows[i].lines, draw(lines, false),
            rows[i].unfinished ? rows[i].unfinished : rows[i].groups);
    }
}

static void a_group_without_end_is_cut(void **state)
{
    struct buffer lines = {0};
    struct parts_group group;
    struct span rest;

    (void)state;
    for (unsigned i = 0; i < LIMIT_RECORD_LINES + 5; i++)
        buffer_append(&lines, SPAN("2026-11-23T10:11:12Z stdout P a part\n"));
    rest = buffer_span(&lines);
    assert_true(parts_next(cri_read_part, false, &rest, &group));
    check_number("lines", group.lines, LIMIT_RECORD_LINES);
    check_row("cut", group.is_cut);
    assert_false(parts_next(cri_read_part, false, &rest, &group));
    buffer_finish(&lines);
}

static const char rules_text[] =
    "product: acme\nformat: [cri, json]\nrules:\n  - name: login\n    where: {type: login}\n"
    "    event: {activity_type: LOGIN, user_id: '${who}', user_agent: a, ip_addr: 192.0.2.1}\n"
    "    samples: [{line: x, event: {}}]\n";

/* The engine takes what is whole and gets the rest again, wherever a chunk ends. */
static void the_engine_finds_what_is_cut_anywhere(void **state)
{
    static const char drawn[] = "oF {\"type\":\"other\"};oP {\"type\":\"lo;eF {\"type\":\"login\","
                                "\"who\":\"bob\"};oF gin\",\"who\":\"alice\"};eP {\"type\":;eF "
                                "\"login\",\"who\":\"carol\"};oF text;";
    struct loaded_rules loaded = rules_load(rules_text);
    const struct engine_rules rules = {.file = loaded.file};
    const struct engine_settings settings = {
        .instance = SPAN("test"), .rules = &rules, .rules_count = 1};
    struct span lines = lines_of(drawn);

    (void)state;
    for (size_t end = 1; end <= lines.len; end++) {
        struct both_ways both;
        uint64_t taken = 0;

        if (lines.at[end - 1] != '\n')
            continue;
        both_ways_init(&both, &settings);
        assert_true(both_ways_feed(&both, (struct span){lines.at, end}, false, false));
        for (int i = 0; i < LINE_CLASSES; i++)
            taken += both.counts.bytes[i];
        assert_true(both_ways_feed(&both, span_from(lines, (size_t)taken), true, false));
        check_number("events", both.counts.events, 3);
        check_number("lines", both.counts.lines[LINE_MATCHED], 5);
        check_number("other lines", both.counts.lines[LINE_NO_RULE], 2);
        both_ways_finish(&both);
    }
    rules_unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_each_stream_are_one_record),
        cmocka_unit_test(a_group_without_end_is_cut),
        cmocka_unit_test(the_engine_finds_what_is_cut_anywhere),
    };

    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
