/* SPDX-License-Identifier: MIT
 *
 * parsers/document.c and parsers/node_place.c through their header: trees drawn
 * as text, broken documents with every problem's place, and the way back from a
 * decoded value to the bytes it was written with.
 */
#include "parsers/document.h"
#include "tests/support/test.h"

static struct text text;
static struct errors errors;
static struct buffer drawn;

static struct document *parse(struct span bytes)
{
    text = (struct text){"file.yaml", bytes};
    errors_finish(&errors);
    return document_parse(&text, &errors);
}

/* [list], {key: value}, (text), <quoted text> */
static void draw(const struct node *node)
{
    switch (node->kind) {
    case NODE_SCALAR:
        buffer_append_byte(&drawn, node->is_quoted ? '<' : '(');
        buffer_append(&drawn, node->value);
        buffer_append_byte(&drawn, node->is_quoted ? '>' : ')');
        break;
    case NODE_LIST:
        buffer_append_byte(&drawn, '[');
        for (size_t i = 0; i < node->count; i++)
            draw(node->items[i]);
        buffer_append_byte(&drawn, ']');
        break;
    case NODE_MAP:
        buffer_append_byte(&drawn, '{');
        for (size_t i = 0; i < node->count; i++) {
            draw(node->pairs[i].key);
            buffer_append_byte(&drawn, ':');
            draw(node->pairs[i].value);
        }
        buffer_append_byte(&drawn, '}');
        break;
    }
}

/* "line:column message" of each problem, one a line. */
static struct span describe_errors(void)
{
    struct buffer rendered = {0};

    errors_render(&errors, &rendered); /* sorts */
    buffer_finish(&rendered);
    buffer_clear(&drawn);
    for (size_t i = 0; i < errors.count; i++) {
        size_t line, column;

        place_find(&errors.items[i].place, &line, &column);
        buffer_printf(&drawn, "%zu:%zu %s\n", line, column, errors.items[i].message);
    }
    return buffer_span(&drawn);
}

static const struct {
    const char *text, *tree;
} trees[] = {
    {"", "{}"},
    {"# only a comment\n", "{}"},
    {"---\n", "{}"},
    {"\xef\xbb\xbf"
     "a: 1",
        "{(a):(1)}"},
    {"a: 1\r\nb: 2\r\n", "{(a):(1)(b):(2)}"},
    {"a: no\nb: 'no'\nc: \"x\\ty\"\nd:\n", "{(a):(no)(b):<no>(c):<x\ty>(d):()}"},
    {"- a\n- [b, {c: d}]\n-\n", "[(a)[(b){(c):(d)}]()]"},
    {"a: |\n  one\n  two\nb: >-\n  one\n  two\n", "{(a):<one\ntwo\n>(b):<one two>}"},
    {"'a b': [x,\n  y]", "{<a b>:[(x)(y)]}"},
    {"just words", "(just words)"},
    {"%YAML 1.1\n---\na: b\n...\n", "{(a):(b)}"},
    {"z: 1\na: 2\nm: 3\n", "{(z):(1)(a):(2)(m):(3)}"},
};

static void reads_every_kind_of_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
        struct document *document = parse(span_of(trees[i].text));

        check_row(trees[i].text, document && errors.count == 0);
        buffer_clear(&drawn);
        draw(document_root(document));
        check_span(trees[i].text, buffer_span(&drawn), trees[i].tree);
        document_free(document);
    }
}

static const struct {
    const char *text, *errors;
    bool has_document;
} broken[] = {
    {"a: 1\nb: 2\na: 3\nb: 4\n",
        "3:1 key \"a\" stands here twice\n4:1 key \"b\" stands here twice\n", true},
    {"{x: {a: 1, a: 2}, x: 3}",
        "1:12 key \"a\" stands here twice\n1:19 key \"x\" stands here twice\n", true},
    {"a: &x [1]\nb: &y {c: d}\n",
        "1:4 anchors (&x) are not allowed here\n2:4 anchors (&y) are not allowed here\n", true},
    {"a: !!str 1\nb: !own {c: d}\n",
        "1:4 tags (tag:yaml.org,2002:str) are not allowed here\n"
        "2:4 tags (!own) are not allowed here\n",
        true},
    {"a: &x 1\nb: *x\nc: 1\nc: 2\n",
        "1:4 anchors (&x) are not allowed here\n2:4 aliases (*x) are not allowed here\n"
        "4:1 key \"c\" stands here twice\n",
        false},
    {"a: 1\n---\nb: 2\n", "2:1 a second document starts here\n", false},
    {"? [a, b]\n: c\nd: e\n", "1:3 a key must be one text\n", true},
    {"a: {[b]: c}\n", "1:5 a key must be one text\n", true},
    {"a:\n\tb: 1\n", "2:1 not valid YAML: found character that cannot start any token\n", false},
    {"a: %{IP}\n", "1:4 not valid YAML: found character that cannot start any token\n", false},
    {"a: b: c\n", "1:5 not valid YAML: mapping values are not allowed in this context\n", false},
    {"a: 1\n b: 2\n", "2:3 not valid YAML: mapping values are not allowed in this context\n",
        false},
    {"a: \"\\d+\"\n", "1:5 not valid YAML: found unknown escape character\n", false},
    {"a: 1\nb: 'open\nc: 2\n", "2:4 not valid YAML: found unexpected end of stream\n", false},
    {"a: [1, 2\nb: 3\n", "2:2 not valid YAML: did not find expected ',' or ']'\n", false},
    {"a: 'it''s' b\n", "1:12 not valid YAML: did not find expected key\n", false},
    {"a: b\nc\n", "2:1 not valid YAML: could not find expected ':'\n", false},
    {"a: b\xff\n", "1:5 not valid YAML: invalid leading UTF-8 octet\n", false},
    {"\xc3\xa4: \xc3\n", "1:5 not valid YAML: invalid trailing UTF-8 octet\n", false},
    {"\xef\xbb\xbf"
     "a: \x01\n",
        "1:5 not valid YAML: control characters are not allowed\n", false},
    {"\xc3\xa4\xc3\xb6: &x 1\n", "1:5 anchors (&x) are not allowed here\n", true},
};

static void places_every_problem(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        struct document *document = parse(span_of(broken[i].text));

        check_span(broken[i].text, describe_errors(), broken[i].errors);
        check_row(broken[i].text, !document == !broken[i].has_document);
        for (size_t j = 0; j < errors.count; j++)
            check_row(broken[i].text, errors.items[j].hint[0] != '\0');
        document_free(document);
    }
}

/* part: of the decoded value of `k`; source: the bytes it was written with, which
 * start at line:column. */
static const struct {
    const char *text, *part, *source;
    size_t line, column;
} places[] = {
    {"k: abc def", "b", "b", 1, 5},
    {"k: abc def", "abc def", "abc def", 1, 4},
    {"k: one\n  two\n   three", "two", "two", 2, 3},
    {"k: one\n  two\n   three", "ee", "ee", 3, 7},
    {"k: one\n\n\n  two", "two", "two", 4, 3},
    {"k: 'abc'", "a", "a", 1, 5},
    {"k: 'it''s it'", "'", "''", 1, 7},
    {"k: 'it''s it'", "s it", "s it", 1, 9},
    {"k: 'a  b\n   c   \n\n  d'", "  b", "  b", 1, 6},
    {"k: 'a  b\n   c   \n\n  d'", "c", "c", 2, 4},
    {"k: 'a  b\n   c   \n\n  d'", "d", "d", 4, 3},
    {"k: 'a\r\n  b\r\n\r\n  c'", "c", "c", 4, 3},
    {"k: \"a\\tb\"", "\t", "\\t", 1, 6},
    {"k: \"a\\tb\"", "b", "b", 1, 8},
    {"k: \"\\\\d+\\\\w(\"", "\\w", "\\\\w", 1, 9},
    {"k: \"\\x41\\u00e9\\U0001F600z\"", "A", "\\x41", 1, 5},
    {"k: \"\\x41\\u00e9\\U0001F600z\"", "\xc3\xa9", "\\u00e9", 1, 9},
    {"k: \"\\x41\\u00e9\\U0001F600z\"", "z", "z", 1, 25},
    {"k: \"\\N\\_\\L\\Pz\"", "z", "z", 1, 13},
    {"k: \"one\\\n     two\"", "two", "two", 2, 6},
    {"k: \"one\\\n\n\n   two\"", "two", "two", 4, 4},
    {"k: \"one\n\n   two\"", "two", "two", 3, 4},
    {"k: \"one  \\\n   \\  two\"", "  two", "\\  two", 2, 4},
    {"k: |\n  one\n  two\n", "one", "one", 2, 3},
    {"k: |\n  one\n  two\n", "two", "two", 3, 3},
    {"k: |\n  one\n  two\n", "wo", "wo", 3, 4},
    {"k: |-  # why\n\n\n   one\n     two\n", "one", "one", 4, 4},
    {"k: |-  # why\n\n\n   one\n     two\n", "two", "two", 5, 6},
    {"k: |2\n    one\n  two\n", "  one", "  one", 2, 3},
    {"k: |2\n    one\n  two\n", "two", "two", 3, 3},
    {"k: |1\n    \n two\n", "two", "two", 3, 2},
    {"k: |1\n    \n two\n", "  ", "  ", 2, 2},
    {"k: |\n    \n\n     two\n", "two", "two", 4, 6},
    {"k: |+\n  one\n\n  two\n\n\n", "two", "two", 4, 3},
    {"k: |\r\n  one\r\n  two\r\n", "two", "two", 3, 3},
    {"k: >\n  one\n  two\n\n  three\n", "two", "two", 3, 3},
    {"k: >\n  one\n  two\n\n  three\n", "three", "three", 5, 3},
    {"k: >\n  one\n    code\n    more\n  two\n", "  code", "  code", 3, 3},
    {"k: >\n  one\n    code\n    more\n  two\n", "more", "more", 4, 5},
    {"k: >\n  one\n    code\n    more\n  two\n", "two", "two", 5, 3},
    {"k: >-\n  one\n\n\n    code\n\n  two", "code", "code", 5, 5},
    {"k: >-\n  one\n\n\n    code\n\n  two", "two", "two", 7, 3},
    {"k: >1-\n    one\n  two\n t3", "t3", "t3", 4, 2},
    {"k: [a, 'b''c', \"d\"]", "", "[", 1, 4},
    {"a:\n- k: |\n    x\n\n    y \xc3\xa9z\n- 1", "z", "z", 5, 8},
};

static struct span bytes_of(const struct place *place)
{
    return (struct span){place->text->bytes.at + place->offset, place->len};
}

static const struct node *find_key(const struct node *node)
{
    const struct node *found = NULL;

    if (node->kind == NODE_MAP)
        found = node_get(node, "k");
    for (size_t i = 0; i < node->count && !found; i++)
        found = find_key(node->kind == NODE_MAP ? node->pairs[i].value : node->items[i]);
    return found;
}

static void finds_the_way_back_from_decoded_text_to_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        struct document *document = parse(span_of(places[i].text));
        const struct node *node;
        struct place place;
        const char *part;
        size_t line, column;

        check_row(places[i].text, document && errors.count == 0);
        node = find_key(document_root(document));
        part = node->kind != NODE_SCALAR ? NULL
                                         : memmem(node->value.at, node->value.len, places[i].part,
                                               strlen(places[i].part));
        check_row(places[i].text, node->kind != NODE_SCALAR || part);
        place = node_place_within(
            node, part ? (size_t)(part - node->value.at) : 0, strlen(places[i].part));
        place_find(&place, &line, &column);
        check_number(places[i].text, line, places[i].line);
        check_number(places[i].text, column, places[i].column);
        if (node->kind == NODE_SCALAR)
            check_span(places[i].text, bytes_of(&place), places[i].source);
        document_free(document);
    }
}

static void a_fault_behind_the_value_is_placed_behind_its_last_byte(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
    } rows[] = {
        {"k: (a", 5}, {"k: '(a'", 6}, {"k: \"(a\\n\"", 8}, {"k: |-\n  (a\n", 10}, {"k: ''", 4}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct document *document = parse(span_of(rows[i].text));
        const struct node *node = node_get(document_root(document), "k");
        struct place place = node_place_within(node, node->value.len, 0);

        check_number(rows[i].text, place.offset, rows[i].offset);
        check_number(rows[i].text, place.len, 0);
        document_free(document);
    }
}

static void an_anchored_value_keeps_the_place_of_the_whole(void **state)
{
    struct document *document = parse(SPAN("k: &a 'b''c'"));
    const struct node *node = node_get(document_root(document), "k");
    struct place place = node_place_within(node, 1, 1);

    (void)state;
    check_number("anchored", place.offset, 3);
    check_number("anchored", place.len, 9);
    document_free(document);
}

static void a_map_ends_where_its_last_value_ends(void **state)
{
    struct document *document = parse(SPAN("a:\n  b: [1]\n\n# note\nc: {d: 2}\n"));
    const struct node *root = document_root(document);

    (void)state;
    check_number("root", root->place.len, 29);
    check_number("a", node_get(root, "a")->place.len, 6);
    check_number("c", node_get(root, "c")->place.len, 6);
    document_free(document);
}

static void a_duplicate_keeps_the_first_value_and_names_its_line(void **state)
{
    struct document *document = parse(SPAN("b: 1\na: 2\nb: 3\n"));

    (void)state;
    buffer_clear(&drawn);
    draw(document_root(document));
    check_span("tree", buffer_span(&drawn), "{(b):(1)(a):(2)}");
    check_span("hint", span_of(errors.items[0].hint),
        "It stands in line 1 already: take one of the two away.");
    document_free(document);
}

/* `count` times `piece`, with the number of the piece where it says %zu. */
static void repeat(struct buffer *out, const char *piece, size_t count)
{
    const char *number = strstr(piece, "%zu");

    for (size_t i = 0; i < count; i++) {
        buffer_append(out, number ? span_between(piece, number) : span_of(piece));
        if (number)
            buffer_printf(out, "%zu%s", i, number + 3);
    }
}

static const struct {
    const char *name, *piece;
    size_t count;
    const char *first_error;
} huge[] = {
    {"many keys", "key%zu: value\n", 49000, NULL},
    {"one key again and again", "key: value\n", 49000, "key \"key\" stands here twice"},
    {"too many values", "- a\n", LIMIT_DOCUMENT_NODES, "more than 100000 values in one file"},
    {"too many values on a line", "[],", 1000000, "not valid YAML: did not find expected <doc"},
    {"deep lists", "[", 1000, "nested more than 32 levels deep"},
    {"deep lists without end", "[", 4000000, "nested more than 32 levels deep"},
    {"deep maps", "{a: ", 1000, "nested more than 32 levels deep"},
    {"deep blocks on one line", "- ", 1000, "nested more than 32 levels deep"},
    {"too many bytes", "# comment\n", LIMIT_DOCUMENT_BYTES / 10 + 1,
        "over 4 MiB, which is the most"},
    {"quotes without end", "'x\n", 1000000, "not valid YAML"},
    {"question marks", "? ", 2000000, "nested more than 32 levels deep"},
    {"colons", ": ", 2000000, ""},
    {"blanks", "  ", 2000000, NULL},
    {"a long line", "word ", 800000, NULL},
};

static void caps_and_time_hold_on_huge_texts(void **state)
{
    struct buffer bytes = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(huge) / sizeof(*huge); i++) {
        struct document *document;

        buffer_clear(&bytes);
        repeat(&bytes, huge[i].piece, huge[i].count);
        document = parse(buffer_span(&bytes));
        if (!huge[i].first_error)
            check_number(huge[i].name, errors.count, 0);
        else
            check_row(huge[i].name,
                errors.count > 0 && strstr(errors.items[0].message, huge[i].first_error));
        document_free(document);
    }
    buffer_finish(&bytes);
}

static void an_alias_bomb_costs_nothing(void **state)
{
    struct buffer bytes = {0};
    struct document *document;

    (void)state;
    buffer_append(&bytes, SPAN("a0: &a0 [x, x]\n"));
    for (int i = 1; i < 60; i++)
        buffer_printf(&bytes, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    document = parse(buffer_span(&bytes));
    check_row("bomb", !document);
    check_number("bomb", errors.count, LIMIT_ERRORS);
    check_number("bomb", errors.count + errors.dropped, 60 + 2 * 59);
    buffer_finish(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_value),
        cmocka_unit_test(places_every_problem),
        cmocka_unit_test(finds_the_way_back_from_decoded_text_to_the_file),
        cmocka_unit_test(a_fault_behind_the_value_is_placed_behind_its_last_byte),
        cmocka_unit_test(an_anchored_value_keeps_the_place_of_the_whole),
        cmocka_unit_test(a_map_ends_where_its_last_value_ends),
        cmocka_unit_test(a_duplicate_keeps_the_first_value_and_names_its_line),
        cmocka_unit_test(caps_and_time_hold_on_huge_texts),
        cmocka_unit_test(an_alias_bomb_costs_nothing),
    };
    int failed = cmocka_run_group_tests_name("document", tests, NULL, NULL);

    errors_finish(&errors);
    buffer_finish(&drawn);
    return failed;
}
