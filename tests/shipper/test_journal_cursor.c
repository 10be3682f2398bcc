/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/journal_cursor.c: cursors as systemd 252 writes them.
 */
#include "shipper/sources/journal_cursor.h"
#include "tests/support/test.h"

#define CURSOR(s, i, b, m, t, x) "s=" s ";i=" i ";b=" b ";m=" m ";t=" t ";x=" x
#define FIRST                    CURSOR("c173f023", "1f", "1111", "f4240", "6443fa4eeb640", "4db2")

static struct journal_place read_place(const char *text)
{
    static struct journal_place places[4];
    static unsigned next;
    struct journal_place *place = &places[next++ % 4];

    assert_true(journal_place_read(span_of(text), place));
    return *place;
}

static void parts_are_read(void **state)
{
    struct journal_place place, copy;

    (void)state;
    assert_true(journal_place_read(SPAN(FIRST), &place));
    check_span("id", place.id, "c173f023");
    check_number("number", place.number, 0x1f);
    journal_place_copy(&copy, &place);
    memset(place.text, 'X', sizeof(place.text));
    check_span("the copy has its own", copy.id, "c173f023");
    check_span("text", span_of(copy.text), FIRST);
    check_number("length", copy.len, strlen(FIRST));
}

static void what_is_missing_is_absent(void **state)
{
    struct journal_place place;

    (void)state;
    assert_true(journal_place_read(SPAN("b=11;t=22"), &place));
    check_span("id", place.id, NULL);
    check_number("number", place.number, 0);
}

static void what_is_no_cursor_leaves_the_place_alone(void **state)
{
    static const char *const rows[] = {"", "s", "s=", "s=1;", "s=xyz", "s=1 --since=yesterday"};
    struct journal_place place;

    (void)state;
    assert_true(journal_place_read(SPAN(FIRST), &place));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_row(rows[i], !journal_place_read(span_of(rows[i]), &place));
        check_span(rows[i], span_of(place.text), FIRST);
    }
}

static void an_entry_that_was_moved_to_another_file_is_the_same(void **state)
{
    static const struct {
        const char *name, *other;
        bool is_same;
    } rows[] = {
        {"itself", FIRST, true},
        {"another sequence, all else alike",
            CURSOR("d000", "7", "1111", "f4240", "6443fa4eeb640", "4db2"), true},
        {"another content", CURSOR("c173f023", "1f", "1111", "f4240", "6443fa4eeb640", "4db3"),
            false},
        {"another boot", CURSOR("d000", "1f", "1112", "f4240", "6443fa4eeb640", "4db2"), false},
        {"another time", CURSOR("d000", "1f", "1111", "f4240", "6443fa4eeb641", "4db2"), false},
        {"too little to tell", "s=c173f023;i=1f", false},
    };
    struct journal_place first = read_place(FIRST), none = {.len = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct journal_place other = read_place(rows[i].other);

        check_row(rows[i].name, journal_place_is_same(&first, &other) == rows[i].is_same);
        check_row(rows[i].name, journal_place_is_same(&other, &first) == rows[i].is_same);
    }
    check_row("none", !journal_place_is_same(&first, &none));
    check_row("none of both", !journal_place_is_same(&none, &none));
}

static void what_is_kept_comes_back(void **state)
{
    struct journal_cursor cursor = {.is_foreign = true, .position = 0x0102030405060708}, got;
    struct buffer value = {0};

    (void)state;
    assert_true(journal_place_read(SPAN(FIRST), &cursor.place));
    journal_cursor_encode(&cursor, &value);
    memset(&got, 0x55, sizeof(got));
    assert_true(journal_cursor_decode(buffer_span(&value), &got));
    check_span("text", span_of(got.place.text), FIRST);
    check_span("id", got.place.id, "c173f023");
    check_number("number", got.place.number, 0x1f);
    check_number("position", got.position, 0x0102030405060708);
    check_row("foreign", got.is_foreign);
    for (size_t len = 0; len < value.len; len++)
        if (journal_cursor_decode((struct span){value.bytes, len}, &got))
            check_row("a cursor of its own, or none", len == 10 || got.place.len == len - 10);
    value.bytes[0]++;
    check_row("another version", !journal_cursor_decode(buffer_span(&value), &got));
    buffer_finish(&value);
}

static void before_the_oldest_entry_is_a_place_too(void **state)
{
    struct journal_cursor cursor = {.position = 0}, got = {.position = 7};
    struct buffer value = {0};

    (void)state;
    journal_cursor_encode(&cursor, &value);
    assert_true(journal_cursor_decode(buffer_span(&value), &got));
    check_number("length", got.place.len, 0);
    check_span("text", span_of(got.place.text), "");
    buffer_finish(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_read),
        cmocka_unit_test(what_is_missing_is_absent),
        cmocka_unit_test(what_is_no_cursor_leaves_the_place_alone),
        cmocka_unit_test(an_entry_that_was_moved_to_another_file_is_the_same),
        cmocka_unit_test(what_is_kept_comes_back),
        cmocka_unit_test(before_the_oldest_entry_is_a_place_too),
    };

    return cmocka_run_group_tests_name("journal_cursor", tests, NULL, NULL);
}
