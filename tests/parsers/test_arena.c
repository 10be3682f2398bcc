/* SPDX-License-Identifier: MIT
 *
 * parsers/arena.c: what it hands out does not overlap, stays within the cap,
 * and is there again after a reset.
 */
#include "parsers/arena.h"
#include "tests/support/test.h"

#include <stdalign.h>

static void gives_aligned_memory_that_does_not_overlap(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    char *blocks[100];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        blocks[i] = arena_alloc(arena, i * 7);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        memset(blocks[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 100; i++)
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(blocks[i][j], i);
    arena_free(arena);
}

static void refuses_what_is_over_the_cap(void **state)
{
    struct arena *arena = arena_new(100 << 10);
    size_t given = 0;

    (void)state;
    assert_null(arena_alloc(arena, (100 << 10) + 1));
    assert_null(arena_alloc(arena, SIZE_MAX));
    while (arena_alloc(arena, 1 << 10))
        given += 1 << 10;
    assert_in_range(given, 50 << 10, 100 << 10);
    assert_null(arena_copy(arena, (struct span){"", 1 << 10}).at);
    arena_reset(arena);
    assert_non_null(arena_alloc(arena, 1 << 10));
    arena_free(arena);
}

static void gives_back_the_end_of_the_latest_allocation(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    char *first = arena_alloc(arena, 4096), *second;

    (void)state;
    arena_trim(arena, first, 3);
    second = arena_alloc(arena, 16);
    assert_in_range(second - first, 3, 64);
    arena_free(arena);
}

static void copies_bytes_and_even_none(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span copy = arena_copy(arena, SPAN("a\0b"));

    (void)state;
    assert_true(span_equal(copy, SPAN("a\0b")));
    assert_non_null(arena_copy(arena, SPAN("")).at);
    arena_free(arena);
    arena_free(NULL);
}

static void grows_for_a_large_allocation_and_shrinks_on_reset(void **state)
{
    struct arena *arena = arena_new(16 << 20);

    (void)state;
    for (int round = 0; round < 3; round++) {
        char *large = arena_alloc(arena, 4 << 20);

        assert_non_null(large);
        memset(large, 1, 4 << 20);
        arena_reset(arena);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(refuses_what_is_over_the_cap),
        cmocka_unit_test(gives_back_the_end_of_the_latest_allocation),
        cmocka_unit_test(copies_bytes_and_even_none),
        cmocka_unit_test(grows_for_a_large_allocation_and_shrinks_on_reset),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
