/* SPDX-License-Identifier: MIT
 *
 * parsers/framing.c through its header: what a `multiline` map makes of lines,
 * drawn as records, and the same whatever pieces the lines come in.
 */
#include "parsers/columns.h"
#include "parsers/framing.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

/* A framing with what it is read from and needs. */
struct tools {
    struct text text;
    struct document *document;
    struct framing *framing;
    struct matcher *matcher;
    struct arena *arena;
};

static struct buffer drawn;

#define QUOTES "(quotes)"

/* map NULL: no framing; QUOTES: that of csv. */
static void set_up(struct tools *t, const char *map)
{
    struct errors errors = {0};

    *t = (struct tools){.text = {"multiline.yaml", span_of(map)}};
    if (map && strcmp(map, QUOTES) == 0) {
        t->framing = framing_of_columns(&columns_csv);
    } else if (map) {
        t->document = document_parse(&t->text, &errors);
        check_row(map, t->document != NULL);
        t->framing = framing_parse(document_root(t->document), &(struct file_patterns){0}, &errors);
        check_row(map, t->framing && errors.count == 0);
    }
    t->matcher = matcher_new();
    t->arena = arena_new(LIMIT_ARENA_BYTES);
}

static void tear_down(struct tools *t)
{
    arena_free(t->arena);
    matcher_free(t->matcher);
    framing_free(t->framing);
    document_free(t->document);
}

static void draw_frame(struct tools *t, const struct frame *frame)
{
    struct span text;

    arena_reset(t->arena);
    assert_true(framing_text(frame, t->arena, &text));
    buffer_append_byte(&drawn, '[');
    for (size_t i = 0; i < text.len; i++)
        buffer_append_byte(&drawn, text.at[i] == '\n' ? '|' : text.at[i]);
    buffer_append(&drawn, frame->is_cut ? SPAN("]!") : SPAN("]"));
}

/* Draws the records of text; returns what is left of it. */
static struct span draw(struct tools *t, struct span text, bool is_final)
{
    struct frame frame;

    while (framing_next(t->framing, t->matcher, t->arena, is_final, &text, &frame))
        draw_frame(t, &frame);
    return text;
}

struct row {
    const char *map, *text, *records, *held;
};

#define DATED "{start: '^\\d{4}-'}"
#define BLANK "{continues: '^\\s'}"

static const struct row rows[] = {
    {NULL, "a\n b\r\n\nc\n", "[a][ b][][c]", ""},
    {DATED, "2026-1\n x\n\n  y\n2026-2\n2026-3\n", "[2026-1| x||  y][2026-2]", "2026-3\n"},
    {DATED, "2026-1\n", "", "2026-1\n"},
    {DATED, "lost\n head\n2026-1\n", "[lost| head]", "2026-1\n"},
    {DATED, "no start anywhere\nat all\n", "", "no start anywhere\nat all\n"},
    {BLANK, "a\n b\n\tc\nd\n\ne\n f\n", "[a| b|\tc][d][]", "e\n f\n"},
    {BLANK, " a\n b\nc\n", "[ a| b]", "c\n"},
    {QUOTES, "a,b\n1,\"x\ny\"\"\n\"\n2,\"z\n", "[a,b][1,\"x|y\"\"|\"]", "2,\"z\n"},
    {QUOTES, "a,\"b\"\nc\"d\n", "[a,\"b\"][c\"d]", ""},
    {"{start: '^\\{'}", "{\n  \"a\": 1\n}\n{\n}\n", "[{|  \"a\": 1|}]", "{\n}\n"},
    {"{start: '^%{TIMESTAMP_ISO8601}'}", "2026-11-23T10:11:12Z a\nb\n2026-11-23 10:11:12 c\n",
        "[2026-11-23T10:11:12Z a|b]", "2026-11-23 10:11:12 c\n"},
    /* Patterns see lines after cleaning, and so does the record. */
    {DATED, "2026-1\r\n x\r\n2026-2\r\n", "[2026-1| x]", "2026-2\r\n"},
    {DATED,
        "\xEF\xBB\xBF"
        "2026-1\n x\n\033[1m2026-2\033[0m\n y\n2026-3\n",
        "[2026-1| x][2026-2| y]", "2026-3\n"},
    {DATED, "web-1  | 2026-1\nweb-1  |  x\nweb-1  | 2026-2\n", "[2026-1| x]", "web-1  | 2026-2\n"},
};

static void frames_as_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tools t;

        set_up(&t, rows[i].map);
        buffer_clear(&drawn);
        check_span(rows[i].text, draw(&t, span_of(rows[i].text), false), rows[i].held);
        check_span(rows[i].text, buffer_span(&drawn), rows[i].records);
        tear_down(&t);
    }
}

static void the_last_record_is_complete_when_nothing_follows(void **state)
{
    struct tools t;

    (void)state;
    set_up(&t, DATED);
    buffer_clear(&drawn);
    check_span("left", draw(&t, SPAN("2026-1\n x\n2026-2\n y"), true), "");
    check_span("records", buffer_span(&drawn), "[2026-1| x][2026-2| y]");
    check_span("nothing", draw(&t, SPAN(""), true), "");
    tear_down(&t);
}

static void counts_lines_and_bytes_and_keeps_the_first_line(void **state)
{
    struct span text = SPAN("2026-1\r\n x\r\n\r\n2026-2\n");
    struct frame frame;
    struct tools t;

    (void)state;
    set_up(&t, DATED);
    assert_true(framing_next(t.framing, t.matcher, t.arena, false, &text, &frame));
    check_number("lines", frame.lines, 3);
    check_number("bytes", frame.bytes.len, 14);
    check_span("first", frame.first, "2026-1");
    check_row("flags", !frame.is_cut && !frame.is_error);
    tear_down(&t);
}

/* The start of a record and as many lines behind it, each of that length. */
static void put_record(struct buffer *text, size_t lines, size_t line_bytes)
{
    buffer_append(text, SPAN("2026-\n"));
    for (size_t i = 0; i < lines; i++) {
        memset(buffer_reserve(text, line_bytes), 'x', line_bytes);
        text->len += line_bytes;
        text->bytes[text->len - 1] = '\n';
    }
}

static void a_record_over_a_limit_is_cut_and_the_rest_is_another(void **state)
{
    static const struct {
        const char *name;
        size_t lines, line_bytes, records, cut, first_lines;
    } limits[] = {
        {"as many lines as there may be", LIMIT_RECORD_LINES - 1, 2, 1, 0, LIMIT_RECORD_LINES},
        {"one more", LIMIT_RECORD_LINES, 2, 2, 1, LIMIT_RECORD_LINES},
        {"three times as many", 3 * LIMIT_RECORD_LINES, 2, 4, 3, LIMIT_RECORD_LINES},
        {"as many bytes", 1, LIMIT_LINE_BYTES - 6, 1, 0, 2},
        {"one more byte", 1, LIMIT_LINE_BYTES - 5, 2, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        size_t records = 0, cut = 0, first_lines = 0;
        struct buffer text = {0};
        struct frame frame;
        struct span rest;
        struct tools t;

        set_up(&t, DATED);
        put_record(&text, limits[i].lines, limits[i].line_bytes);
        rest = buffer_span(&text);
        while (framing_next(t.framing, t.matcher, t.arena, true, &rest, &frame)) {
            first_lines = records == 0 ? frame.lines : first_lines;
            records++;
            cut += frame.is_cut;
        }
        check_number(limits[i].name, records, limits[i].records);
        check_number(limits[i].name, cut, limits[i].cut);
        check_number(limits[i].name, first_lines, limits[i].first_lines);
        check_number(limits[i].name, rest.len, 0);
        buffer_finish(&text);
        tear_down(&t);
    }
}

static void a_pattern_at_its_limits_leaves_the_line_where_it_is(void **state)
{
    struct buffer text = {0};
    struct span rest;
    struct frame frame;
    struct tools t;

    (void)state;
    set_up(&t, "{start: '^(a+)+$'}");
    buffer_append(&text, SPAN("aa\n"));
    memset(buffer_reserve(&text, 30000), 'a', 30000);
    text.len += 30000;
    buffer_append(&text, SPAN("b\na\n"));
    rest = buffer_span(&text);
    assert_true(framing_next(t.framing, t.matcher, t.arena, false, &rest, &frame));
    check_number("lines", frame.lines, 2);
    check_row("said", frame.is_error);
    check_span("left", rest, "a\n");
    buffer_finish(&text);
    tear_down(&t);
}

static void tells_framings_apart_by_what_they_mean(void **state)
{
    struct tools dated, same, blank, other, quotes;

    (void)state;
    set_up(&dated, DATED);
    set_up(&same, "start: ^\\d{4}-");
    set_up(&blank, BLANK);
    set_up(&other, "{continues: '^\\d{4}-'}");
    set_up(&quotes, QUOTES);
    assert_true(framing_is_same(dated.framing, same.framing));
    assert_true(framing_is_same(NULL, NULL));
    assert_false(framing_is_same(dated.framing, NULL));
    assert_false(framing_is_same(dated.framing, blank.framing));
    assert_false(framing_is_same(dated.framing, other.framing));
    assert_false(framing_is_same(dated.framing, quotes.framing));
    assert_true(framing_is_same(quotes.framing, quotes.framing));
    tear_down(&dated);
    tear_down(&same);
    tear_down(&blank);
    tear_down(&other);
    tear_down(&quotes);
}

static unsigned draw_number(uint64_t *random, unsigned below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (unsigned)(*random % below);
}

/* Some lines of a log, some of them longer records. */
static void put_random_log(struct buffer *text, uint64_t *random)
{
    static const char *const lines[] = {"2026-11-23 a\n", "2026-\r\n", " at x\n", "\n",
        "\tat y\r\n", "}\n", "a,\"b\n", "\"\"\r\n", "c\",d\n"};

    for (unsigned count = draw_number(random, 60); count > 0; count--)
        buffer_append(text, span_of(lines[draw_number(random, sizeof(lines) / sizeof(*lines))]));
    if (draw_number(random, 20) == 0)
        put_record(text, LIMIT_RECORD_LINES + draw_number(random, 20) - 10, 3);
}

/* As a source gives it: whole lines, a few more each time, from where the last
 * record that was taken ended. */
static void draw_in_pieces(struct tools *t, struct span text, uint64_t *random)
{
    size_t given = 0, taken = 0;

    while (given < text.len) {
        const char *newline = NULL;

        for (unsigned lines = 1 + draw_number(random, 5); lines > 0 && given < text.len; lines--) {
            newline = span_find(span_from(text, given), '\n');
            given = (size_t)(newline + 1 - text.at);
        }
        taken = given - draw(t, span_between(text.at + taken, text.at + given), false).len;
    }
    draw(t, span_from(text, taken), true);
}

/* FRAMING_SEED gives the seed. */
static void records_are_the_same_in_whatever_pieces_they_come(void **state)
{
    static const char *const maps[] = {DATED, BLANK, "{start: '^$'}", "{continues: '}'}", QUOTES};
    const char *given = getenv("FRAMING_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261123;
    struct buffer whole = {0}, text = {0};

    (void)state;
    for (uint64_t run = 0; run < 400; run++) {
        uint64_t random = (seed + run) * 0x9E3779B97F4A7C15u;
        char row[64];
        struct tools t;

        snprintf(row, sizeof(row), "FRAMING_SEED=%llu", (unsigned long long)(seed + run));
        set_up(&t, maps[run % (sizeof(maps) / sizeof(*maps))]);
        buffer_clear(&text);
        put_random_log(&text, &random);
        buffer_clear(&drawn);
        draw(&t, buffer_span(&text), true);
        buffer_clear(&whole);
        buffer_append(&whole, buffer_span(&drawn));
        buffer_append_byte(&whole, '\0');
        buffer_clear(&drawn);
        draw_in_pieces(&t, buffer_span(&text), &random);
        check_span(row, buffer_span(&drawn), whole.bytes);
        tear_down(&t);
    }
    buffer_finish(&whole);
    buffer_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_as_its_row_says),
        cmocka_unit_test(the_last_record_is_complete_when_nothing_follows),
        cmocka_unit_test(counts_lines_and_bytes_and_keeps_the_first_line),
        cmocka_unit_test(a_record_over_a_limit_is_cut_and_the_rest_is_another),
        cmocka_unit_test(a_pattern_at_its_limits_leaves_the_line_where_it_is),
        cmocka_unit_test(tells_framings_apart_by_what_they_mean),
        cmocka_unit_test(records_are_the_same_in_whatever_pieces_they_come),
    };
    int failed = cmocka_run_group_tests_name("framing", tests, NULL, NULL);

    buffer_finish(&drawn);
    return failed;
}
