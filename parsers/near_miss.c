/* SPDX-License-Identifier: MIT
 *
 * The steps of a rule in the order of matching.c, but all of them, so that a rule of
 * which one condition fails and the pattern matches is nearer than one of which nothing
 * fits. Compiled rules know no places: they are looked up in the rule file's document.
 * Patterns are made ready to be watched when they first fail.
 */
#include "near_miss.h"

#include "memory.h"
#include "near_field.h"
#include "pattern_trace.h"

#include <stdlib.h>

const char *const near_step_names[NEAR_STEPS] = {"requires", "where", "match", "unless"};

enum { WHOLE = 1000, MATCH_WEIGHT = 2 }; /* a pattern says more than a condition */

/* A pattern that failed before. */
struct watched {
    const struct node *node;
    struct pattern_trace *trace;
};

struct near_file {
    const struct engine_rules *rules;
    const struct node *list; /* of its rules, in the document */
    struct pattern_name *local;
    size_t local_count;
};

struct near_finder {
    struct near_file *files;
    size_t count;
    struct watched *watched;
    size_t watched_count, watched_room;
    struct matcher *matcher;
};

struct near_finder *near_finder_new(const struct engine_rules *rules, size_t count)
{
    struct near_finder *finder = memory_new(sizeof(*finder));

    finder->files = memory_new(count * sizeof(*finder->files));
    finder->count = count;
    finder->matcher = matcher_new();
    for (size_t i = 0; i < count; i++) {
        const struct node *root = document_root(rules[i].file->document);

        finder->files[i] = (struct near_file){.rules = &rules[i], .list = node_get(root, "rules")};
        finder->files[i].local = rule_file_patterns(rules[i].file, &finder->files[i].local_count);
    }
    return finder;
}

void near_finder_free(struct near_finder *finder)
{
    if (!finder)
        return;
    for (size_t i = 0; i < finder->watched_count; i++)
        pattern_trace_free(finder->watched[i].trace);
    free(finder->watched);
    for (size_t i = 0; i < finder->count; i++)
        free(finder->files[i].local);
    free(finder->files);
    matcher_free(finder->matcher);
    free(finder);
}

/* NULL if the pattern is too large, as pattern_trace_new has it. */
static struct pattern_trace *watch(
    struct near_finder *finder, const struct near_file *file, const struct node *node)
{
    for (size_t i = 0; i < finder->watched_count; i++)
        if (finder->watched[i].node == node)
            return finder->watched[i].trace;
    finder->watched = memory_room(
        finder->watched, finder->watched_count, &finder->watched_room, sizeof(*finder->watched));
    finder->watched[finder->watched_count++] =
        (struct watched){node, pattern_trace_new(node->value, file->local, file->local_count)};
    return finder->watched[finder->watched_count - 1].trace;
}

/* --- one step ----------------------------------------------------------------- */

/* One rule on one record. */
struct walk {
    struct near_finder *finder;
    const struct near_file *file;
    const struct node *node; /* the rule's */
    const struct rule *rule;
    const struct record *record;
    struct near_miss *miss; /* the first failed step */
    bool has_missed;
};

/* False if a step before it failed: that one is told. */
static bool take_miss(
    struct walk *w, enum near_step step, struct place place, struct span field, struct span value)
{
    if (w->has_missed)
        return false;
    w->has_missed = true;
    w->miss->step = step;
    w->miss->place = place;
    w->miss->wanted = (struct span){place.text->bytes.at + place.offset, place.len};
    w->miss->field = field;
    w->miss->value = value;
    return true;
}

/* How much of the pattern the text meets, 0 to 1000. */
static unsigned trace_miss(struct walk *w, enum near_step step, const struct node *node,
    struct span field, struct span value)
{
    struct pattern_trace *trace = watch(w->finder, w->file, node);
    struct pattern_miss miss;

    if (!value.at || !trace || !pattern_trace_run(trace, value, &miss)) {
        if (take_miss(w, step, node->place, field, value))
            w->miss->is_untraced = value.at;
        return 0;
    }
    if (take_miss(w, step, node_place_within(node, miss.offset, miss.len), field, value)) {
        w->miss->from = miss.from;
        w->miss->to = miss.to;
        w->miss->until = miss.until;
        w->miss->fits = miss.fits;
        w->miss->is_sought = miss.is_sought;
    }
    return miss.whole > 0 ? (unsigned)((uint64_t)miss.progress * WHOLE / miss.whole) : 0;
}

static unsigned check_requires(struct walk *w)
{
    const struct node *node = node_get(w->node, "requires");
    const struct rule *rule = w->rule;
    size_t met = 0;

    for (size_t i = 0; i < rule->require_count; i++) {
        struct span text = w->record->line, wanted = rule->requires[i];

        if (memmem(text.at, text.len, wanted.at, wanted.len))
            met++;
        else
            take_miss(w, NEAR_REQUIRES,
                node->kind == NODE_LIST ? node->items[i]->place : node->place,
                (struct span){NULL, 0}, text);
    }
    return (unsigned)(met * WHOLE / rule->require_count);
}

static unsigned check_where(struct walk *w)
{
    const struct node *map = node_get(w->node, "where");
    size_t met = 0;

    for (size_t i = 0; i < w->rule->where_count; i++) {
        const struct condition *condition = &w->rule->where[i];
        const struct pair *pair = &map->pairs[i];
        struct span value = record_get(w->record, condition->field);

        if (condition_check(condition, w->record, w->finder->matcher) == PATTERN_MATCH) {
            met++;
        } else if (condition->kind == CONDITION_MATCHES && value.at) {
            trace_miss(w, NEAR_WHERE, node_get(pair->value, "matches"), condition->field, value);
        } else {
            take_miss(w, NEAR_WHERE, pair->value->place, condition->field, value);
        }
    }
    return (unsigned)(met * WHOLE / w->rule->where_count);
}

static struct span looked_at(const struct walk *w, const struct rule_match *match)
{
    return match->field.at ? record_get(w->record, match->field) : w->record->message;
}

static unsigned check_matches(struct walk *w)
{
    const struct node *node = node_get(w->node, "match");
    size_t sum = 0;

    for (size_t i = 0; i < w->rule->match_count; i++) {
        const struct rule_match *match = &w->rule->matches[i];
        struct span value = looked_at(w, match);

        if (value.at && pattern_match(match->pattern, w->finder->matcher, value, NULL, 0, NULL) ==
                            PATTERN_MATCH)
            sum += WHOLE;
        else
            sum += trace_miss(w, NEAR_MATCH, node->kind == NODE_MAP ? node->pairs[i].value : node,
                match->field, value);
    }
    return (unsigned)(sum / w->rule->match_count);
}

static void check_unless(struct walk *w)
{
    const struct rule_match *unless = &w->rule->unless;
    const struct node *node = node_get(w->node, "unless");
    struct span value = looked_at(w, unless);

    if (value.at &&
        pattern_match(unless->pattern, w->finder->matcher, value, NULL, 0, NULL) == PATTERN_MATCH)
        take_miss(w, NEAR_UNLESS,
            node->kind == NODE_MAP ? node->pairs[0].value->place : node->place, unless->field,
            value);
}

/* --- rules -------------------------------------------------------------------- */

static const struct rule *rule_of(const struct near_file *file, size_t i)
{
    return file->rules->only ? file->rules->only[i] : &file->rules->file->rules[i];
}

static size_t rule_count(const struct near_file *file)
{
    return file->rules->only ? file->rules->only_count : file->rules->file->count;
}

static bool run_rule(struct near_finder *finder, size_t file, size_t i, const struct record *record,
    struct near_miss *miss)
{
    const struct near_file *of = &finder->files[file];
    const struct rule *rule = rule_of(of, i);
    struct walk w = {
        .finder = finder,
        .file = of,
        .node = of->list->items[rule - of->rules->file->rules],
        .rule = rule,
        .record = record,
        .miss = miss,
    };
    size_t sum = 0, weight = 0;
    unsigned matched = WHOLE, most = WHOLE;

    *miss = (struct near_miss){.file = of->rules->file, .rule = rule};
    if (rule->require_count > 0) {
        sum += check_requires(&w);
        weight++;
    }
    if (rule->where_count > 0) {
        sum += check_where(&w);
        weight++;
    }
    if (rule->match_count > 0) {
        matched = check_matches(&w);
        sum += MATCH_WEIGHT * matched;
        weight += MATCH_WEIGHT;
    }
    if (matched == 0)
        most = NEAR_ENOUGH - 1; /* of the same program at best */
    if (!w.has_missed && rule->unless.pattern)
        check_unless(&w);
    if (weight > 0)
        miss->nearness = sum / weight < most ? (unsigned)(sum / weight) : most;
    return w.has_missed;
}

static void find_alike(const struct record *record, struct near_miss *miss)
{
    if (miss->field.at && !miss->value.at)
        miss->alike = near_field(record, miss->field);
}

bool near_finder_run_rule(struct near_finder *finder, size_t file, size_t i,
    const struct record *record, struct near_miss *miss)
{
    bool has_missed = run_rule(finder, file, i, record, miss);

    if (has_missed)
        find_alike(record, miss);
    return has_missed;
}

bool near_finder_run(
    struct near_finder *finder, size_t file, const struct record *record, struct near_miss *miss)
{
    struct near_miss each;
    bool has_one = false;

    for (size_t i = 0; i < rule_count(&finder->files[file]); i++)
        if (run_rule(finder, file, i, record, &each) &&
            (!has_one || each.nearness > miss->nearness)) {
            *miss = each;
            has_one = true;
        }
    if (has_one)
        find_alike(record, miss);
    return has_one;
}
