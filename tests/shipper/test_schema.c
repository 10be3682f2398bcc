/* SPDX-License-Identifier: MIT
 *
 * parsers/schema.c: the schemas are JSON, every file of ours that the loader takes is valid
 * by them, and files with wrong keys or shapes are not. The validator here knows the
 * keywords that we write, and fails on any other.
 */
#include "parsers/pattern.h"
#include "parsers/schema.h"
#include "shipper/config.h"
#include "shipper/text_file.h"
#include "tests/support/test.h"

#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static bool is_valid(const struct node *node, json_object *schema);

static bool is_type(const struct node *node, const char *type)
{
    bool is_scalar = node->kind == NODE_SCALAR && (node->is_quoted || node->value.len > 0);
    uint64_t number;

    if (strcmp(type, "object") == 0)
        return node->kind == NODE_MAP;
    if (strcmp(type, "array") == 0)
        return node->kind == NODE_LIST;
    if (strcmp(type, "integer") == 0)
        return is_scalar && !node->is_quoted && span_to_u64(node->value, &number);
    if (strcmp(type, "boolean") == 0)
        return is_scalar && !node->is_quoted &&
               (span_is(node->value, "true") || span_is(node->value, "false"));
    assert_true(strcmp(type, "string") == 0 || strcmp(type, "number") == 0);
    return is_scalar;
}

static bool has_type(const struct node *node, json_object *types)
{
    bool has_one = false;

    if (json_object_is_type(types, json_type_string))
        return is_type(node, json_object_get_string(types));
    for (size_t i = 0; i < json_object_array_length(types); i++)
        has_one |= is_type(node, json_object_get_string(json_object_array_get_idx(types, i)));
    return has_one;
}

static bool is_among(const struct node *node, json_object *values)
{
    bool is_one = false;

    for (size_t i = 0; i < json_object_array_length(values); i++)
        is_one |=
            node->kind == NODE_SCALAR &&
            span_is(node->value, json_object_get_string(json_object_array_get_idx(values, i)));
    return is_one;
}

static bool fits_any(const struct node *node, json_object *schemas)
{
    bool fits = false;

    for (size_t i = 0; i < json_object_array_length(schemas); i++)
        fits |= is_valid(node, json_object_array_get_idx(schemas, i));
    return fits;
}

static bool has_required(const struct node *node, json_object *names)
{
    bool has_all = true;

    for (size_t i = 0; i < json_object_array_length(names) && node->kind == NODE_MAP; i++)
        has_all &=
            node_get(node, json_object_get_string(json_object_array_get_idx(names, i))) != NULL;
    return has_all;
}

static bool has_pattern(const struct node *node, const char *text)
{
    struct pattern_fault fault;
    struct pattern *pattern = pattern_compile(span_of(text), NULL, 0, &fault);
    struct matcher *matcher = matcher_new();
    bool matches;

    assert_non_null(pattern);
    matches = node->kind == NODE_SCALAR &&
              pattern_match(pattern, matcher, node->value, NULL, 0, NULL) == PATTERN_MATCH;
    matcher_free(matcher);
    pattern_free(pattern);
    return matches;
}

static bool are_members_valid(const struct node *node, json_object *schema)
{
    json_object *properties, *others, *member;
    bool are_valid = true;

    if (node->kind != NODE_MAP)
        return true;
    json_object_object_get_ex(schema, "additionalProperties", &others);
    json_object_object_get_ex(schema, "properties", &properties);
    for (size_t i = 0; i < node->count && others; i++) {
        char name[200];

        snprintf(name, sizeof(name), "%.*s", (int)node->pairs[i].key->value.len,
            node->pairs[i].key->value.at);
        if (properties && json_object_object_get_ex(properties, name, &member))
            are_valid &= is_valid(node->pairs[i].value, member);
        else if (json_object_is_type(others, json_type_object))
            are_valid &= is_valid(node->pairs[i].value, others);
        else
            are_valid = false;
    }
    return are_valid;
}

static bool is_valid(const struct node *node, json_object *schema)
{
    bool is = are_members_valid(node, schema);

    json_object_object_foreach(schema, keyword, value)
    {
        if (strcmp(keyword, "type") == 0)
            is &= has_type(node, value);
        else if (strcmp(keyword, "enum") == 0)
            is &= is_among(node, value);
        else if (strcmp(keyword, "anyOf") == 0)
            is &= fits_any(node, value);
        else if (strcmp(keyword, "required") == 0)
            is &= has_required(node, value);
        else if (strcmp(keyword, "pattern") == 0)
            is &= has_pattern(node, json_object_get_string(value));
        else if (strcmp(keyword, "items") == 0)
            for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
                is &= is_valid(node->items[i], value);
        else
            assert_non_null(strstr("$schema title description default minimum maximum properties "
                                   "additionalProperties",
                keyword));
    }
    return is;
}

static json_object *write_schema(const struct key_shape *shape)
{
    struct buffer out = {0};
    json_object *schema;

    schema_write(shape, "test", &out);
    buffer_append_byte(&out, '\0');
    schema = json_tokener_parse(out.bytes);
    assert_non_null(schema);
    buffer_finish(&out);
    return schema;
}

static bool is_text_valid(const struct text *text, json_object *rules, json_object *config)
{
    struct errors errors = {0};
    struct document *document = document_parse(text, &errors);
    const struct node *root = document ? document_root(document) : NULL;
    bool is = root && is_valid(root, node_get(root, "inputs") ? config : rules);

    document_free(document);
    errors_finish(&errors);
    return is;
}

static size_t check_files(const char *pattern, bool wanted, json_object *rules, json_object *config)
{
    glob_t found;
    size_t count;

    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    count = found.gl_pathc;
    for (size_t i = 0; i < count; i++) {
        struct error err;
        struct text *text = text_file_read(found.gl_pathv[i], LIMIT_DOCUMENT_BYTES, &err);

        check_row(found.gl_pathv[i], text && is_text_valid(text, rules, config) == wanted);
        text_file_free(text);
    }
    globfree(&found);
    return count;
}

static void what_the_loader_takes_is_valid(void **state)
{
    json_object *rules = write_schema(&rule_file_shape), *config = write_schema(&config_shape);

    (void)state;
    assert_true(check_files("rules/*.yaml", true, rules, config) >= 5);
    assert_int_equal(check_files("examples/*.yaml", true, rules, config), 2);
    check_files("tests/cases/rules/fine.yaml", true, rules, config);
    check_files("tests/cases/rules/multiline_fine.yaml", true, rules, config);
    json_object_put(rules);
    json_object_put(config);
}

static void wrong_keys_and_shapes_are_not(void **state)
{
    static const char *const wrong[] = {"rules/unknown_keys", "rules/unknown_keys_follow",
        "rules/wrong_types", "rules/conditions", "rules/formats_and_logs", "rules/multiline_broken",
        "check/rule-keys", "check/config-everything-wrong", "check/neither"};
    json_object *rules = write_schema(&rule_file_shape), *config = write_schema(&config_shape);

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char path[100];

        snprintf(path, sizeof(path), "tests/cases/%s.yaml", wrong[i]);
        check_files(path, false, rules, config);
    }
    json_object_put(rules);
    json_object_put(config);
}

/* A key that is read further says of what shape it is, and every one what it is for. */
static void check_tables(const struct key_shape *shape)
{
    for (size_t i = 0; shape->of && shape->of[i]; i++)
        check_tables(shape->of[i]);
    for (size_t i = 0; shape->tables && shape->tables[i]; i++)
        for (const struct key *key = shape->tables[i]; key->name; key++) {
            check_row(key->name, key->help && key->help[0]);
            check_row(key->name, key->type != KEY_NODE || key->shape);
            check_row(key->name, key->type != KEY_CHOICE || key->choices);
            if (key->shape)
                check_tables(key->shape);
        }
}

static void every_key_says_what_it_takes(void **state)
{
    (void)state;
    check_tables(&rule_file_shape);
    check_tables(&config_shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_loader_takes_is_valid),
        cmocka_unit_test(wrong_keys_and_shapes_are_not),
        cmocka_unit_test(every_key_says_what_it_takes),
    };

    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
