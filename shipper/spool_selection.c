/* SPDX-License-Identifier: MIT
 *
 * Looks into a body only if something is asked of what is in it: a deep spool is
 * gone through as fast as it can be read.
 */
#include "shipper/spool_selection.h"

static bool has_id(const struct spool_selection *selection, struct span id)
{
    for (size_t i = 0; i < selection->id_count; i++)
        if (span_has_prefix(id, span_of(selection->ids[i])))
            return true;
    return selection->id_count == 0;
}

static bool is_equal(struct span value, const char *wanted)
{
    return !wanted || span_is(value, wanted);
}

static bool has_words(struct span text, const char *words)
{
    struct span wanted = span_of(words);

    for (size_t i = 0; i + wanted.len <= text.len; i++)
        if (span_equal_nocase((struct span){text.at + i, wanted.len}, wanted))
            return true;
    return false;
}

static bool is_about_content(const struct spool_selection *s)
{
    return s->product || s->activity || s->user || s->from_s != 0 || s->until_s != 0;
}

static bool takes_content(const struct spool_selection *s, struct span body)
{
    struct event_body event;
    bool is_taken = event_body_read(body, &event) && is_equal(event.product_id, s->product) &&
                    is_equal(event.activity_type, s->activity) &&
                    is_equal(event.user_id, s->user) &&
                    (s->from_s == 0 || event.at_s >= s->from_s) &&
                    (s->until_s == 0 || event.at_s <= s->until_s);

    event_body_finish(&event);
    return is_taken;
}

bool spool_selection_takes(const struct spool_selection *selection, const struct spool_entry *entry)
{
    return selection->states[entry->state] && has_id(selection, entry->id) &&
           (selection->status == 0 || selection->status == entry->status) &&
           (!selection->answer || has_words(entry->answer, selection->answer)) &&
           (!is_about_content(selection) || takes_content(selection, entry->body));
}

struct passing {
    const struct spool_selection *selection;
    bool (*each)(void *arg, const struct spool_entry *entry);
    void *arg;
    bool is_over;
};

static bool pass(void *arg, const struct spool_entry *entry)
{
    struct passing *p = arg;

    if (spool_selection_takes(p->selection, entry))
        p->is_over = !p->each(p->arg, entry);
    return !p->is_over;
}

bool spool_selection_each(const struct spool_selection *selection, struct spool *spool,
    bool (*each)(void *arg, const struct spool_entry *entry), void *arg, struct error *err)
{
    struct passing p = {selection, each, arg, false};

    for (unsigned state = 0; state < ENTRY_STATES && !p.is_over; state++)
        if (selection->states[state] &&
            !spool_each_entry(spool, (enum entry_state)state, pass, &p, err))
            return false;
    return true;
}
