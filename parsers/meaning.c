/* SPDX-License-Identifier: MIT
 *
 * Runs are crossed with what follows while few and short texts come of it. Whatever
 * is dropped here only makes a rule run on more lines.
 */
#include "meaning.h"

enum {
    CLAUSE_MOST = 32,  /* literals of one clause */
    CLAUSES_MOST = 16, /* of one pattern */
    PREFIX_LEAST = 8,  /* bytes in common that serve better than several texts */
};

const struct meaning meaning_nothing = {.is_exact = false, .run = {{{{"", 0}, false}}, 1}};

struct meaning meaning_empty(void)
{
    struct meaning empty = meaning_nothing;

    empty.is_exact = true;
    return empty;
}

/* In UTF mode k and s have other forms beyond ASCII (U+212A, U+017F), and what is
 * beyond ASCII has forms of its own. */
struct meaning meaning_of_character(
    const struct meaning_room *room, struct span c, bool is_caseless)
{
    struct meaning meaning = meaning_empty();
    struct literal *text = &meaning.run.texts[0];
    char *lower;

    for (size_t i = 0; i < c.len; i++)
        if (!room->alphabet->has[(unsigned char)c.at[i]])
            return meaning_nothing;
    if (is_caseless && (c.len > 1 || strchr("kKsS", *c.at)))
        return meaning_nothing;
    text->text = c;
    text->is_caseless = is_caseless && byte_is_alpha(*c.at);
    if (text->is_caseless && byte_lower(*c.at) != *c.at) {
        lower = arena_alloc(room->arena, 1);
        if (!lower)
            return meaning_nothing;
        *lower = byte_lower(*c.at);
        text->text.at = lower;
    }
    return meaning;
}

/* --- clauses --------------------------------------------------------------- */

static void add_clause(struct meaning_room *room, struct clauses *to, const struct clause *clause)
{
    if (clause->count == 0 || to->count == CLAUSES_MOST)
        return;
    if (!to->all)
        to->all = arena_alloc(room->arena, CLAUSES_MOST * sizeof(*to->all));
    if (to->all)
        to->all[to->count++] = *clause;
    else
        room->is_lost = true;
}

void meaning_add(struct meaning_room *room, struct meaning *so_far, const struct clauses *more)
{
    for (size_t i = 0; i < more->count; i++)
        add_clause(room, &so_far->needs, &more->all[i]);
}

static size_t common_prefix(const struct run *run)
{
    size_t len = run->texts[0].text.len;

    for (size_t i = 1; i < run->count; i++) {
        const struct literal *text = &run->texts[i];
        size_t same = 0;

        while (same < len && same < text->text.len &&
               text->text.at[same] == run->texts[0].text.at[same])
            same++;
        len = text->is_caseless == run->texts[0].is_caseless ? same : 0;
    }
    return len;
}

/* The clause that the run comes to; empty if one of its texts is too short. */
static struct clause clause_of_run(struct meaning_room *room, const struct run *run)
{
    struct clause clause = {NULL, 0};
    size_t prefix = common_prefix(run), count = prefix >= PREFIX_LEAST ? 1 : run->count;

    for (size_t i = 0; i < count; i++)
        if (run->texts[i].text.len < LITERAL_BYTES_LEAST)
            return clause;
    clause.any = arena_alloc(room->arena, count * sizeof(*clause.any));
    if (!clause.any) {
        room->is_lost = true;
        return clause;
    }
    memcpy(clause.any, run->texts, count * sizeof(*clause.any));
    if (count < run->count)
        clause.any[0].text.len = prefix;
    clause.count = count;
    return clause;
}

/* The best clause of what a branch says. */
static struct clause best_clause(struct meaning_room *room, const struct meaning *branch)
{
    struct clause last = clause_of_run(room, &branch->run);
    const struct clause *best = clauses_best(&branch->needs);

    if (!best || (last.count > 0 && clause_weight(&last) > clause_weight(best)))
        return last;
    return *best;
}

/* --- runs ------------------------------------------------------------------ */

/* One text behind the other. */
static struct literal join(
    struct meaning_room *room, const struct literal *a, const struct literal *b)
{
    struct literal joined = {.is_caseless = a->is_caseless || b->is_caseless};
    size_t len = a->text.len + b->text.len;
    char *text;

    if (a->text.len == 0)
        return *b;
    if (b->text.len == 0)
        return *a;
    text = arena_alloc(room->arena, len);
    if (!text) {
        room->is_lost = true;
        return joined;
    }
    memcpy(text, a->text.at, a->text.len);
    memcpy(text + a->text.len, b->text.at, b->text.len);
    for (size_t i = 0; joined.is_caseless && i < len; i++)
        text[i] = byte_lower(text[i]);
    joined.text = (struct span){text, len};
    return joined;
}

static size_t longest(const struct run *run)
{
    size_t len = 0;

    for (size_t i = 0; i < run->count; i++)
        if (run->texts[i].text.len > len)
            len = run->texts[i].text.len;
    return len;
}

void meaning_end_run(struct meaning_room *room, struct meaning *so_far)
{
    struct clause clause = clause_of_run(room, &so_far->run);

    add_clause(room, &so_far->needs, &clause);
    so_far->run = meaning_nothing.run;
    so_far->is_exact = false;
}

void meaning_extend(struct meaning_room *room, struct meaning *so_far, const struct run *next)
{
    struct run crossed = {.count = 0};

    if (so_far->run.count * next->count > RUN_MOST ||
        longest(&so_far->run) + longest(next) > LITERAL_BYTES_MOST) {
        meaning_end_run(room, so_far);
        so_far->run = *next;
        return;
    }
    for (size_t i = 0; i < so_far->run.count; i++)
        for (size_t j = 0; j < next->count; j++)
            crossed.texts[crossed.count++] = join(room, &so_far->run.texts[i], &next->texts[j]);
    so_far->run = crossed;
}

struct meaning meaning_either(
    struct meaning_room *room, const struct meaning *one, const struct meaning *other)
{
    struct meaning either = meaning_nothing;
    struct clause a, b, joined;

    if (one->is_exact && other->is_exact && one->run.count + other->run.count <= RUN_MOST) {
        either = *one;
        for (size_t i = 0; i < other->run.count; i++)
            either.run.texts[either.run.count++] = other->run.texts[i];
        return either;
    }
    a = best_clause(room, one);
    b = best_clause(room, other);
    if (a.count == 0 || b.count == 0 || a.count + b.count > CLAUSE_MOST)
        return either;
    joined = (struct clause){
        arena_alloc(room->arena, (a.count + b.count) * sizeof(*joined.any)), a.count + b.count};
    if (joined.any) {
        memcpy(joined.any, a.any, a.count * sizeof(*a.any));
        memcpy(joined.any + a.count, b.any, b.count * sizeof(*b.any));
        add_clause(room, &either.needs, &joined);
    }
    return either;
}
