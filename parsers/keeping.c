/* SPDX-License-Identifier: MIT
 *
 * A count has its event's fields in its value from its first line on, id included: so
 * it can end in any process, under any rules. What was ended of a rule's windows is
 * kept as the latest start among them: a line in a window that begins no later opens
 * another part of it, with a number that was never used.
 */
#include "keeping.h"

#include "memory.h"
#include "pack.h"
#include "window.h"

#include <stdlib.h>

struct keeping {
    struct notes *notes;
    struct note *log; /* of the record that is under way */
    uint64_t offset;  /* of that record */
    bool is_repeated; /* it had its effect before, and has none now */
    struct note_ending ending;
    const struct engine_output *output;
    uint64_t *events;
    struct buffer key, value, id_key;
};

/* Where ended counts go. */
struct ending {
    struct notes *notes;
    const struct engine_output *output;
    uint64_t *events;
};

struct keeping *keeping_new(struct notes *notes)
{
    struct keeping *keeping = memory_new(sizeof(*keeping));

    keeping->notes = notes;
    keeping->offset = UINT64_MAX;
    return keeping;
}

void keeping_free(struct keeping *keeping)
{
    if (!keeping)
        return;
    buffer_finish(&keeping->key);
    buffer_finish(&keeping->value);
    buffer_finish(&keeping->id_key);
    free(keeping);
}

/* --- an event in a note's value ---------------------------------------------- */

enum { TEXTS = 8 };

static void list_texts(struct event *event, struct span *texts[TEXTS])
{
    struct span *const all[TEXTS] = {&event->source, &event->activity_type, &event->environment,
        &event->product_id, &event->user_id, &event->user_id_type, &event->ip_addr,
        &event->user_agent};

    memcpy(texts, all, sizeof(all));
}

static void pack_event(struct event *event, struct buffer *out)
{
    struct span *texts[TEXTS];

    list_texts(event, texts);
    pack_text(out, (struct span){event->id, EVENT_ID_LEN});
    for (size_t i = 0; i < TEXTS; i++)
        pack_text(out, *texts[i]);
    for (size_t i = 0; i < event->meta_count; i++) {
        pack_text(out, event->meta[i].name);
        pack_text(out, event->meta[i].value);
    }
}

/* The event points into `from` and meta. */
static bool unpack_event(
    struct span from, struct field meta[LIMIT_META_FIELDS], struct event *event)
{
    struct span *texts[TEXTS], id;

    list_texts(event, texts);
    if (!pack_take_text(&from, &id) || id.len != EVENT_ID_LEN)
        return false;
    memcpy(event->id, id.at, EVENT_ID_LEN);
    event->id[EVENT_ID_LEN] = '\0';
    for (size_t i = 0; i < TEXTS; i++)
        if (!pack_take_text(&from, texts[i]))
            return false;
    event->meta = meta;
    event->meta_count = 0;
    while (from.len > 0 && event->meta_count < LIMIT_META_FIELDS) {
        struct field *field = &meta[event->meta_count++];

        if (!pack_take_text(&from, &field->name) || !pack_take_text(&from, &field->value))
            return false;
    }
    return true;
}

/* --- windows that end -------------------------------------------------------- */

/* Product and rule are the first in the key of a window, and the whole of the key of
 * its parts. */
static struct span parts_key(struct span key, struct span *product, struct span *rule)
{
    struct span rest = key;

    if (!pack_take_text(&rest, product) || !pack_take_text(&rest, rule))
        return (struct span){NULL, 0};
    return span_between(key.at, rest.at);
}

static void send_count(
    const struct note *note, struct span product, struct span rule, const struct ending *ending)
{
    struct field meta[LIMIT_META_FIELDS];
    struct event event = {
        .at_s = note->time_s,
        .count = note->count,
        .product = product,
        .rule = rule,
        .has_time = true,
    };

    if (!unpack_event(note->value, meta, &event))
        return;
    ++*ending->events;
    ending->output->event(ending->output->arg, &event);
}

static void end_note(void *arg, const struct note *note)
{
    const struct ending *ending = arg;
    struct span product, rule, key;
    struct note *parts;

    if (note->kind != NOTE_COUNT && note->kind != NOTE_ONCE)
        return;
    key = parts_key(note->key, &product, &rule);
    parts = key.at ? notes_find(ending->notes, NOTE_PARTS, note->log, key) : NULL;
    if (parts && note->time_s > parts->time_s) {
        parts->time_s = note->time_s;
        notes_change(ending->notes, parts);
    }
    if (note->kind == NOTE_COUNT)
        send_count(note, product, rule, ending);
}

/* --- windows ----------------------------------------------------------------- */

static struct span value_of(const struct event *event, const struct window_key *key)
{
    switch (key->kind) {
    case BY_USER_ID:
        return event->user_id;
    case BY_IP_ADDR:
        return event->ip_addr;
    case BY_USER_AGENT:
        return event->user_agent;
    case BY_META:
        break;
    }
    for (size_t i = 0; i < event->meta_count; i++)
        if (span_equal(event->meta[i].name, key->meta))
            return event->meta[i].value;
    return (struct span){NULL, 0};
}

/* Product, rule, window, values: the first two are the key of the parts. */
static size_t write_key(const struct fill *fill, const struct rule_windows *windows,
    const struct event *event, int64_t start_s, struct buffer *key)
{
    size_t parts_len;

    buffer_clear(key);
    pack_text(key, fill->rules->file->product);
    pack_text(key, fill->rule->name);
    parts_len = key->len;
    pack_number(key, (uint64_t)start_s);
    for (size_t i = 0; i < windows->by_count; i++)
        pack_text(key, value_of(event, &windows->by[i]));
    return parts_len;
}

/* The part of a window that is opened now. */
static uint64_t next_part(
    struct keeping *keeping, struct span key, int64_t start_s, const struct fill *fill)
{
    struct note *parts = notes_find(keeping->notes, NOTE_PARTS, keeping->log, key);
    const struct note_start start = {.kind = NOTE_PARTS, .key = key, .time_s = INT64_MIN};
    int64_t now_s = fill->source->wall_s;

    if (!parts) {
        parts = notes_add(keeping->notes, keeping->log, &start, now_s, &keeping->ending);
        parts->count = 1;
    } else {
        notes_touch(keeping->notes, parts, now_s);
    }
    return start_s > parts->time_s ? 1 : ++parts->count;
}

static void identify(struct keeping *keeping, const struct fill *fill, int64_t start_s,
    uint64_t part, size_t parts_len, struct event *event)
{
    struct window_identity identity = {
        .instance = fill->settings->instance,
        .product = fill->rules->file->product,
        .rule = fill->rule->name,
        .start_s = start_s,
        .part = part,
    };

    buffer_clear(&keeping->id_key);
    pack_text(&keeping->id_key, keeping->log->key);
    buffer_append(&keeping->id_key, span_from(buffer_span(&keeping->key), parts_len + 8));
    identity.key = buffer_span(&keeping->id_key);
    event_identify_window(fill->hasher, &identity, event->id);
}

/* The note of the event's key in its window, or a new one; then the event gets the
 * window's id. */
static struct note *open_window(struct keeping *keeping, const struct fill *fill,
    enum note_kind kind, const struct rule_windows *windows, struct event *event, bool *is_new)
{
    const struct zone *zone = fill->settings->window_zone ? fill->settings->window_zone : &zone_utc;
    struct window window = window_of(windows->every_s, zone, event->at_s);
    size_t parts_len = write_key(fill, windows, event, window.start_s, &keeping->key);
    struct span key = buffer_span(&keeping->key);
    struct note *note = notes_find(keeping->notes, kind, keeping->log, key);
    int64_t log_s = keeping->log->time_s;
    struct note_start start = {
        .kind = kind,
        .key = key,
        .time_s = window.start_s,
        .ends_s = (window.end_s > log_s ? window.end_s : log_s) + windows->grace_s,
        .silence_s = windows->every_s + windows->grace_s,
    };

    *is_new = !note;
    if (note)
        return note;
    identify(keeping, fill, window.start_s,
        next_part(keeping, (struct span){key.at, parts_len}, window.start_s, fill), parts_len,
        event);
    buffer_clear(&keeping->value);
    if (kind == NOTE_COUNT)
        pack_event(event, &keeping->value);
    start.value = buffer_span(&keeping->value);
    return notes_add(keeping->notes, keeping->log, &start, fill->source->wall_s, &keeping->ending);
}

static void add_to_count(struct keeping *keeping, const struct fill *fill, struct event *event)
{
    bool is_new;
    struct note *note = open_window(keeping, fill, NOTE_COUNT, &fill->rule->count, event, &is_new);

    note->count++;
    notes_touch(keeping->notes, note, fill->source->wall_s);
}

static bool is_first_in_window(
    struct keeping *keeping, const struct fill *fill, struct event *event)
{
    bool is_new;

    open_window(keeping, fill, NOTE_ONCE, &fill->rule->once, event, &is_new);
    return is_new;
}

/* --- pair, remember, recall -------------------------------------------------- */

/* Absent if the template cannot be filled. */
static struct span find_key(
    struct keeping *keeping, const struct fill *fill, const struct candidates *candidates)
{
    struct span value = fill_first(fill, candidates);

    if (!value.at)
        return value;
    buffer_clear(&keeping->key);
    pack_text(&keeping->key, fill->rules->file->product);
    pack_text(&keeping->key, value);
    return buffer_span(&keeping->key);
}

/* A line whose key cannot be filled has no second one. */
static bool is_first_of_pair(struct keeping *keeping, const struct fill *fill)
{
    const struct rule_keeping *pair = &fill->rule->pair;
    struct note_start start = {
        .kind = NOTE_PAIR,
        .key = find_key(keeping, fill, &pair->key),
        .time_s = fill->moment.time.unix_s,
        .ends_s = fill->moment.time.unix_s + pair->for_s + 1,
        .silence_s = pair->for_s + 1,
    };
    struct note *note;

    if (!start.key.at)
        return true;
    note = notes_find(keeping->notes, NOTE_PAIR, keeping->log, start.key);
    if (note && fill->moment.time.unix_s < note->ends_s)
        return false;
    if (note)
        notes_drop(keeping->notes, note);
    notes_add(keeping->notes, keeping->log, &start, fill->source->wall_s, &keeping->ending);
    return true;
}

bool keeping_remember(struct keeping *keeping, const struct fill *fill)
{
    const struct rule_keeping *remember = &fill->rule->remember;
    struct note_start start = {
        .kind = NOTE_VALUES,
        .key = find_key(keeping, fill, &remember->key),
        .time_s = fill->moment.time.unix_s,
        .ends_s = fill->moment.time.unix_s + remember->for_s + 1,
        .silence_s = remember->for_s + 1,
    };
    struct note *before;

    if (!start.key.at)
        return false;
    buffer_clear(&keeping->value);
    for (size_t i = 0; i < remember->name_count; i++) {
        struct span value = scope_get(&fill->scope, remember->names[i]);

        if (!value.at || value.len > LIMIT_VALUE_BYTES)
            continue;
        pack_text(&keeping->value, remember->names[i]);
        pack_text(&keeping->value, value);
    }
    start.value = buffer_span(&keeping->value);
    before = notes_find(keeping->notes, NOTE_VALUES, keeping->log, start.key);
    if (before)
        notes_drop(keeping->notes, before);
    notes_add(keeping->notes, keeping->log, &start, fill->source->wall_s, &keeping->ending);
    return true;
}

static void recall(
    struct keeping *keeping, const struct fill *fill, struct field *captures, size_t *count)
{
    struct span key = find_key(keeping, fill, &fill->rule->recall), values, name, value;
    struct note *note = key.at ? notes_find(keeping->notes, NOTE_VALUES, keeping->log, key) : NULL;

    if (!note || fill->moment.time.unix_s >= note->ends_s)
        return;
    values = arena_copy(fill->arena, note->value);
    while (*count < LIMIT_CAPTURES && pack_take_text(&values, &name) &&
           pack_take_text(&values, &value))
        captures[(*count)++] = (struct field){name, value};
}

/* --- records ----------------------------------------------------------------- */

static void end_of_record(void *arg, const struct note *note)
{
    const struct keeping *keeping = arg;
    struct ending ending = {keeping->notes, keeping->output, keeping->events};

    end_note(&ending, note);
}

/* Several rules may take one record. */
static void note_position(struct keeping *keeping, const struct fill *fill)
{
    if (fill->offset == keeping->offset)
        return;
    keeping->offset = fill->offset;
    keeping->is_repeated = fill->source->may_repeat && fill->offset < keeping->log->position;
    if (!keeping->is_repeated)
        keeping->log->position = fill->offset + 1;
}

/* A time that cannot be yet moves no log: one line with a wrong year would end every
 * window that comes. */
void keeping_begin(struct keeping *keeping, const struct fill *fill,
    const struct engine_output *output, uint64_t *events, struct field *captures, size_t *count)
{
    const struct engine_source *source = fill->source;
    struct span name = source->log.at ? source->log : SPAN("");
    int64_t time_s = fill->moment.time.unix_s;

    keeping->output = output;
    keeping->events = events;
    keeping->ending = (struct note_ending){end_of_record, keeping};
    keeping->log = notes_log(keeping->notes, name, source->wall_s, &keeping->ending);
    keeping->log->cursor = source->cursor;
    note_position(keeping, fill);
    if (time_s > source->time.reference_s)
        time_s = source->time.reference_s;
    notes_pass(keeping->notes, keeping->log, time_s, &keeping->ending);
    if (fill->rule->recall.count > 0)
        recall(keeping, fill, captures, count);
}

bool keeping_take(struct keeping *keeping, const struct fill *fill, struct event *event)
{
    const struct rule *rule = fill->rule;
    bool is_once = rule->pair.key.count > 0 || rule->once.every_s > 0 || rule->count.every_s > 0;

    if (keeping->is_repeated && is_once)
        return false;
    if (rule->pair.key.count > 0 && !is_first_of_pair(keeping, fill))
        return false;
    if (rule->once.every_s > 0)
        return is_first_in_window(keeping, fill, event);
    if (rule->count.every_s == 0)
        return true;
    add_to_count(keeping, fill, event);
    return false;
}

/* --- without a record -------------------------------------------------------- */

void keeping_rest(
    struct notes *notes, int64_t now_s, const struct engine_output *output, uint64_t *events)
{
    struct ending ending = {notes, output, events};

    notes_rest(notes, now_s, &(struct note_ending){end_note, &ending});
}

void keeping_end_counts(struct notes *notes, const struct engine_output *output, uint64_t *events)
{
    struct ending ending = {notes, output, events};

    notes_end(notes, NOTE_COUNT, &(struct note_ending){end_note, &ending});
}
