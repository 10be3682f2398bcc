/* SPDX-License-Identifier: MIT
 *
 * A value may pass through each format of the chain, so a character counts only if
 * none of them may write it in another way. What the source knows beside the line
 * (rule_names.h) says nothing about the line. Texts in `requires` are about the line
 * itself and cut nowhere.
 */
#include "needs.h"

#include "rule.h"
#include "rule_names.h"

enum { NEEDS_MOST = 24 /* clauses of one rule */ };

struct finding {
    const struct format *const *chain;
    struct alphabet alphabet;
    struct arena *scratch, *arena;
    struct clause found[NEEDS_MOST];
    size_t count;
};

/* False if a format of the chain promises nothing. */
static bool read_alphabet(const struct format *const *chain, struct alphabet *alphabet)
{
    for (int c = 0; c < 256; c++)
        alphabet->has[c] = c >= 0x20 && c != 0x7F;
    for (; *chain; chain++) {
        const struct format_writing *writing = (*chain)->writing;

        if (!writing)
            return false;
        for (const char *c = writing->escaped; *c; c++)
            alphabet->has[(unsigned char)*c] = false;
        for (int c = 0x80; c < 256; c++)
            alphabet->has[c] &= !writing->has_escaped_others;
    }
    return true;
}

/* Whether a decoder may have made the text up: field absent for the message. */
static bool is_made(const struct finding *f, struct span field, const struct literal *literal)
{
    for (const struct format *const *format = f->chain; *format; format++) {
        const struct format_made *made = (*format)->writing->made;

        for (; made && (made->field || made->value); made++)
            if ((!made->field || (field.at && span_is(field, made->field))) &&
                (!made->value || literal_is_in(literal, span_of(made->value))))
                return true;
    }
    return false;
}

static bool is_clause_made(const struct finding *f, struct span field, const struct clause *clause)
{
    for (size_t i = 0; i < clause->count; i++)
        if (is_made(f, field, &clause->any[i]))
            return true;
    return false;
}

/* Copies it to where it stays; the arena may be full. */
static void keep(struct finding *f, const struct clause *clause)
{
    struct clause kept = {NULL, clause->count};

    if (clause->count == 0 || f->count == NEEDS_MOST)
        return;
    kept.any = arena_alloc(f->arena, clause->count * sizeof(*kept.any));
    if (!kept.any)
        return;
    for (size_t i = 0; i < clause->count; i++) {
        kept.any[i] = clause->any[i];
        kept.any[i].text = arena_copy(f->arena, clause->any[i].text);
        if (!kept.any[i].text.at)
            return;
    }
    f->found[f->count++] = kept;
}

static void keep_all(struct finding *f, struct span field, const struct clauses *clauses)
{
    for (size_t i = 0; i < clauses->count; i++)
        if (!is_clause_made(f, field, &clauses->all[i]))
            keep(f, &clauses->all[i]);
}

static void find_in_pattern(struct finding *f, struct span field, const struct pattern *pattern)
{
    struct clauses clauses;

    if (field.at && rule_names_is_of_source(field))
        return;
    clauses = literal_find(pattern_text(pattern), &f->alphabet, f->scratch);

    keep_all(f, field, &clauses);
    arena_reset(f->scratch);
}

/* One of several values: of each the best that it has. */
static void find_in_values(struct finding *f, const struct condition *condition)
{
    struct clause any = {NULL, 0};

    if (rule_names_is_of_source(condition->field))
        return;
    any.any = arena_alloc(f->scratch, condition->value_count * sizeof(*any.any));
    for (size_t i = 0; any.any && i < condition->value_count; i++) {
        struct clauses cut = literal_cut(condition->values[i], &f->alphabet, f->scratch);
        const struct clause *best = clauses_best(&cut);

        if (condition->value_count == 1)
            keep_all(f, condition->field, &cut);
        if (!best || is_clause_made(f, condition->field, best))
            break;
        any.any[any.count++] = best->any[0];
    }
    if (any.count == condition->value_count && any.count > 1)
        keep(f, &any);
    arena_reset(f->scratch);
}

struct clauses needs_find(const struct rule *rule, const struct format *const *chain,
    struct arena *scratch, struct arena *arena)
{
    struct finding f = {.chain = chain, .scratch = scratch, .arena = arena};
    struct clauses found = {NULL, 0};

    arena_reset(scratch);
    for (size_t i = 0; i < rule->require_count; i++) {
        struct literal literal = {.text = rule->requires[i]};

        if (literal.text.len > LITERAL_BYTES_MOST)
            literal.text.len = LITERAL_BYTES_MOST;
        keep(&f, &(struct clause){&literal, 1});
    }
    if (read_alphabet(chain, &f.alphabet)) {
        for (size_t i = 0; i < rule->match_count; i++)
            find_in_pattern(&f, rule->matches[i].field, rule->matches[i].pattern);
        for (size_t i = 0; i < rule->where_count; i++) {
            const struct condition *condition = &rule->where[i];

            if (condition->kind == CONDITION_MATCHES)
                find_in_pattern(&f, condition->field, condition->pattern);
            else if (condition->kind == CONDITION_EQUALS || condition->kind == CONDITION_IN)
                find_in_values(&f, condition);
        }
    }
    found.all = arena_alloc(arena, f.count * sizeof(*found.all));
    if (!found.all)
        return found;
    memcpy(found.all, f.found, f.count * sizeof(*found.all));
    found.count = f.count;
    return found;
}
