/* SPDX-License-Identifier: MIT
 *
 * Entries are found by a hash of both names, which is also the key of their rows. Rows of
 * rules that no longer run stay as they are.
 */
#include "shipper/rule_figures.h"

#include "parsers/engine.h"
#include "parsers/memory.h"
#include "parsers/pack.h"

#include <stdlib.h>

enum {
    DAY_S = 86400,
    USUAL_DAYS = 3,
    QUIET_DAYS = 2,
    FIRST_SLOTS = 64,
    NUMBERS = 14,
    NEAR_LEAST = 10
};
enum { SHIFT_STEP_S = 900, SHIFT_SPREAD_S = 120, SHIFTED_LEAST = 10, SHIFTED_LEAST_S = 600 };

struct entry {
    struct buffer product, rule, reason; /* behind the spans of figure */
    struct rule_figure figure;
    bool is_changed;
};

struct rule_figures {
    struct entry *entries;
    size_t count, room;
    size_t *slots; /* by key: 1 + which entry, 0: none. Open addressing, a power of two */
    size_t slot_room;
};

struct rule_figures *rule_figures_new(void)
{
    struct rule_figures *figures = memory_new(sizeof(*figures));

    figures->slot_room = FIRST_SLOTS;
    figures->slots = memory_new(figures->slot_room * sizeof(*figures->slots));
    return figures;
}

void rule_figures_free(struct rule_figures *figures)
{
    if (!figures)
        return;
    for (size_t i = 0; i < figures->count; i++) {
        buffer_finish(&figures->entries[i].product);
        buffer_finish(&figures->entries[i].rule);
        buffer_finish(&figures->entries[i].reason);
    }
    free(figures->entries);
    free(figures->slots);
    free(figures);
}

/* --- rows -------------------------------------------------------------------- */

bool rule_figure_read(struct span row, struct rule_figure *figure)
{
    struct rule_figure read;
    uint64_t numbers[NUMBERS];

    if (!pack_take_text(&row, &read.product) || !pack_take_text(&row, &read.rule) ||
        !pack_take_text(&row, &read.reason))
        return false;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!pack_take_number(&row, &numbers[i]))
            return false;
    read.events = numbers[0];
    read.incomplete = numbers[1];
    read.days = numbers[2];
    read.first_s = (int64_t)numbers[3];
    read.last_s = (int64_t)numbers[4];
    read.last_at_s = (int64_t)numbers[5];
    read.candidates = numbers[6];
    read.matched = numbers[7];
    read.near_misses = numbers[8];
    read.errors = numbers[9];
    read.near_before = numbers[10];
    read.shift_s = (int64_t)numbers[11];
    read.shifted = numbers[12];
    read.shifted_from_s = (int64_t)numbers[13];
    *figure = read;
    return true;
}

static void write_row(const struct rule_figure *figure, struct buffer *out)
{
    pack_text(out, figure->product);
    pack_text(out, figure->rule);
    pack_text(out, figure->reason);
    pack_number(out, figure->events);
    pack_number(out, figure->incomplete);
    pack_number(out, figure->days);
    pack_number(out, (uint64_t)figure->first_s);
    pack_number(out, (uint64_t)figure->last_s);
    pack_number(out, (uint64_t)figure->last_at_s);
    pack_number(out, figure->candidates);
    pack_number(out, figure->matched);
    pack_number(out, figure->near_misses);
    pack_number(out, figure->errors);
    pack_number(out, figure->near_before);
    pack_number(out, (uint64_t)figure->shift_s);
    pack_number(out, figure->shifted);
    pack_number(out, (uint64_t)figure->shifted_from_s);
}

/* FNV-1a over both names. */
static uint64_t key_of(struct span product, struct span rule)
{
    const struct span names[] = {product, SPAN("/"), rule};
    uint64_t hash = 0xCBF29CE484222325u;

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < names[i].len; j++)
            hash = (hash ^ (unsigned char)names[i].at[j]) * 0x100000001B3u;
    return hash;
}

bool rule_figure_is_quiet(const struct rule_figure *figure, int64_t now_s)
{
    int64_t silence_s = now_s - figure->last_s, life_s = figure->last_s - figure->first_s;

    /* On average it had a day with events in so many seconds. */
    return figure->days >= USUAL_DAYS && silence_s >= QUIET_DAYS * DAY_S &&
           silence_s > 3 * (life_s / (int64_t)(figure->days - 1));
}

bool rule_figure_is_outdated(const struct rule_figure *figure, int64_t now_s)
{
    int64_t silence_s = now_s - figure->last_s, life_s = figure->last_s - figure->first_s;
    uint64_t since = figure->near_misses - figure->near_before;

    return figure->days >= USUAL_DAYS && silence_s >= DAY_S && since >= NEAR_LEAST &&
           (double)since * (double)life_s > 2.0 * (double)figure->near_before * (double)silence_s;
}

bool rule_figure_is_shifted(const struct rule_figure *figure)
{
    return figure->shifted >= SHIFTED_LEAST &&
           figure->last_s - figure->shifted_from_s >= SHIFTED_LEAST_S;
}

/* An old log that is read moves through all times; one that is followed stays where it is. */
static void note_shift(struct rule_figure *figure, int64_t at_s, int64_t wall_s)
{
    int64_t off_s = at_s - wall_s;
    int64_t half_s = off_s < 0 ? -SHIFT_STEP_S / 2 : SHIFT_STEP_S / 2;
    int64_t shift_s = (off_s + half_s) / SHIFT_STEP_S * SHIFT_STEP_S;
    bool is_near = off_s - shift_s <= SHIFT_SPREAD_S && shift_s - off_s <= SHIFT_SPREAD_S;

    if (!is_near)
        shift_s = 0;
    if (shift_s != figure->shift_s) {
        figure->shift_s = shift_s;
        figure->shifted = 0;
        figure->shifted_from_s = wall_s;
    }
    if (shift_s != 0)
        figure->shifted++;
}

/* --- entries ------------------------------------------------------------------- */

static size_t *slot_of(const struct rule_figures *figures, struct span product, struct span rule)
{
    size_t at = key_of(product, rule) & (figures->slot_room - 1);

    for (; figures->slots[at] > 0; at = (at + 1) & (figures->slot_room - 1)) {
        const struct rule_figure *figure = &figures->entries[figures->slots[at] - 1].figure;

        if (span_equal(figure->rule, rule) && span_equal(figure->product, product))
            break;
    }
    return &figures->slots[at];
}

static void grow(struct rule_figures *figures)
{
    free(figures->slots);
    figures->slot_room *= 2;
    figures->slots = memory_new(figures->slot_room * sizeof(*figures->slots));
    for (size_t i = 0; i < figures->count; i++)
        *slot_of(figures, figures->entries[i].figure.product, figures->entries[i].figure.rule) =
            i + 1;
}

static struct entry *find(struct rule_figures *figures, struct span product, struct span rule)
{
    size_t *slot = slot_of(figures, product, rule);
    struct entry *entry;

    if (*slot > 0)
        return &figures->entries[*slot - 1];
    figures->entries =
        memory_room(figures->entries, figures->count, &figures->room, sizeof(*figures->entries));
    entry = &figures->entries[figures->count++];
    *entry = (struct entry){0};
    buffer_append(&entry->product, product);
    buffer_append(&entry->rule, rule);
    entry->figure.product = buffer_span(&entry->product);
    entry->figure.rule = buffer_span(&entry->rule);
    entry->figure.reason = (struct span){"", 0};
    *slot = figures->count;
    if (figures->count * 2 > figures->slot_room)
        grow(figures);
    return entry;
}

static void take_row(void *arg, uint64_t key, struct span row)
{
    struct rule_figures *figures = arg;
    struct rule_figure figure;
    struct entry *entry;
    struct rule_figure own;

    (void)key;
    if (!rule_figure_read(row, &figure))
        return;
    entry = find(figures, figure.product, figure.rule);
    buffer_clear(&entry->reason);
    buffer_append(&entry->reason, figure.reason);
    own = entry->figure;
    entry->figure = figure;
    entry->figure.product = own.product;
    entry->figure.rule = own.rule;
    entry->figure.reason = buffer_span(&entry->reason);
}

bool rule_figures_load(struct rule_figures *figures, struct spool *spool, struct error *err)
{
    return spool_each_cursor(spool, RULE_FIGURES_KIND, take_row, figures, err);
}

void rule_figures_event(struct rule_figures *figures, const struct event *event, int64_t wall_s)
{
    struct entry *entry = find(figures, event->product, event->rule);
    struct rule_figure *figure = &entry->figure;

    if (figure->events == 0)
        figure->first_s = wall_s;
    if (figure->events == 0 || figure->last_s / DAY_S != wall_s / DAY_S)
        figure->days++;
    figure->events++;
    figure->last_s = wall_s;
    figure->last_at_s = event->at_s;
    figure->near_before = figure->near_misses;
    note_shift(figure, event->at_s, wall_s);
    entry->is_changed = true;
}

void rule_figures_incomplete(struct rule_figures *figures, const struct incomplete *incomplete)
{
    struct entry *entry = find(figures, incomplete->product, incomplete->rule_name);

    entry->figure.incomplete++;
    buffer_clear(&entry->reason);
    buffer_printf(&entry->reason, "%s: %s", incomplete->field, incomplete->reason);
    entry->figure.reason = buffer_span(&entry->reason);
    entry->is_changed = true;
}

void rule_figures_tally(struct rule_figures *figures, struct span product, struct span rule,
    const struct engine_tally *tally)
{
    struct entry *entry = find(figures, product, rule);

    entry->figure.candidates += tally->candidates;
    entry->figure.matched += tally->matched;
    entry->figure.near_misses += tally->near_misses;
    entry->figure.errors += tally->errors;
    entry->is_changed = true;
}

bool rule_figures_save(struct rule_figures *figures, struct spool_batch *batch)
{
    struct buffer row = {0};
    bool is_any = false;

    for (size_t i = 0; i < figures->count; i++) {
        struct entry *entry = &figures->entries[i];

        if (!entry->is_changed)
            continue;
        buffer_clear(&row);
        write_row(&entry->figure, &row);
        spool_batch_cursor(batch, RULE_FIGURES_KIND,
            key_of(entry->figure.product, entry->figure.rule), buffer_span(&row));
        entry->is_changed = false;
        is_any = true;
    }
    buffer_finish(&row);
    return is_any;
}
