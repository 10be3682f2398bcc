/* SPDX-License-Identifier: MIT
 *
 * A rule file from its document. Reads on after every mistake, so that all of
 * them are reported in one go; where one broken thing would make others look
 * broken (a format, a named pattern), those others are not judged by it.
 */
#include "rules.h"

#include "columns.h"
#include "expansion.h"
#include "keys.h"
#include "limits.h"
#include "memory.h"
#include "rule_parse.h"

#include <stdlib.h>

struct file_keys {
    const struct node *product, *about, *logs, *format, *multiline, *patterns, *rules;
};

#define ROW(member, text)                                                                          \
    .name = #member, .type = KEY_NODE, .offset = offsetof(struct file_keys, member), .help = text

struct journal_keys {
    struct strings unit;
};

static const struct key journal_keys[] = {
    {.name = "unit",
        .type = KEY_STRINGS,
        .offset = offsetof(struct journal_keys, unit),
        .help = "a systemd unit, or a list of them",
        .is_required = true},
    {0},
};

static const struct key_shape journal_shape = SHAPE_OF_MAP(journal_keys);

struct log_keys {
    struct strings file;
    const struct node *journal;
};

static const struct key log_keys[] = {
    {.name = "file",
        .type = KEY_STRINGS,
        .offset = offsetof(struct log_keys, file),
        .help = "a path or glob, or a list of them"},
    {.name = "journal",
        .type = KEY_NODE,
        .offset = offsetof(struct log_keys, journal),
        .help = "what to read from the systemd journal: {unit: [...]}",
        .shape = &journal_shape},
    {0},
};

static const struct key_shape log_shape = SHAPE_OF_MAP(log_keys);
static const struct key_shape logs_shape = SHAPE_OF(SHAPE_LIST, &log_shape);
static const struct key_shape rules_shape = SHAPE_OF(SHAPE_LIST, &rule_shape);

static const struct key file_keys[] = {
    {ROW(product, "product_id on the wire; part of every event's id"), .is_required = true,
        .shape = &shape_text},
    {ROW(about, "one line for people"), .shape = &shape_text},
    {ROW(logs, "where these logs usually are"), .shape = &logs_shape},
    {ROW(format, "how a line becomes a record; a list unwraps in turn"),
        .shape = &rule_format_shape},
    {ROW(multiline, "which lines make one record: {start: PATTERN} or {continues: PATTERN}"),
        .shape = &framing_shape},
    {ROW(patterns, "named patterns of this file's own"), .shape = &shape_named_text},
    {ROW(rules, "the rules, in order; the first that takes a line wins"), .is_required = true,
        .shape = &rules_shape},
    {0},
};

const struct key_shape rule_file_shape = SHAPE_OF_MAP(file_keys);

static size_t error_count(const struct errors *errors)
{
    return errors->count + errors->dropped;
}

static void add_log(struct rule_file *file, size_t *room, bool is_journal, struct span text)
{
    file->logs = memory_room(file->logs, file->log_count, room, sizeof(*file->logs));
    file->logs[file->log_count++] = (struct rule_log){is_journal, text};
}

/* One text or a list of them; anything else has been complained of. */
static void add_logs(struct rule_file *file, size_t *room, bool is_journal, const struct node *node)
{
    if (node && node->kind == NODE_SCALAR)
        add_log(file, room, is_journal, node->value);
    for (size_t i = 0; node && node->kind == NODE_LIST && i < node->count; i++)
        add_log(file, room, is_journal, node->items[i]->value);
}

static void read_logs(const struct node *list, struct rule_file *file, struct errors *errors)
{
    size_t room = 0;

    if (list->kind != NODE_LIST) {
        error_hint(errors_add(errors, list->place, "\"logs\" must be a list"),
            "Write each as - file: PATH or - journal: {unit: NAME}.");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->items[i];
        struct journal_keys journal = {0};
        struct log_keys log = {0};

        keys_read(node, "a log", log_keys, &log, errors);
        if (log.journal)
            keys_read(log.journal, "a journal", journal_keys, &journal, errors);
        if (node->kind == NODE_MAP && !node_get(node, "file") == !log.journal)
            error_hint(errors_add(errors, node->place, "a log is either a file or a journal"),
                "Write - file: PATH or - journal: {unit: NAME}.");
        if (node->kind == NODE_MAP)
            add_logs(file, &room, false, node_get(node, "file"));
        if (log.journal && log.journal->kind == NODE_MAP)
            add_logs(file, &room, true, node_get(log.journal, "unit"));
        keys_finish(journal_keys, &journal);
        keys_finish(log_keys, &log);
    }
}

/* Compiles each body once to see whether it is fine; those that are not become
 * empty, so that one fault is not told again for every use. */
static bool drop_broken(const struct node *map, struct pattern_name *names, size_t count,
    bool with_inherited, struct file_patterns *patterns, struct errors *errors)
{
    bool is_fine = true;

    for (size_t i = 0; i < count && !patterns->is_spent; i++) {
        const struct node *body = map->pairs[i].value;
        struct pattern_fault fault = {0};
        struct pattern *pattern = pattern_compile(names[i].body, names, count, &fault);

        if (pattern && with_inherited)
            rule_text_spend(patterns, body, pattern, errors);
        pattern_free(pattern);
        if (pattern || (fault.is_inherited && !with_inherited))
            continue;
        error_hint(errors_add(errors, node_place_within(body, fault.offset, fault.len), "%s",
                       fault.message),
            "%s", fault.hint);
        names[i].body = SPAN("");
        is_fine = false;
    }
    return is_fine;
}

/* The file's named patterns, in the order of the map. */
static bool read_patterns(const struct node *map, struct pattern_name **names,
    struct file_patterns *patterns, struct errors *errors)
{
    size_t count = map->count;
    size_t before = error_count(errors);
    bool is_fine;

    if (map->kind != NODE_MAP) {
        error_hint(
            errors_add(errors, map->place, "\"patterns\" must be a map of names and patterns"),
            "Write each as NAME: 'pattern'.");
        return false;
    }
    *names = memory_new(map->count * sizeof(**names));
    for (size_t i = 0; i < map->count; i++) {
        struct pattern_name *name = &(*names)[i];

        *name = (struct pattern_name){map->pairs[i].key->value, SPAN("")};
        if (!expansion_is_name(name->name))
            error_hint(errors_add(errors, map->pairs[i].key->place, "not a pattern name: \"%.*s\"",
                           name->name.len < 100 ? (int)name->name.len : 100, name->name.at),
                "A name has letters, digits and _ only, and starts with no digit.");
        rule_text_read(map->pairs[i].value, "a pattern", &name->body, errors);
    }
    /* First what is wrong in a body itself, then what only shows where it is used. */
    is_fine = drop_broken(map, *names, count, false, patterns, errors);
    is_fine = drop_broken(map, *names, count, true, patterns, errors) && is_fine;
    patterns->local = *names;
    patterns->local_count = count;
    return is_fine && error_count(errors) == before;
}

static void check_unique(const struct rule_file *file, size_t i, struct errors *errors)
{
    const struct rule *rule = &file->rules[i];

    for (size_t j = 0; j < i && rule->name.at; j++) {
        size_t line, column;

        if (!span_equal(file->rules[j].name, rule->name))
            continue;
        place_find(&file->rules[j].place, &line, &column);
        error_hint(errors_add(errors, rule->place, "a second rule named \"%.*s\"",
                       rule->name.len < 100 ? (int)rule->name.len : 100, rule->name.at),
            "The first is in line %zu.", line);
        return;
    }
}

/* What some rule remembers may be recalled in any, above it or below. */
static void find_remembered(const struct node *list, struct rule_context *context)
{
    char **names = NULL;
    size_t count = 0, room = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct node *rule = list->items[i], *remember, *keep;

        remember = rule->kind == NODE_MAP ? node_get(rule, "remember") : NULL;
        keep = remember && remember->kind == NODE_MAP ? node_get(remember, "keep") : NULL;
        for (size_t j = 0; keep && j < (keep->kind == NODE_LIST ? keep->count : 1); j++) {
            const struct node *name = keep->kind == NODE_LIST ? keep->items[j] : keep;

            names = memory_room(names, count, &room, sizeof(*names));
            if (name->kind == NODE_SCALAR)
                names[count++] = memory_string(name->value);
        }
    }
    context->remembered = names;
    context->remembered_count = count;
}

static void free_remembered(struct rule_context *context)
{
    for (size_t i = 0; i < context->remembered_count; i++)
        free(context->remembered[i]);
    free(context->remembered);
}

static void read_rules(
    const struct node *list, const struct rule_context *context, struct rule_file *file)
{
    struct errors *errors = context->errors;

    if (list->kind != NODE_LIST || list->count == 0) {
        error_hint(errors_add(errors, list->place, "\"rules\" must be a list of rules"),
            "Start each with - name: NAME.");
        return;
    }
    if (list->count > LIMIT_RULES) {
        errors_add(
            errors, list->place, "%zu rules in one file, the most is %u", list->count, LIMIT_RULES);
        return;
    }
    file->rules = memory_new(list->count * sizeof(*file->rules));
    for (size_t i = 0; i < list->count; i++) {
        rule_parse(list->items[i], context, &file->rules[i]);
        file->count++;
        check_unique(file, i, errors);
    }
}

struct rule_file *rule_file_parse(const struct text *text, struct errors *errors)
{
    return rule_file_parse_within(NULL, text, errors);
}

struct rule_file *rule_file_parse_within(
    const struct format *runtime, const struct text *text, struct errors *errors)
{
    size_t before = error_count(errors);
    struct rule_file *file = memory_new(sizeof(*file));
    struct file_patterns patterns = {0};
    struct rule_context context = {.patterns = &patterns, .errors = errors};
    struct pattern_name *local = NULL;
    struct file_keys keys = {0};

    file->text = text;
    file->arena = context.arena = arena_new(LIMIT_ARENA_BYTES);
    context.scratch = arena_new(LIMIT_ARENA_BYTES);
    file->document = document_parse(text, errors);
    if (!file->document)
        goto failed;
    keys_read(document_root(file->document), "a rule file", file_keys, &keys, errors);
    if (keys.product)
        rule_text_read(keys.product, "product", &file->product, errors);
    if (keys.about)
        rule_text_read(keys.about, "about", &file->about, errors);
    if (keys.logs)
        read_logs(keys.logs, file, errors);
    context.runtime = keys.multiline ? NULL : runtime;
    context.is_open = !rule_format_parse(keys.format, &context, &file->chain);
    context.chain = file->chain;
    if (keys.patterns && !read_patterns(keys.patterns, &local, &patterns, errors))
        context.is_open = true;
    if (keys.multiline)
        file->multiline = framing_parse(keys.multiline, &patterns, errors);
    else if (file->chain[0] && file->chain[0]->columns && file->chain[0]->columns->has_quotes)
        file->multiline = framing_of_columns(file->chain[0]->columns);
    if (keys.rules && keys.rules->kind == NODE_LIST)
        find_remembered(keys.rules, &context);
    if (keys.rules)
        read_rules(keys.rules, &context, file);
failed:
    free_remembered(&context);
    free(local);
    arena_free(context.scratch);
    if (error_count(errors) == before)
        return file;
    rule_file_free(file);
    return NULL;
}

void rule_file_free(struct rule_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->count; i++)
        rule_finish(&file->rules[i]);
    free(file->rules);
    free(file->logs);
    free(file->chain);
    framing_free(file->multiline);
    document_free(file->document);
    arena_free(file->arena);
    free(file);
}

const struct rule *rule_file_find(const struct rule_file *file, struct span name)
{
    for (size_t i = 0; i < file->count; i++)
        if (span_equal(file->rules[i].name, name))
            return &file->rules[i];
    return NULL;
}

struct pattern_name *rule_file_patterns(const struct rule_file *file, size_t *count)
{
    const struct node *map = node_get(document_root(file->document), "patterns");
    struct pattern_name *patterns;

    *count = map ? map->count : 0;
    patterns = memory_new(*count * sizeof(*patterns));
    for (size_t i = 0; i < *count; i++)
        patterns[i] = (struct pattern_name){map->pairs[i].key->value, map->pairs[i].value->value};
    return patterns;
}
