/* SPDX-License-Identifier: MIT
 *
 * parsers/error.c: what a person sees of an error, and that lists of errors
 * stay sorted and bounded.
 */
#include "parsers/error.h"
#include "tests/support/test.h"

#include <errno.h>

static void check_rendered(const struct error *err, const char *wanted)
{
    struct buffer out = {0};

    error_render(err, &out);
    check_span("rendered", buffer_span(&out), wanted);
    buffer_finish(&out);
}

static void without_a_place_shows_message_and_hint(void **state)
{
    struct error err;

    (void)state;
    assert_false(error_set(&err, ERROR_CONFIG, 0, "unknown rule \"%s\"", "logon"));
    assert_int_equal(err.kind, ERROR_CONFIG);
    check_rendered(&err, "unknown rule \"logon\"\n");
    error_hint(&err, "did you mean \"%s\"?", "login");
    check_rendered(&err, "unknown rule \"logon\"\nhint: did you mean \"login\"?\n");
}

static void control_bytes_of_the_users_words_do_not_reach_the_terminal(void **state)
{
    const struct text text = {"a\x1b[2Jb", SPAN("x\x1b]0;y\x07")};
    struct error err;

    (void)state;
    error_set(&err, ERROR_CONFIG, 0, "unknown key \"a\x1b[31m\r\n\"");
    error_hint(&err, "Write \x07\xc2\x9b.");
    err.place = (struct place){&text, 0, 1};
    check_rendered(&err, "a.[2Jb:1:1: unknown key \"a.[31m..\"\n"
                         "     1 | x.]0;y.\n       | ^\nhint: Write ...\n");
}

static void a_system_error_says_why(void **state)
{
    struct error err;

    (void)state;
    errno = ENOENT;
    assert_false(error_system(&err, "cannot open \"%s\"", "x.yaml"));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_int_equal(err.code, ENOENT);
    assert_string_equal(err.message, "cannot open \"x.yaml\": No such file or directory");
}

struct drawing {
    const char *text;
    size_t offset, len;
    const char *rendered;
};

static const struct drawing drawings[] = {
    {"a: 1\nwhen: x\n", 5, 4, "r.yaml:2:1: wrong\n     2 | when: x\n       | ^~~~\n"},
    {"a: 1\n", 0, 0, "r.yaml:1:1: wrong\n     1 | a: 1\n       | ^\n"},
    /* Columns are characters, control bytes dots, and a mark ends with its line. */
    {"\xc3\xa9\xc3\xa9 x\n", 5, 1,
        "r.yaml:1:4: wrong\n     1 | \xc3\xa9\xc3\xa9 x\n       |    ^\n"},
    {"a\x1b[1m\tb\n", 6, 50, "r.yaml:1:7: wrong\n     1 | a.[1m b\n       |       ^\n"},
    /* At and behind the end, and in an empty text. */
    {"a: 1", 4, 1, "r.yaml:1:5: wrong\n     1 | a: 1\n       |     ^\n"},
    {"a\n", 99, 1, "r.yaml:2:1: wrong\n     2 | \n       | ^\n"},
    {"", 0, 0, "r.yaml:1:1: wrong\n     1 | \n       | ^\n"},
};

static void draws_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(drawings) / sizeof(*drawings); i++) {
        const struct text text = {"r.yaml", span_of(drawings[i].text)};
        struct error err;

        error_set(&err, ERROR_CONFIG, 0, "wrong");
        err.place = (struct place){&text, drawings[i].offset, drawings[i].len};
        check_rendered(&err, drawings[i].rendered);
    }
}

static void cuts_a_long_line_around_the_caret(void **state)
{
    struct buffer line = {0}, out = {0};
    struct text text = {.name = "r.yaml"};
    struct error err;
    struct span rest, drawn, mark;

    (void)state;
    for (int i = 0; i < 1000; i++)
        buffer_append(&line, SPAN("\xc3\xa9"));
    line.bytes[1000] = '!';
    line.bytes[1001] = '!';
    text.bytes = buffer_span(&line);
    error_set(&err, ERROR_CONFIG, 0, "wrong");
    err.place = (struct place){&text, 1000, 900};
    error_render(&err, &out);
    rest = buffer_span(&out);
    check_span("place", span_cut(&rest, '\n'), "r.yaml:1:501: wrong");
    drawn = span_cut(&rest, '\n');
    mark = span_cut(&rest, '\n');
    assert_in_range(drawn.len, 50, 9 + 100);
    /* Two bytes a character before the mark, one for it. */
    assert_int_equal(
        (span_find(drawn, '!') - drawn.at - 9) / 2, span_find(mark, '^') - mark.at - 9);
    buffer_finish(&line);
    buffer_finish(&out);
}

static void lists_are_sorted_and_bounded(void **state)
{
    const struct text text = {"r.yaml", SPAN("a\nb\nc\n")};
    struct errors errors = {0};
    struct buffer out = {0};
    struct span shown;

    (void)state;
    error_hint(errors_add(&errors, (struct place){&text, 4, 1}, "third"), "Drop it.");
    errors_add(&errors, (struct place){&text, 0, 1}, "first");
    errors_add(&errors, (struct place){&text, 2, 1}, "second");
    errors_render(&errors, &out);
    check_span("sorted", buffer_span(&out),
        "r.yaml:1:1: first\n     1 | a\n       | ^\n"
        "r.yaml:2:1: second\n     2 | b\n       | ^\n"
        "r.yaml:3:1: third\n     3 | c\n       | ^\nhint: Drop it.\n");
    for (unsigned i = 0; i < LIMIT_ERRORS; i++)
        errors_add(&errors, (struct place){NULL, 0, 0}, "another");
    check_number("bounded", errors.count, LIMIT_ERRORS);
    check_number("bounded", errors.dropped, 3);
    buffer_clear(&out);
    errors_render(&errors, &out);
    shown = buffer_span(&out);
    assert_non_null(memmem(shown.at, shown.len, "and 3 more problems\n", 20));
    errors_finish(&errors);
    check_number("finished", errors.count, 0);
    buffer_finish(&out);
}

static void errors_of_one_text_stand_together(void **state)
{
    static const struct text a = {"a", {"12345", 5}}, b = {"b", {"12345", 5}};
    static const struct place places[] = {
        {&b, 3, 1}, {&a, 2, 1}, {NULL, 0, 0}, {&b, 1, 1}, {&a, 2, 1}, {&a, 0, 1}};
    struct errors errors = {0};
    struct buffer out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        errors_add(&errors, places[i], "%zu", i);
    errors_render(&errors, &out);
    buffer_clear(&out);
    for (size_t i = 0; i < errors.count; i++)
        buffer_append(&out, span_of(errors.items[i].message));
    check_span("order", buffer_span(&out), "305142");
    errors_finish(&errors);
    buffer_finish(&out);
}

struct nearness {
    const char *word, *nearest;
};

static void finds_the_nearest_word(void **state)
{
    static const char *const candidates[] = {"user_id", "ip_addr", "event_at", "meta"};
    static const struct nearness rows[] = {{"user_di", "user_id"}, {"userid", "user_id"},
        {"IP_ADDR", "ip_addr"}, {"ipaddr", "ip_addr"}, {"mete", "meta"}, {"banana", NULL},
        {"user", "user_id"}, {"IP", "ip_addr"}, {"address", "ip_addr"}, {"i", NULL}, {"us", NULL},
        {"ipa", NULL}, {"", NULL}, {"a_word_far_longer_than_any_key_could_ever_be_here", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_span(rows[i].word,
            span_of(error_nearest(
                span_of(rows[i].word), candidates, sizeof(candidates) / sizeof(*candidates))),
            rows[i].nearest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_place_shows_message_and_hint),
        cmocka_unit_test(control_bytes_of_the_users_words_do_not_reach_the_terminal),
        cmocka_unit_test(a_system_error_says_why),
        cmocka_unit_test(draws_the_place),
        cmocka_unit_test(cuts_a_long_line_around_the_caret),
        cmocka_unit_test(lists_are_sorted_and_bounded),
        cmocka_unit_test(errors_of_one_text_stand_together),
        cmocka_unit_test(finds_the_nearest_word),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
