/* SPDX-License-Identifier: MIT */
#include "parsers/blocks.h"
#include "tests/support/test.h"

static struct blocks blocks;

static unsigned common(const char *block)
{
    return blocks_commonness(&blocks, block_read(block));
}

static void what_stood_in_the_sample_is_more_common(void **state)
{
    (void)state;
    blocks_sample(&blocks, SPAN("QQQ level=info level=warn"));
    assert_true(common("lev") > common("=wa") && common("=wa") > common("eta"));
    assert_true(common("QQQ") > common("eta"));
    assert_true(common("Lev") < common("=wa"));
}

static void of_what_did_not_the_bytes_decide(void **state)
{
    (void)state;
    blocks_sample(&blocks, SPAN(""));
    assert_true(common(" = ") > common("eta") && common("eta") > common("gym"));
    assert_true(common("gym") > common("GYM") && common("GYM") > 0);
}

static void a_sample_is_taken_of_all_of_a_long_text(void **state)
{
    enum { BYTES = 20 * BLOCKS_SAMPLE_BYTES };
    struct buffer text = {0};
    unsigned total = 0;

    (void)state;
    while (text.len < BYTES)
        buffer_append(&text, text.len < BYTES / 2 ? SPAN("abc") : SPAN("XYZ"));
    blocks_sample(&blocks, buffer_span(&text));
    assert_in_range(blocks.counts[block_number(block_read("abc"))], BLOCKS_SAMPLE_BYTES / 7,
        BLOCKS_SAMPLE_BYTES / 6);
    assert_in_range(blocks.counts[block_number(block_read("XYZ"))], BLOCKS_SAMPLE_BYTES / 7,
        BLOCKS_SAMPLE_BYTES / 6);
    blocks_sample(&blocks, SPAN("a"));
    for (size_t i = 0; i < BLOCKS; i++)
        total += blocks.counts[i];
    assert_int_equal(total, 0);
    buffer_finish(&text);
}

static void a_caseless_block_is_written_in_each_case_of_its_letters(void **state)
{
    static const char *const all[] = {"a-b", "A-b", "a-B", "A-B"};
    uint32_t ways[BLOCK_WAYS];

    (void)state;
    assert_int_equal(block_ways("a-b", true, ways), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(ways[i], block_read(all[i]));
    assert_int_equal(block_ways("a-b", false, ways), 1);
    assert_int_equal(ways[0], block_read("a-b"));
    assert_int_equal(block_ways("1-\xE9", true, ways), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stood_in_the_sample_is_more_common),
        cmocka_unit_test(of_what_did_not_the_bytes_decide),
        cmocka_unit_test(a_sample_is_taken_of_all_of_a_long_text),
        cmocka_unit_test(a_caseless_block_is_written_in_each_case_of_its_letters),
    };

    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
