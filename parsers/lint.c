/* SPDX-License-Identifier: MIT
 *
 * Goes through the file's document beside its rules: the document has the places. A
 * pattern that pattern_tree.h does not understand is not judged.
 */
#include "lint.h"

#include "blowup.h"
#include "expansion.h"
#include "forgery.h"
#include "limits.h"
#include "rule.h"
#include "shadow.h"

#include <stdlib.h>

enum { SHOWN = 72 /* bytes of a line or a name in a message */ };

struct linting {
    struct pattern_name *local;
    size_t local_count;
    struct matcher *matcher;
    struct arena *arena; /* of one tree */
    struct errors *warnings;
};

/* A pattern in the file, as a tree. */
struct linted {
    const struct node *node;
    struct expansion expansion;
    const struct tree *root;
};

static int shown(struct span text)
{
    return text.len < SHOWN ? (int)text.len : SHOWN;
}

static const char *more(struct span text)
{
    return text.len > SHOWN ? "..." : "";
}

static struct place place_of(const struct linted *linted, const struct tree *tree)
{
    size_t from, to, len, last = tree->to > tree->from ? tree->to - 1 : tree->to;
    struct span name;

    expansion_find(&linted->expansion, tree->from, &from, &len, &name);
    expansion_find(&linted->expansion, last, &to, &len, &name);
    return node_place_within(linted->node, from, to + len - from);
}

/* --- patterns -------------------------------------------------------------- */

static void warn_of_blowup(
    struct linting *linting, const struct linted *linted, const struct pattern *pattern)
{
    struct buffer line = {0};
    const struct tree *loop = blowup_find(linted->root, pattern, linting->matcher, &line);
    struct span text = buffer_span(&line);

    if (loop)
        error_hint(errors_add(linting->warnings, place_of(linted, loop),
                       "warning: this can read one text in so many ways that a match runs into "
                       "its limits: \"%.*s%s\"",
                       shown(text), text.at, more(text)),
            "Leave one of two quantifiers away, let no two parts or alternatives here begin with "
            "the same characters, or write ++ and *+ for + and *, which give nothing back.");
    buffer_finish(&line);
}

static void warn_of_forgery(struct linting *linting, const struct linted *linted,
    const struct rule *rule, const struct pattern *pattern)
{
    struct forgery forgery;
    struct span name, line;
    struct error *warning = NULL;

    forgery_find(rule, linted->root, pattern, linting->matcher, &forgery);
    line = buffer_span(&forgery.line);
    name = forgery.kind == FORGERY_NONE ? SPAN("") : forgery.value->name;
    switch (forgery.kind) {
    case FORGERY_NONE:
        break;
    case FORGERY_NO_LABEL:
        warning = errors_add(linting->warnings, place_of(linted, forgery.value),
            "warning: \"%.*s\" is taken from anywhere in the line: nothing before it says which "
            "address it is",
            shown(name), name.at);
        error_hint(warning,
            "Write what stands before it, as in \"from %%{IP:%.*s}\", or begin the pattern with ^ "
            "and what comes first.",
            shown(name), name.at);
        break;
    case FORGERY_NO_START:
        warning = errors_add(linting->warnings, place_of(linted, linted->root->child),
            "warning: this may begin anywhere in a line: whoever can write into one, a user name "
            "or a path, can forge \"%.*s\"",
            shown(name), name.at);
        error_hint(warning,
            "Begin it with ^ and what stands before, as in ^%%{TIMESTAMP_ISO8601} \\S+ and then "
            "the rest.");
        break;
    case FORGERY_BY_TEXT:
        warning = errors_add(linting->warnings, place_of(linted, forgery.text),
            "warning: whoever chooses \"%.*s\" can forge \"%.*s\", as in \"%.*s%s\"",
            shown(forgery.text->name), forgery.text->name.at, shown(name), name.at, shown(line),
            line.at, more(line));
        error_hint(warning,
            "Let \"%.*s\" take only what it can be, such as \\S+ or [^\"]+, or end the pattern "
            "with what ends the line and $.",
            shown(forgery.text->name), forgery.text->name.at);
        break;
    }
    buffer_finish(&forgery.line);
}

/* rule: NULL where the pattern takes nothing for an event. */
static void check_pattern(struct linting *linting, const struct node *node,
    const struct pattern *pattern, const struct rule *rule)
{
    struct linted linted = {.node = node};
    struct pattern_fault fault;

    arena_reset(linting->arena);
    if (expansion_write(
            &linted.expansion, node->value, linting->local, linting->local_count, &fault))
        linted.root = pattern_tree_read(buffer_span(&linted.expansion.text), linting->arena);
    if (linted.root) {
        warn_of_blowup(linting, &linted, pattern);
        if (rule)
            warn_of_forgery(linting, &linted, rule, pattern);
    }
    expansion_finish(&linted.expansion);
}

/* --- rules ----------------------------------------------------------------- */

/* A pattern, or a map of fields and patterns. */
static void check_matches(struct linting *linting, const struct node *node,
    const struct rule_match *matches, const struct rule *rule)
{
    if (node->kind == NODE_SCALAR)
        check_pattern(linting, node, matches[0].pattern, rule);
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++)
        check_pattern(linting, node->pairs[i].value, matches[i].pattern, NULL);
}

static void check_where(
    struct linting *linting, const struct node *map, const struct condition *where)
{
    for (size_t i = 0; i < map->count; i++)
        if (where[i].kind == CONDITION_MATCHES)
            check_pattern(
                linting, node_get(map->pairs[i].value, "matches"), where[i].pattern, NULL);
}

static void check_rule(struct linting *linting, const struct node *node, const struct rule *rule)
{
    const struct node *where = node_get(node, "where"), *match = node_get(node, "match");
    const struct node *unless = node_get(node, "unless");

    if (where)
        check_where(linting, where, rule->where);
    if (match)
        check_matches(linting, match, rule->matches, rule->has_event ? rule : NULL);
    if (unless)
        check_matches(linting, unless, &rule->unless, NULL);
}

static void check_multiline(struct linting *linting, const struct node *map)
{
    for (size_t i = 0; map && i < map->count; i++) {
        const struct node *node = map->pairs[i].value;
        struct pattern_fault fault;
        struct pattern *pattern =
            pattern_compile(node->value, linting->local, linting->local_count, &fault);

        if (pattern)
            check_pattern(linting, node, pattern, NULL);
        pattern_free(pattern);
    }
}

void lint_check(const struct rule_file *file, struct errors *warnings)
{
    const struct node *root = document_root(file->document), *rules = node_get(root, "rules");
    struct linting linting = {
        .matcher = matcher_new(),
        .arena = arena_new(LIMIT_ARENA_BYTES),
        .warnings = warnings,
    };

    linting.local = rule_file_patterns(file, &linting.local_count);
    check_multiline(&linting, node_get(root, "multiline"));
    for (size_t i = 0; i < file->count; i++)
        check_rule(&linting, rules->items[i], &file->rules[i]);
    shadow_check(file, warnings);
    free(linting.local);
    arena_free(linting.arena);
    matcher_free(linting.matcher);
}
