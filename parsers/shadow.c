/* SPDX-License-Identifier: MIT
 *
 * What is certain: each condition of the rule above is one of the rule below, or wider,
 * and each pattern above is one below, or its beginning. What other patterns have in
 * common only the samples tell.
 */
#include "shadow.h"

#include "limits.h"
#include "pattern_tree.h"
#include "rule.h"
#include "samples.h"

/* --- patterns -------------------------------------------------------------- */

static bool is_same_tree(const struct tree *a, const struct tree *b)
{
    const struct tree *one = a->child, *other = b->child;

    if (a->kind != b->kind || a->is_lazy != b->is_lazy || a->is_kept != b->is_kept ||
        a->is_denied != b->is_denied || a->least != b->least || a->most != b->most ||
        a->to - a->from == 0 || memcmp(&a->set, &b->set, sizeof(a->set)) != 0)
        return a->to == a->from && b->to == b->from;
    for (; one && other; one = one->next, other = other->next)
        if (!is_same_tree(one, other))
            return false;
    return !one && !other;
}

/* Whether everything that the longer one matches begins with what this one matches. */
static bool is_beginning(const struct tree *tree, const struct tree *longer)
{
    const struct tree *one = tree->child, *other = longer->child;

    if (tree->kind != TREE_SEQUENCE || longer->kind != TREE_SEQUENCE)
        return is_same_tree(tree, longer);
    for (; one && other; one = one->next, other = other->next)
        if (!is_same_tree(one, other))
            return false;
    return !one;
}

/* Whether one text begins with the other, whatever captures are called. */
static bool is_prefix(struct span text, struct span longer)
{
    size_t i = 0, j = 0;

    while (i < text.len && j < longer.len && text.at[i] == longer.at[j]) {
        bool is_name = i > 1 && memcmp(text.at + i - 2, "(?<", 3) == 0;

        i++;
        j++;
        for (; is_name && i < text.len && text.at[i] != '>'; i++)
            ;
        for (; is_name && j < longer.len && longer.at[j] != '>'; j++)
            ;
    }
    return i == text.len;
}

static bool is_covered_by(struct span wide, struct span narrow, struct arena *arena)
{
    const struct tree *tree, *longer;

    if (!is_prefix(wide, narrow))
        return false;
    arena_reset(arena);
    tree = pattern_tree_read(wide, arena);
    longer = pattern_tree_read(narrow, arena);
    return tree && longer && is_beginning(tree, longer);
}

static bool is_match_covered(
    const struct rule_match *wide, const struct rule *narrow, struct arena *arena)
{
    for (size_t i = 0; i < narrow->match_count; i++)
        if (span_equal(narrow->matches[i].field, wide->field) &&
            !narrow->matches[i].field.at == !wide->field.at &&
            is_covered_by(
                pattern_text(wide->pattern), pattern_text(narrow->matches[i].pattern), arena))
            return true;
    return false;
}

/* --- conditions ------------------------------------------------------------ */

static bool has_value(const struct condition *condition, struct span value)
{
    for (size_t i = 0; i < condition->value_count; i++)
        if (span_equal(condition->values[i], value))
            return true;
    return false;
}

static bool is_condition_wider(const struct condition *wide, const struct condition *narrow)
{
    if (!span_equal(wide->field, narrow->field))
        return false;
    switch (wide->kind) {
    case CONDITION_EQUALS:
    case CONDITION_IN:
        for (size_t i = 0; i < narrow->value_count; i++)
            if (!has_value(wide, narrow->values[i]))
                return false;
        return narrow->kind == CONDITION_EQUALS || narrow->kind == CONDITION_IN;
    case CONDITION_MATCHES:
        return narrow->kind == CONDITION_MATCHES &&
               span_equal(pattern_text(wide->pattern), pattern_text(narrow->pattern));
    case CONDITION_EXISTS:
        return narrow->kind == CONDITION_EXISTS && wide->exists == narrow->exists;
    case CONDITION_RANGE:
        return narrow->kind == CONDITION_RANGE &&
               (!wide->has_from || (narrow->has_from && narrow->from >= wide->from)) &&
               (!wide->has_below || (narrow->has_below && narrow->below <= wide->below));
    }
    return false;
}

static bool is_condition_covered(const struct condition *wide, const struct rule *narrow)
{
    for (size_t i = 0; i < narrow->where_count; i++)
        if (is_condition_wider(wide, &narrow->where[i]))
            return true;
    return false;
}

static bool is_required(struct span text, const struct rule *narrow)
{
    for (size_t i = 0; i < narrow->require_count; i++)
        if (memmem(narrow->requires[i].at, narrow->requires[i].len, text.at, text.len))
            return true;
    return false;
}

static bool takes_all_of(const struct rule *above, const struct rule *rule, struct arena *arena)
{
    if (above->is_continue || above->unless.pattern)
        return false;
    for (size_t i = 0; i < above->require_count; i++)
        if (!is_required(above->requires[i], rule))
            return false;
    for (size_t i = 0; i < above->where_count; i++)
        if (!is_condition_covered(&above->where[i], rule))
            return false;
    for (size_t i = 0; i < above->match_count; i++)
        if (!is_match_covered(&above->matches[i], rule, arena))
            return false;
    return true;
}

/* --- samples --------------------------------------------------------------- */

struct takers {
    const struct rule *rule;  /* whose samples are run */
    const struct rule *above; /* took the sample at hand */
    bool has_fired;
};

static void note_taken(void *arg, const struct engine_rules *rules, const struct rule *rule)
{
    struct takers *takers = arg;

    (void)rules;
    takers->has_fired |= rule == takers->rule;
    if (rule < takers->rule && !rule->is_continue)
        takers->above = rule;
}

static void drop_event(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
}

/* The rule that takes the last of them, if none is left for their own. */
static const struct rule *find_taker(
    struct engine *engine, const struct rule_file *file, const struct rule *rule)
{
    struct takers takers = {.rule = rule};
    const struct engine_output output = {.event = drop_event, .taken = note_taken, .arg = &takers};
    struct engine_counts counts = {0};

    for (size_t i = 0; i < rule->sample_count && !takers.has_fired; i++) {
        if (rule->samples[i].is_none)
            continue;
        takers.above = NULL;
        sample_feed(engine, file, &rule->samples[i], &output, &counts);
        if (!takers.above)
            return NULL;
    }
    return takers.has_fired ? NULL : takers.above;
}

/* --- the file -------------------------------------------------------------- */

static void warn(
    const struct rule *rule, const struct rule *above, const char *what, struct errors *warnings)
{
    size_t line, column;

    place_find(&above->place, &line, &column);
    error_hint(errors_add(warnings, rule->place,
                   "warning: rule \"%.*s\" can never fire: rule \"%.*s\" in line %zu takes %s",
                   rule->name.len < 60 ? (int)rule->name.len : 60, rule->name.at,
                   above->name.len < 60 ? (int)above->name.len : 60, above->name.at, line, what),
        "Put it above \"%.*s\", make that one narrower, or say `continue: true` there.",
        above->name.len < 60 ? (int)above->name.len : 60, above->name.at);
}

void shadow_check(const struct rule_file *file, struct errors *warnings)
{
    const struct engine_rules rules = {.file = file};
    const struct engine_settings settings = sample_settings(&rules);
    struct engine *engine = engine_new(&settings);
    struct arena *arena = arena_new(LIMIT_ARENA_BYTES);

    for (size_t i = 1; i < file->count; i++) {
        const struct rule *rule = &file->rules[i], *above = file->rules, *taker;

        while (above < rule && !takes_all_of(above, rule, arena))
            above++;
        if (above < rule)
            warn(rule, above, "every line that it could take", warnings);
        else if ((taker = find_taker(engine, file, rule)))
            warn(rule, taker, "all of its samples", warnings);
    }
    arena_free(arena);
    engine_free(engine);
}
