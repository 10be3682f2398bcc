/* SPDX-License-Identifier: MIT
 *
 * Why events wait, for people. The turn comes by a hundred thousand times a second:
 * what is to be told is put together only when there is news.
 */
#include "shipper/sender/delivery_inside.h"

enum { TELL_EVERY_MS = 1000 };

static enum holdup_why why_of(const struct delivery *d, const struct now *now)
{
    static const enum holdup_why of_gate[] = {
        [GATE_RETRYING] = HOLDUP_RETRYING,
        [GATE_UNCLEAR] = HOLDUP_UNCLEAR,
        [GATE_DESTINATION] = HOLDUP_DESTINATION,
        [GATE_KEY] = HOLDUP_KEY,
        [GATE_SETTINGS] = HOLDUP_SETTINGS,
    };

    if (stock_snag(&d->stock))
        return HOLDUP_SPOOL;
    if (d->gate.trouble != GATE_FINE)
        return of_gate[d->gate.trouble];
    if (!d->window.ready.first)
        return HOLDUP_NOTHING;
    switch (pace_bound(&d->pace, now->monotonic_ms)) {
    case PACE_BY_RATE_LIMIT:
        return HOLDUP_RATE_LIMIT;
    case PACE_BY_RAMP:
        return HOLDUP_RAMP;
    case PACE_FREE:
        break;
    }
    return HOLDUP_NOTHING;
}

static bool is_trouble(enum holdup_why why)
{
    return why != HOLDUP_NOTHING && why != HOLDUP_RATE_LIMIT && why != HOLDUP_RAMP;
}

/* UNIX seconds, rounded up; 0 for never. */
static int64_t wall_of(int64_t at_ms, const struct now *now)
{
    return at_ms == INT64_MAX || at_ms == 0
               ? 0
               : now->wall_s + (at_ms - now->monotonic_ms + 999) / 1000;
}

static int64_t first_back_ms(const struct window_list *later)
{
    int64_t first_ms = INT64_MAX;

    for (const struct window_item *item = later->first; item; item = item->next)
        if (item->gate.not_before_ms < first_ms)
            first_ms = item->gate.not_before_ms;
    return first_ms;
}

static void write_text(const struct delivery *d, enum holdup_why why, struct buffer *out)
{
    switch (why) {
    case HOLDUP_NOTHING:
        break;
    case HOLDUP_SPOOL:
        buffer_printf(out, "%s", stock_snag(&d->stock));
        break;
    case HOLDUP_RATE_LIMIT:
        buffer_printf(out, "endpoint.rate_limit of %lld requests a second",
            (long long)d->setup.endpoint->rate_limit);
        break;
    case HOLDUP_RAMP:
        buffer_append(out, SPAN("after trouble it starts with few requests a second"));
        break;
    default:
        trouble_explain(&d->trouble, &d->gate, d->reason, out);
    }
}

static void describe(const struct delivery *d, const struct delivery_told *news,
    const struct now *now, struct holdup *holdup)
{
    struct buffer text = {0};

    *holdup = (struct holdup){
        .why = news->why,
        .since_s = news->since_s,
        .until_s = wall_of(news->until_ms, now),
        .backing_off = news->backing_off,
        .backing_off_until_s = wall_of(first_back_ms(&d->window.later), now),
        .held = news->held,
        .held_until_s = wall_of(delivery_held_until_ms(d), now),
    };
    write_text(d, news->why, &text);
    if (text.len >= sizeof(holdup->text))
        text.len = sizeof(holdup->text) - 1;
    if (text.len > 0)
        memcpy(holdup->text, text.bytes, text.len);
    buffer_finish(&text);
}

static bool is_news(const struct delivery_told *told, const struct delivery_told *news)
{
    return !told->is_any || told->why != news->why || told->until_ms != news->until_ms ||
           told->backing_off != news->backing_off || told->held != news->held;
}

void delivery_tell_holdup(struct delivery *d, const struct now *now)
{
    struct delivery_told *told = &d->told;
    struct delivery_told news = {.is_any = true,
        .why = why_of(d, now),
        .until_ms = d->gate.trouble == GATE_FINE ? 0 : d->start_at_ms,
        .backing_off = d->window.later.count,
        .held = d->window.held.count,
        .at_ms = now->monotonic_ms,
        .again_at_ms = INT64_MAX,
        .since_s = told->since_s};
    struct holdup holdup;

    told->again_at_ms = INT64_MAX;
    if (!d->setup.tell_holdup || !is_news(told, &news))
        return;
    if (told->is_any && is_trouble(told->why) == is_trouble(news.why) &&
        now->monotonic_ms < told->at_ms + TELL_EVERY_MS) {
        told->again_at_ms = told->at_ms + TELL_EVERY_MS;
        return;
    }
    if (!told->is_any || is_trouble(told->why) != is_trouble(news.why))
        news.since_s = now->wall_s;
    *told = news;
    describe(d, &news, now, &holdup);
    counter_set(&d->setup.counters->back_off_until_s, (uint64_t)holdup.until_s);
    d->setup.tell_holdup(d->setup.arg, &holdup);
}
