/* SPDX-License-Identifier: MIT
 *
 * parsers/keys.c through its header: one table with a key of every type, read
 * from good texts and from bad ones with what must be said of them.
 */
#include "parsers/keys.h"
#include "tests/support/test.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

struct thing {
    char *name, *note;
    struct strings tags;
    bool is_on;
    int64_t count, wait_ms, size;
    int colour;
    const struct node *rest;
};

static const struct key keys[] = {
    {.name = "name",
        .type = KEY_STRING,
        .offset = offsetof(struct thing, name),
        .help = "what it is called",
        .is_required = true},
    {.name = "note",
        .type = KEY_STRING,
        .offset = offsetof(struct thing, note),
        .default_text = "none"},
    {.name = "tags",
        .type = KEY_STRINGS,
        .offset = offsetof(struct thing, tags),
        .default_text = "plain"},
    {.name = "on",
        .type = KEY_BOOL,
        .offset = offsetof(struct thing, is_on),
        .default_text = "true"},
    {.name = "count",
        .type = KEY_INTEGER,
        .offset = offsetof(struct thing, count),
        .default_text = "3",
        .least = 1,
        .most = 1000},
    {.name = "wait",
        .type = KEY_DURATION,
        .offset = offsetof(struct thing, wait_ms),
        .default_text = "30s",
        .least = 250,
        .most = 86400000},
    {.name = "size", .type = KEY_SIZE, .offset = offsetof(struct thing, size)},
    {.name = "colour",
        .type = KEY_CHOICE,
        .offset = offsetof(struct thing, colour),
        .default_text = "green",
        .choices = colours},
    {.name = "rest", .type = KEY_NODE, .offset = offsetof(struct thing, rest)},
    {.name = NULL},
};

static struct text text;
static struct document *document;
static struct errors errors;
static struct thing thing;

static void read_thing(const char *bytes)
{
    text = (struct text){"file.yaml", span_of(bytes)};
    errors_finish(&errors);
    document_free(document);
    document = document_parse(&text, &errors);
    check_row(bytes, document && errors.count == 0);
    keys_finish(keys, &thing);
    thing = (struct thing){0};
    keys_read(document_root(document), "a thing", keys, &thing, &errors);
}

static void takes_what_the_file_says(void **state)
{
    (void)state;
    read_thing("name: Norway\nnote: no\ntags: [yes, 0123, 'a b']\non: false\ncount: 17\n"
               "wait: 90m\nsize: 64KiB\ncolour: blue\nrest: {a: 1}\n");
    check_number("errors", errors.count, 0);
    check_span("name", span_of(thing.name), "Norway");
    check_span("note", span_of(thing.note), "no");
    check_number("tags", thing.tags.count, 3);
    check_span("tags", span_of(thing.tags.items[0]), "yes");
    check_span("tags", span_of(thing.tags.items[1]), "0123");
    check_span("tags", span_of(thing.tags.items[2]), "a b");
    check_row("on", !thing.is_on);
    check_number("count", (uint64_t)thing.count, 17);
    check_number("wait", (uint64_t)thing.wait_ms, 90 * 60000);
    check_number("size", (uint64_t)thing.size, 65536);
    check_number("colour", (uint64_t)thing.colour, 2);
    check_number("rest", thing.rest->count, 1);
}

static void check_defaults(const char *row)
{
    check_row(row, thing.name == NULL && thing.rest == NULL);
    check_span(row, span_of(thing.note), "none");
    check_number(row, thing.tags.count, 1);
    check_span(row, span_of(thing.tags.items[0]), "plain");
    check_row(row, thing.is_on);
    check_number(row, (uint64_t)thing.count, 3);
    check_number(row, (uint64_t)thing.wait_ms, 30000);
    check_number(row, (uint64_t)thing.size, 0);
    check_number(row, (uint64_t)thing.colour, 1);
}

static void sets_defaults_where_there_is_no_map(void **state)
{
    (void)state;
    keys_finish(keys, &thing);
    thing = (struct thing){0};
    errors_finish(&errors);
    keys_read(NULL, "a thing", keys, &thing, &errors);
    check_number("errors", errors.count, 0);
    check_defaults("no node");
}

static void a_wrong_value_leaves_the_default(void **state)
{
    (void)state;
    read_thing("{name: [], note: {}, tags: {}, on: yes, count: '4', wait: 1, size: -1, colour: x}");
    check_number("errors", errors.count, 8);
    check_defaults("all wrong");
}

static const struct {
    const char *text;
    int64_t wait_ms, size;
} amounts[] = {
    {"{name: a, wait: 250ms, size: 0}", 250, 0},
    {"{name: a, wait: '1s', size: 512}", 1000, 512},
    {"{name: a, wait: 5m, size: 1KiB}", 300000, 1024},
    {"{name: a, wait: 24h, size: 10MiB}", 86400000, 10 << 20},
    {"{name: a, wait: 1d, size: 8589934591GiB}", 86400000, INT64_C(8589934591) << 30},
};

static void reads_durations_and_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++) {
        read_thing(amounts[i].text);
        check_number(amounts[i].text, errors.count, 0);
        check_number(amounts[i].text, (uint64_t)thing.wait_ms, (uint64_t)amounts[i].wait_ms);
        check_number(amounts[i].text, (uint64_t)thing.size, (uint64_t)amounts[i].size);
    }
}

#define DURATION_HINT "Write it as a number with a unit, like 250ms, 30s, 5m, 1h or 2d."
#define SIZE_HINT     "Write it in bytes or with a unit, like 512, 64KiB, 10MiB or 1GiB."
#define INTEGER_HINT  "Write it in digits, without quotes, like 32."
#define BOOL_HINT     "Write true or false, without quotes."

static const struct {
    const char *text;
    size_t line, column;
    const char *message, *hint;
} bad[] = {
    {"name: a\nwait: fast\n", 2, 7, "\"fast\" is not a duration", DURATION_HINT},
    {"{name: a, wait: 30}", 1, 17, "\"30\" is not a duration", DURATION_HINT},
    {"{name: a, wait: 1.5h}", 1, 17, "\"1.5h\" is not a duration", DURATION_HINT},
    {"{name: a, wait: 99999999999999999999s}", 1, 17, "\"99999999999999999999s\" is not a duration",
        DURATION_HINT},
    {"{name: a, wait: -1s}", 1, 17, "\"-1s\" is not a duration", DURATION_HINT},
    {"{name: a, wait: 2d}", 1, 17, "\"2d\" is out of range for \"wait\"", "It can be 250ms to 1d."},
    {"{name: a, size: 10MB}", 1, 17, "\"10MB\" is not a size", SIZE_HINT},
    {"{name: a, size: 9999999999GiB}", 1, 17, "\"9999999999GiB\" is not a size", SIZE_HINT},
    {"{name: a, count: '4'}", 1, 18, "\"4\" is not a whole number", INTEGER_HINT},
    {"{name: a, count: 007}", 1, 18, "\"007\" is not a whole number", INTEGER_HINT},
    {"{name: a, count: -}", 1, 18, "\"-\" is not a whole number", INTEGER_HINT},
    {"{name: a, count: 0}", 1, 18, "\"0\" is out of range for \"count\"", "It can be 1 to 1000."},
    {"{name: a, count: -5}", 1, 18, "\"-5\" is out of range for \"count\"", "It can be 1 to 1000."},
    {"{name: a, on: yes}", 1, 15, "\"yes\" is not true or false", BOOL_HINT},
    {"{name: a, on: 'true'}", 1, 15, "\"true\" is not true or false", BOOL_HINT},
    {"{name: a, on: True}", 1, 15, "\"True\" is not true or false", BOOL_HINT},
    {"{name: a, on: [true]}", 1, 15, "\"on\" must be true or false, not a list", BOOL_HINT},
    {"{name: a, colour: gren}", 1, 19, "\"gren\" is not a value of \"colour\"",
        "Did you mean \"green\"?"},
    {"{name: a, colour: octarine}", 1, 19, "\"octarine\" is not a value of \"colour\"",
        "Write red, green or blue."},
    {"{name: [a]}", 1, 8, "\"name\" must be a text, not a list", "Write one value here."},
    {"{name: {a: b}}", 1, 8, "\"name\" must be a text, not a map", "Write one value here."},
    {"name:\nnote: x\n", 1, 1, "\"name\" has no value",
        "Write one behind the colon, or take the line away."},
    {"{name: a, tags: {a: b}}", 1, 17, "\"tags\" must be a text or a list of texts, not a map",
        "Write one text, or several as [a, b]."},
    {"{name: a, tags: [a, [b]]}", 1, 21, "each of \"tags\" must be a text, not a list",
        "Write one text, or several as [a, b]."},
    {"name: a\ntags:\n- a\n-\n", 4, 2, "each of \"tags\" must be a text, not empty",
        "Write one text, or several as [a, b]."},
    {"name: \"a\\0b\"", 1, 9, "a NUL byte cannot stand here", ""},
    {"nam: a\nname: b\n", 1, 1, "unknown key \"nam\" in a thing", "Did you mean \"name\"?"},
    {"name: b\nfruit: a\n", 2, 1, "unknown key \"fruit\" in a thing",
        "Its keys are name, note, tags, on, count, wait, size, colour and rest."},
    {"note: a\nsize: 1\n", 1, 1, "a thing needs \"name\"", "Add \"name\": what it is called."},
    {"{}", 1, 1, "a thing needs \"name\"", "Add \"name\": what it is called."},
    {"- name: a\n", 1, 1, "a thing must be a map, not a list",
        "Write it as lines of \"key: value\", with a blank behind the colon."},
    {"name", 1, 1, "a thing must be a map, not a text",
        "Write it as lines of \"key: value\", with a blank behind the colon."},
};

static void says_what_is_wrong_where_and_what_to_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        size_t line, column;

        read_thing(bad[i].text);
        check_number(bad[i].text, errors.count, 1);
        place_find(&errors.items[0].place, &line, &column);
        check_number(bad[i].text, line, bad[i].line);
        check_number(bad[i].text, column, bad[i].column);
        check_span(bad[i].text, span_of(errors.items[0].message), bad[i].message);
        check_span(bad[i].text, span_of(errors.items[0].hint), bad[i].hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_the_file_says),
        cmocka_unit_test(sets_defaults_where_there_is_no_map),
        cmocka_unit_test(a_wrong_value_leaves_the_default),
        cmocka_unit_test(reads_durations_and_sizes),
        cmocka_unit_test(says_what_is_wrong_where_and_what_to_write),
    };
    int failed = cmocka_run_group_tests_name("keys", tests, NULL, NULL);

    keys_finish(keys, &thing);
    document_free(document);
    errors_finish(&errors);
    return failed;
}
