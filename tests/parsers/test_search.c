/* SPDX-License-Identifier: MIT
 *
 * parsers/search.c against a search that looks at every place.
 */
#include "parsers/search.h"
#include "tests/support/test.h"

#include <stdlib.h>

static unsigned draw(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

enum { LITERALS = 60, TEXT_BYTES = 3000 };

struct world {
    char texts[LITERALS][LITERAL_BYTES_MOST];
    struct literal literals[LITERALS];
    size_t count;
    char *text; /* exactly as long as it is: a reader behind its end is seen */
    size_t len;
};

static bool is_known(const struct world *w, const struct literal *literal)
{
    for (size_t i = 0; i < w->count; i++)
        if (span_equal(w->literals[i].text, literal->text) &&
            w->literals[i].is_caseless == literal->is_caseless)
            return true;
    return false;
}

/* Few different bytes, so that literals overlap and stand in each other. */
static char draw_byte(unsigned *seed)
{
    return "abAB@`\xE9 "[draw(seed, 8)];
}

static void make_world(struct world *w, unsigned *seed)
{
    unsigned wanted = 1 + draw(seed, LITERALS - 1), longest = 3 + draw(seed, 20);

    w->count = 0;
    for (unsigned i = 0; i < wanted; i++) {
        struct literal literal = {.is_caseless = draw(seed, 2)};
        char *text = w->texts[w->count];

        literal.text = (struct span){text, 3 + draw(seed, longest)};
        for (size_t j = 0; j < literal.text.len; j++)
            text[j] = literal.is_caseless ? byte_lower(draw_byte(seed)) : draw_byte(seed);
        if (!is_known(w, &literal))
            w->literals[w->count++] = literal;
    }
    w->len = draw(seed, draw(seed, 3) ? 40 : TEXT_BYTES);
    w->text = test_malloc(w->len + !w->len);
    for (size_t i = 0; i < w->len; i++)
        w->text[i] = draw(seed, 3) ? draw_byte(seed) : '.';
}

static size_t count_slowly(const struct world *w, size_t literal)
{
    size_t len = w->literals[literal].text.len, count = 0;

    for (size_t i = 0; i + len <= w->len; i++)
        count += literal_is_in(&w->literals[literal], (struct span){w->text + i, len});
    return count;
}

static void finds_each_literal_at_each_of_its_places(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 300; round++) {
        static struct world w;
        static struct blocks blocks;
        size_t found[LITERALS] = {0};
        struct search *search;
        struct search_hit hit;
        const char *last;

        make_world(&w, &seed);
        last = w.text;
        blocks_sample(&blocks, (struct span){w.text, round % 2 ? w.len : 0});
        search = search_new(w.literals, w.count, &blocks);
        search_begin(search, (struct span){w.text, w.len});
        while (search_next(search, w.text + w.len, &hit)) {
            assert_true(hit.at >= last && hit.at < w.text + w.len);
            last = hit.at;
            found[hit.literal]++;
        }
        assert_null(search_peek(search));
        for (size_t i = 0; i < w.count; i++)
            if (found[i] != count_slowly(&w, i))
                fail_msg("round %d, \"%.*s\" in %zu bytes: %zu found, there are %zu", round,
                    (int)w.literals[i].text.len, w.literals[i].text.at, w.len, found[i],
                    count_slowly(&w, i));
        search_free(search);
        test_free(w.text);
    }
}

/* More hits than can wait. */
static void hits_wait_until_they_are_asked_for(void **state)
{
    enum { BYTES = 100000 };
    const struct literal literals[] = {
        {SPAN("aaa"), false}, {SPAN("AAAAAAAAA"), false}, {SPAN("aaaaaaaaaaaaaaaa"), true}};
    static const struct blocks blocks;
    struct search *search = search_new(literals, 3, &blocks);
    char *text = test_malloc(BYTES);
    size_t found[3] = {0};
    struct search_hit hit;

    (void)state;
    memset(text, 'a', BYTES);
    search_begin(search, (struct span){text, BYTES});
    for (size_t until = 1; until <= BYTES; until += 777) {
        while (search_next(search, text + until, &hit)) {
            assert_true(hit.at < text + until);
            found[hit.literal]++;
        }
        assert_true(!search_peek(search) || search_peek(search) >= text + until);
    }
    while (search_next(search, text + BYTES, &hit))
        found[hit.literal]++;
    assert_int_equal(found[0], BYTES - 2);
    assert_int_equal(found[1], 0);
    assert_int_equal(found[2], BYTES - 15);
    test_free(text);
    search_free(search);
}

static void a_search_for_nothing_finds_nothing(void **state)
{
    static const struct blocks blocks;
    struct search *search = search_new(NULL, 0, &blocks);
    struct search_hit hit;

    (void)state;
    search_begin(search, SPAN("anything"));
    assert_null(search_peek(search));
    assert_false(search_next(search, NULL, &hit));
    search_free(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_literal_at_each_of_its_places),
        cmocka_unit_test(hits_wait_until_they_are_asked_for),
        cmocka_unit_test(a_search_for_nothing_finds_nothing),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
