/* SPDX-License-Identifier: MIT
 *
 * Each rule is looked for by the rarest of what it needs: rare in the log itself, of
 * which a sample is taken from the first chunk and, now and then, from a later one.
 * Many rules may share that ("Failed password for" of forty programs), so before one
 * is picked the record is asked for all of its texts: by a signature, a set of the
 * hashes of three bytes that stand in it. What a signature lacks the record lacks.
 */
#include "prefilter.h"

#include "memory.h"
#include "plan.h"
#include "rule.h"
#include "signature.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ESC = 0x1B,
    HIDDEN_MOST = 8, /* find_hidden of different formats */
    LEARN_LEAST_BYTES = 8 << 10,
    LEARN_FIRST_BYTES = 256 << 10, /* read between one sample and the next, which grows … */
    LEARN_FACTOR = 16,             /* … with what was read … */
    LEARN_MOST_BYTES = 256 << 20,  /* … up to this */
};

/* A way to find lines that some rules may take without what they need, and the next one. */
struct hidden {
    const char *(*find)(struct span bytes);
    const char *next;   /* NULL: none any more */
    struct picks rules; /* those whose formats write so */
};

struct prefilter {
    const struct roster *roster;
    struct plan plan;         /* none before the first chunk */
    uint64_t seen, learnt_at; /* bytes before the chunk, and when the plan was made */
    struct signature signature;
    struct picks always; /* rules that need nothing */
    bool has_always;
    struct hidden hidden[HIDDEN_MOST];
    size_t hidden_count;
    struct span chunk;
};

/* --- setting up ------------------------------------------------------------ */

static struct hidden *add_hidden(struct prefilter *p, const char *(*find)(struct span bytes))
{
    struct hidden *hidden = p->hidden;

    for (; hidden < p->hidden + p->hidden_count; hidden++)
        if (hidden->find == find)
            return hidden;
    assert(p->hidden_count < HIDDEN_MOST);
    p->hidden_count++;
    hidden->find = find;
    picks_init(&hidden->rules, p->roster->count);
    return hidden;
}

/* Terminals' sequences may stand in the middle of a text (clean.h). */
static const char *find_esc(struct span bytes)
{
    return span_find(bytes, ESC);
}

static void add_writing(
    struct prefilter *p, const struct roster_file *file, const struct format_writing *writing)
{
    const struct format_writing *const *others = writing->others;

    if (writing->find_hidden) {
        struct hidden *hidden = add_hidden(p, writing->find_hidden);

        for (size_t i = file->first; i < file->end; i++)
            picks_add(&hidden->rules, i);
    }
    for (; others && *others; others++)
        add_writing(p, file, *others);
}

/* What the file's formats hide, its rules may take. */
static void add_hidden_of(struct prefilter *p, const struct roster_file *file)
{
    for (const struct format *const *format = file->rules->file->chain; *format; format++)
        if ((*format)->writing)
            add_writing(p, file, (*format)->writing);
}

struct prefilter *prefilter_new(const struct roster *roster)
{
    struct prefilter *p = memory_new(sizeof(*p));

    p->roster = roster;
    picks_init(&p->always, roster->count);
    for (size_t i = 0; i < roster->count; i++)
        if (roster->rules[i]->needs.count == 0) {
            picks_add(&p->always, i);
            p->has_always = true;
        }
    picks_add_all(&add_hidden(p, find_esc)->rules);
    for (size_t i = 0; i < roster->file_count; i++)
        add_hidden_of(p, &roster->files[i]);
    return p;
}

void prefilter_free(struct prefilter *p)
{
    if (!p)
        return;
    plan_finish(&p->plan);
    for (size_t i = 0; i < p->hidden_count; i++)
        picks_finish(&p->hidden[i].rules);
    picks_finish(&p->always);
    free(p);
}

/* --- on a chunk ------------------------------------------------------------ */

static void find_next(struct hidden *hidden, struct span rest)
{
    hidden->next = rest.len > 0 ? hidden->find(rest) : NULL;
}

/* Logs change, and what comes first may be unlike the rest. */
static bool is_to_learn(const struct prefilter *p, struct span chunk)
{
    uint64_t pause = LEARN_FIRST_BYTES + p->learnt_at * (LEARN_FACTOR - 1);

    if (!p->plan.search)
        return true;
    pause = pause < LEARN_MOST_BYTES ? pause : LEARN_MOST_BYTES;
    return p->seen - p->learnt_at >= pause && chunk.len >= LEARN_LEAST_BYTES;
}

void prefilter_begin(struct prefilter *p, struct span chunk)
{
    if (is_to_learn(p, chunk)) {
        plan_finish(&p->plan);
        plan_init(&p->plan, p->roster, chunk);
        p->learnt_at = p->seen;
    }
    p->seen += chunk.len;
    p->chunk = chunk;
    search_begin(p->plan.search, chunk);
    for (size_t i = 0; i < p->hidden_count; i++)
        find_next(&p->hidden[i], chunk);
}

const char *prefilter_next(struct prefilter *p, const char *from)
{
    const char *next;

    if (p->has_always)
        return from < span_end(p->chunk) ? from : NULL;
    next = search_peek(p->plan.search);
    for (size_t i = 0; i < p->hidden_count; i++)
        if (p->hidden[i].next && (!next || p->hidden[i].next < next))
            next = p->hidden[i].next;
    return next;
}

/* The rules that may take the record for what is hidden in it, behind which we move. */
static void pass_hidden(struct prefilter *p, struct span record, struct picks *picks)
{
    const char *end = span_end(record);

    for (size_t i = 0; i < p->hidden_count; i++) {
        struct hidden *hidden = &p->hidden[i];

        if (!hidden->next || hidden->next >= end)
            continue;
        picks_merge(picks, &hidden->rules);
        find_next(hidden, span_between(end, span_end(p->chunk)));
    }
}

static bool has_all(const struct signature *signature, const struct demand *demand)
{
    for (size_t i = 0; i < demand->count; i++)
        if (!signature_has(signature, demand->blocks[i]))
            return false;
    return true;
}

/* Those of the rules that have all that they need in the record. */
static void pick_seekers(
    const struct prefilter *p, const struct wanted *wanted, struct picks *picks)
{
    const struct seeker *end = wanted->seekers + wanted->count;

    for (const struct seeker *seeker = wanted->seekers; seeker < end; seeker++)
        if (signature_has(&p->signature, seeker->block) &&
            has_all(&p->signature, &p->plan.demands[seeker->rule]))
            picks_add(picks, seeker->rule);
}

void prefilter_pick(struct prefilter *p, struct span record, struct picks *picks)
{
    bool is_signed = false;
    struct search_hit hit;

    picks_clear(picks);
    while (search_next(p->plan.search, span_end(record), &hit)) {
        const struct wanted *wanted = &p->plan.wanted[hit.literal];

        if (wanted->is_asking && !is_signed) {
            signature_set(&p->signature, record);
            is_signed = true;
        }
        pick_seekers(p, wanted, picks);
    }
    pass_hidden(p, record, picks);
    picks_merge(picks, &p->always);
}
