/* SPDX-License-Identifier: MIT
 *
 * A value may pass through each format of the chain, so a character counts only if
 * none of them may write it in another way. What the source knows beside the line
 * (rule_names.h) says nothing about the line. Texts in `requires` are about the line
 * itself and cut nowhere.
 */
#include "needs.h"

#include "limits.h"
#include "rule.h"
#include "rule_names.h"

enum { NEEDS_MOST = 24 /* clauses of one rule */ };

struct finding {
    const struct format *const *chain;
    struct alphabet alphabet;
    struct arena *scratch, *arena;
    struct clause found[NEEDS_MOST];
    size_t count;
    struct buffer *lacks; /* why parts of the rule give nothing; NULL: nobody asks */
};

static void take_away(const struct format_writing *writing, struct alphabet *alphabet)
{
    const struct format_writing *const *others = writing->others;

    for (const char *c = writing->escaped; *c; c++)
        alphabet->has[(unsigned char)*c] = false;
    for (int c = 0x80; c < 256; c++)
        alphabet->has[c] &= !writing->has_escaped_others;
    for (; others && *others; others++)
        take_away(*others, alphabet);
}

/* False if a format of the chain promises nothing. */
static bool read_alphabet(const struct format *const *chain, struct alphabet *alphabet)
{
    for (int c = 0; c < 256; c++)
        alphabet->has[c] = c >= 0x20 && c != 0x7F;
    for (; *chain; chain++) {
        if (!(*chain)->writing)
            return false;
        take_away((*chain)->writing, alphabet);
    }
    return true;
}

static bool makes(
    const struct format_writing *writing, struct span field, const struct literal *literal)
{
    const struct format_writing *const *others = writing->others;
    const struct format_made *made = writing->made;

    for (; made && (made->field || made->value); made++)
        if ((!made->field || (field.at && span_is(field, made->field))) &&
            (!made->value || literal_is_in(literal, span_of(made->value))))
            return true;
    for (; others && *others; others++)
        if (makes(*others, field, literal))
            return true;
    return false;
}

/* Whether a decoder may have made the text up: field absent for the message. */
static bool is_made(const struct finding *f, struct span field, const struct literal *literal)
{
    for (const struct format *const *format = f->chain; *format; format++)
        if (makes((*format)->writing, field, literal))
            return true;
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

/* Why a part of the rule gives nothing. field absent: its match on the message. */
static void note_lack(struct finding *f, struct span field, const char *why)
{
    struct span part = field.at ? field : SPAN("match");

    if (f->lacks)
        buffer_printf(
            f->lacks, "%s%.*s: %s", f->lacks->len > 0 ? "; " : "", (int)part.len, part.at, why);
}

static const char lacks_text[] = "no text of three bytes in each line";
static const char lacks_writing[] = "perhaps made up by the format";
static const char lacks_line[] = "in no line";

static void find_in_pattern(struct finding *f, struct span field, const struct pattern *pattern)
{
    struct clauses clauses;
    size_t before = f->count;

    if (field.at && rule_names_is_of_source(field)) {
        note_lack(f, field, lacks_line);
        return;
    }
    clauses = literal_find(pattern_text(pattern), &f->alphabet, f->scratch);
    keep_all(f, field, &clauses);
    if (f->count == before)
        note_lack(f, field, clauses.count == 0 ? lacks_text : lacks_writing);
    arena_reset(f->scratch);
}

/* One of several values: of each the best that it has. */
static void find_in_values(struct finding *f, const struct condition *condition)
{
    struct clause any = {NULL, 0};
    const char *why = lacks_text;
    size_t before = f->count;

    if (rule_names_is_of_source(condition->field)) {
        note_lack(f, condition->field, lacks_line);
        return;
    }
    any.any = arena_alloc(f->scratch, condition->value_count * sizeof(*any.any));
    for (size_t i = 0; any.any && i < condition->value_count; i++) {
        struct clauses cut = literal_cut(condition->values[i], &f->alphabet, f->scratch);
        const struct clause *best = clauses_best(&cut);

        if (condition->value_count == 1)
            keep_all(f, condition->field, &cut);
        if (best && is_clause_made(f, condition->field, best))
            why = lacks_writing;
        if (!best || is_clause_made(f, condition->field, best))
            break;
        any.any[any.count++] = best->any[0];
    }
    if (any.count == condition->value_count && any.count > 1)
        keep(f, &any);
    if (f->count == before)
        note_lack(f, condition->field, why);
    arena_reset(f->scratch);
}

static void find_in_condition(struct finding *f, const struct condition *condition)
{
    switch (condition->kind) {
    case CONDITION_MATCHES:
        find_in_pattern(f, condition->field, condition->pattern);
        return;
    case CONDITION_EQUALS:
    case CONDITION_IN:
        find_in_values(f, condition);
        return;
    case CONDITION_EXISTS:
    case CONDITION_RANGE:
        note_lack(f, condition->field, "no text is asked for");
        return;
    }
}

static void find_all(struct finding *f, const struct rule *rule)
{
    arena_reset(f->scratch);
    for (size_t i = 0; i < rule->require_count; i++) {
        struct literal literal = {.text = rule->requires[i]};

        if (literal.text.len > LITERAL_BYTES_MOST)
            literal.text.len = LITERAL_BYTES_MOST;
        keep(f, &(struct clause){&literal, 1});
    }
    if (!read_alphabet(f->chain, &f->alphabet)) {
        note_lack(f, SPAN("format"), "may write a text in any way");
        return;
    }
    for (size_t i = 0; i < rule->match_count; i++)
        find_in_pattern(f, rule->matches[i].field, rule->matches[i].pattern);
    for (size_t i = 0; i < rule->where_count; i++)
        find_in_condition(f, &rule->where[i]);
}

struct clauses needs_find(const struct rule *rule, const struct format *const *chain,
    struct arena *scratch, struct arena *arena)
{
    struct finding f = {.chain = chain, .scratch = scratch, .arena = arena};
    struct clauses found = {NULL, 0};

    find_all(&f, rule);
    found.all = arena_alloc(arena, f.count * sizeof(*found.all));
    if (!found.all)
        return found;
    memcpy(found.all, f.found, f.count * sizeof(*found.all));
    found.count = f.count;
    return found;
}

void needs_explain(const struct rule *rule, const struct format *const *chain, struct buffer *lacks)
{
    struct arena *scratch = arena_new(LIMIT_ARENA_BYTES), *arena = arena_new(LIMIT_ARENA_BYTES);
    struct finding f = {.chain = chain, .scratch = scratch, .arena = arena, .lacks = lacks};

    buffer_clear(lacks);
    find_all(&f, rule);
    arena_free(scratch);
    arena_free(arena);
}
