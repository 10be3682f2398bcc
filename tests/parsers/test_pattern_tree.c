/* SPDX-License-Identifier: MIT
 *
 * parsers/pattern_tree.h and pattern_example.h: the tree of a pattern, and texts made
 * from it.
 */
#include "parsers/pattern.h"
#include "parsers/pattern_example.h"
#include "tests/support/pattern_maker.h"
#include "tests/support/test.h"

static void draw(const struct tree *tree, struct buffer *drawn)
{
    static const char *const names[] = {"", "seq", "or", "", "", "look", "^", "$", "-"};
    int byte = byte_set_common(&tree->set, &tree->set);

    if (tree->kind == TREE_SET && byte_set_count(&tree->set) == 1)
        buffer_append_byte(drawn, (char)byte);
    else if (tree->kind == TREE_SET)
        buffer_append_byte(drawn, '.');
    else if (tree->kind == TREE_REPEAT)
        buffer_printf(drawn, "%u-%u%s%s", tree->least, tree->most, tree->is_lazy ? "?" : "",
            tree->is_kept ? "+" : "");
    else if (tree->kind == TREE_GROUP)
        buffer_printf(drawn, "%s%.*s", tree->is_kept ? ">" : ":", (int)tree->name.len,
            tree->name.len > 0 ? tree->name.at : "");
    else
        buffer_printf(drawn, "%s%s", tree->is_denied ? "!" : "", names[tree->kind]);
    if (!tree->child)
        return;
    buffer_append_byte(drawn, '(');
    for (const struct tree *child = tree->child; child; child = child->next) {
        assert_ptr_equal(child->parent, tree);
        assert_true(child->from >= tree->from && child->to <= tree->to);
        draw(child, drawn);
        if (child->next)
            buffer_append_byte(drawn, ' ');
    }
    buffer_append_byte(drawn, ')');
}

static void reads_a_pattern(void **state)
{
    static const struct {
        const char *pattern, *tree;
    } rows[] = {
        {"", "seq"},
        {"ab", "seq(a b)"},
        {"^a$", "seq(^ a $)"},
        {"a|", "or(seq(a) seq)"},
        {"a*b+?c?+", "seq(0-65536(a) 1-65536?(b) 0-1+(c))"},
        {"a{2}b{2,}c{2,3}", "seq(2-2(a) 2-65536(b) 2-3(c))"},
        {"a{2}{3}", "seq(3-3(2-2(a)))"},
        {"a{x}", "seq(a { x })"},
        {"(a)(?:b)(?<c>d)(?P<e>f)(?'g'h)",
            "seq(:(seq(a)) :(seq(b)) :c(seq(d)) :e(seq(f)) :g(seq(h)))"},
        {"(?>a)(?=b)(?!c)(?<=d)(?<!e)",
            "seq(>(seq(a)) look(seq(b)) !look(seq(c)) look(seq(d)) !look(seq(e)))"},
        {"\\bx(?#no)(?i)x(?-i)x", "seq(- x - - . - x)"},
        {"(?i:x)x", "seq(:(seq(.)) x)"},
        {"[)|(]\\)", "seq(. ))"},
        {"\\Aa\\z", "seq(^ a $)"},
    };
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct tree *tree = pattern_tree_read(span_of(rows[i].pattern), arena);
        struct buffer drawn = {0};

        check_row(rows[i].pattern, tree);
        draw(tree, &drawn);
        check_span(rows[i].pattern, buffer_span(&drawn), rows[i].tree);
        buffer_finish(&drawn);
    }
    arena_free(arena);
}

static void gives_no_tree_of_what_it_does_not_know(void **state)
{
    static const char *const rows[] = {"(a)\\1", "(?R)", "(?x)a", "(*UCP)a", "(?(1)a|b)", "\\Qa\\E",
        "(?<a>b)\\k<a>", "(?P=a)", "(?&a)", "a{,3}"};
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check_row(rows[i], !pattern_tree_read(span_of(rows[i]), arena));
    arena_free(arena);
}

static void wanted_parts_are_in_the_example(void **state)
{
    const struct span pattern = SPAN("^a(?:x|(?<y>b*)c)?(?<z>\\d{2})");
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    const struct tree *root = pattern_tree_read(pattern, arena);
    struct pattern_example example = {.instead = SPAN("bbb")};

    (void)state;
    for (const struct tree *tree = root; tree; tree = pattern_tree_next(tree, root))
        for (int i = 0; i < 2; i++)
            if (tree->kind == TREE_GROUP && span_is(tree->name, i == 0 ? "y" : "z"))
                example.parts[i] = tree;
    pattern_example_append(&example, root);
    assert_true(span_is(buffer_span(&example.text), "abbbc00"));
    assert_int_equal(example.from[0], 1);
    assert_int_equal(example.to[0], 4);
    assert_int_equal(example.from[1], 5);
    assert_int_equal(example.to[1], 7);
    buffer_finish(&example.text);
    arena_free(arena);
}

static bool has_look(const struct tree *root)
{
    for (const struct tree *tree = root; tree; tree = pattern_tree_next(tree, root))
        if (tree->kind == TREE_LOOK || tree->kind == TREE_NOTHING || tree->is_kept ||
            tree->kind == TREE_START || tree->kind == TREE_END)
            return true;
    return false;
}

/* A tree that is read wrong makes texts that its pattern does not match. */
static void examples_of_made_up_patterns_match(void **state)
{
    struct pattern_maker maker = {.seed = pattern_maker_seed()};
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
    struct matcher *matcher = matcher_new();
    int patterns = pattern_maker_runs(1000), tried = 0;
    size_t unused = 0;

    (void)state;
    for (int i = 0; i < patterns; i++) {
        struct pattern_example example = {0};
        struct pattern_fault fault;
        struct pattern *pattern;
        const struct tree *root;

        pattern_maker_next(&maker);
        pattern = pattern_compile(buffer_span(&maker.pattern), NULL, 0, &fault);
        if (!pattern)
            continue;
        arena_reset(arena);
        root = pattern_tree_read(buffer_span(&maker.pattern), arena);
        if (root && !has_look(root)) {
            tried++;
            pattern_example_append(&example, root);
            for (size_t j = 0; j < example.text.len; j++)
                if ((unsigned char)example.text.bytes[j] >= 0x80)
                    unused++;
            if (unused == 0 && pattern_match(pattern, matcher, buffer_span(&example.text), NULL, 0,
                                   &unused) != PATTERN_MATCH)
                fail_msg("seed %u: %.*s does not match \"%.*s\"", maker.seed,
                    (int)maker.pattern.len, maker.pattern.bytes, (int)example.text.len,
                    example.text.bytes);
            unused = 0;
        }
        buffer_finish(&example.text);
        pattern_free(pattern);
    }
    assert_true(tried > patterns / 20);
    pattern_maker_finish(&maker);
    matcher_free(matcher);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_pattern),
        cmocka_unit_test(gives_no_tree_of_what_it_does_not_know),
        cmocka_unit_test(wanted_parts_are_in_the_example),
        cmocka_unit_test(examples_of_made_up_patterns_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
