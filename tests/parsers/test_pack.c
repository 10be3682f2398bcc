/* SPDX-License-Identifier: MIT
 *
 * What is packed comes back, and nothing comes back of what is cut off.
 */
#include "parsers/pack.h"

#include "tests/support/test.h"

static void comes_back_in_its_order(void **state)
{
    struct buffer packed = {0};
    struct span rest, text;
    uint64_t number;

    (void)state;
    pack_text(&packed, SPAN("alice"));
    pack_number(&packed, UINT64_MAX - 1);
    pack_text(&packed, SPAN(""));
    pack_text(&packed, (struct span){NULL, 0});
    rest = buffer_span(&packed);
    assert_true(pack_take_text(&rest, &text));
    check_span("text", text, "alice");
    assert_true(pack_take_number(&rest, &number));
    check_row("number", number == UINT64_MAX - 1);
    assert_true(pack_take_text(&rest, &text));
    check_row("empty, not absent", text.at && text.len == 0);
    assert_true(pack_take_text(&rest, &text));
    check_row("absent", !text.at && text.len == 0);
    assert_int_equal(rest.len, 0);
    assert_false(pack_take_text(&rest, &text));
    assert_false(pack_take_number(&rest, &number));
    buffer_finish(&packed);
}

static void what_is_cut_off_is_left_alone(void **state)
{
    struct buffer packed = {0};

    (void)state;
    pack_text(&packed, SPAN("alice"));
    for (size_t len = 0; len < packed.len; len++) {
        struct span rest = {packed.bytes, len}, text = SPAN("before");

        assert_false(pack_take_text(&rest, &text));
        check_span("text", text, "before");
        assert_int_equal(rest.len, len);
    }
    buffer_finish(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_in_its_order),
        cmocka_unit_test(what_is_cut_off_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
