/* SPDX-License-Identifier: MIT
 *
 * A table to find notes by key, and lists to find them by age, by log and by change.
 * Logs and what is kept of a rule in one are few, and never end early: only after
 * LASTING_S without a line.
 */
#include "notes.h"

#include "memory.h"
#include "pack.h"

#include <stdlib.h>

enum {
    ROW_VERSION = 1,
    FIRST_SLOTS = 64,
    DAY_S = 86400,
    LASTING_S = 90 * DAY_S,
};

TAILQ_HEAD(changed_list, note);

struct notes {
    size_t most, most_bytes, most_logs;
    struct note **slots;
    size_t slot_count, count;
    struct note_list passing, lasting; /* the longest untouched first */
    size_t passing_count, bytes, log_count;
    struct changed_list changed;
    uint64_t *dropped; /* rows to be forgotten */
    size_t dropped_count, dropped_room;
    uint64_t next_number, ended_early;
    int64_t deadline_s;   /* no silence ends before */
    struct note **loaded; /* logs, by number: for notes_load */
    size_t loaded_count, loaded_room;
    struct buffer row;
};

struct notes *notes_new(size_t most, size_t most_bytes, size_t most_logs)
{
    struct notes *notes = memory_new(sizeof(*notes));

    notes->most = most;
    notes->most_bytes = most_bytes;
    notes->most_logs = most_logs;
    notes->slot_count = FIRST_SLOTS;
    notes->slots = memory_new(FIRST_SLOTS * sizeof(*notes->slots));
    TAILQ_INIT(&notes->passing);
    TAILQ_INIT(&notes->lasting);
    TAILQ_INIT(&notes->changed);
    notes->next_number = 1;
    notes->deadline_s = INT64_MAX;
    return notes;
}

static void free_all(struct note_list *list)
{
    for (struct note *note; (note = TAILQ_FIRST(list));) {
        TAILQ_REMOVE(list, note, in_all);
        free(note);
    }
}

void notes_free(struct notes *notes)
{
    if (!notes)
        return;
    free_all(&notes->passing);
    free_all(&notes->lasting);
    free(notes->slots);
    free(notes->dropped);
    free(notes->loaded);
    buffer_finish(&notes->row);
    free(notes);
}

static bool is_lasting(const struct note *note)
{
    return note->kind == NOTE_LOG || note->kind == NOTE_PARTS;
}

static size_t cost_of(struct span key, struct span value)
{
    return sizeof(struct note) + key.len + value.len;
}

/* --- the table --------------------------------------------------------------- */

/* FNV-1a, with its high bits mixed into the low ones, which choose the slot. */
static uint64_t hash_of(enum note_kind kind, const struct note *log, struct span key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)kind ^ (log ? log->number << 8 : 0);

    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static struct note **slot_of(
    struct notes *notes, enum note_kind kind, const struct note *log, struct span key)
{
    return &notes->slots[hash_of(kind, log, key) & (notes->slot_count - 1)];
}

struct note *notes_find(
    struct notes *notes, enum note_kind kind, const struct note *log, struct span key)
{
    struct note *note = *slot_of(notes, kind, log, key);

    while (note && !(note->kind == kind && note->log == log && span_equal(note->key, key)))
        note = note->next;
    return note;
}

static void put_in_table(struct notes *notes, struct note *note)
{
    struct note **slot = slot_of(notes, note->kind, note->log, note->key);

    note->next = *slot;
    *slot = note;
}

static void grow_table(struct notes *notes)
{
    struct note **old = notes->slots;
    size_t old_count = notes->slot_count;

    notes->slot_count *= 2;
    notes->slots = memory_new(notes->slot_count * sizeof(*notes->slots));
    for (size_t i = 0; i < old_count; i++)
        for (struct note *note = old[i], *next; note; note = next) {
            next = note->next;
            put_in_table(notes, note);
        }
    free(old);
}

/* --- coming and going -------------------------------------------------------- */

static struct note_list *list_of(struct notes *notes, const struct note *note)
{
    return is_lasting(note) ? &notes->lasting : &notes->passing;
}

void notes_change(struct notes *notes, struct note *note)
{
    if (note->is_changed)
        return;
    note->is_changed = true;
    TAILQ_INSERT_TAIL(&notes->changed, note, in_changed);
}

static int64_t silent_until(const struct note *note)
{
    return note->touched_s > INT64_MAX - note->silence_s ? INT64_MAX
                                                         : note->touched_s + note->silence_s;
}

static void note_silence(struct notes *notes, const struct note *note)
{
    if (silent_until(note) < notes->deadline_s)
        notes->deadline_s = silent_until(note);
}

/* Key and value lie behind the note. */
static struct note *insert(struct notes *notes, struct note *log, const struct note_start *start,
    uint64_t number, int64_t touched_s)
{
    struct note *note = memory_new(cost_of(start->key, start->value));
    char *bytes = (char *)(note + 1);

    memcpy(bytes, start->key.at, start->key.len);
    if (start->value.len > 0)
        memcpy(bytes + start->key.len, start->value.at, start->value.len);
    note->kind = start->kind;
    note->key = (struct span){bytes, start->key.len};
    note->value = (struct span){bytes + start->key.len, start->value.len};
    note->time_s = start->time_s;
    note->ends_s = start->ends_s;
    note->silence_s = start->silence_s;
    note->touched_s = touched_s;
    note->log = log;
    note->number = number;
    note->earliest_s = INT64_MAX;
    TAILQ_INIT(&note->of_log);

    if (notes->count++ == notes->slot_count)
        grow_table(notes);
    put_in_table(notes, note);
    TAILQ_INSERT_TAIL(list_of(notes, note), note, in_all);
    if (!is_lasting(note)) {
        notes->passing_count++;
        notes->bytes += cost_of(note->key, note->value);
    }
    notes->log_count += note->kind == NOTE_LOG;
    if (log) {
        TAILQ_INSERT_TAIL(&log->of_log, note, in_log);
        if (note->ends_s < log->earliest_s)
            log->earliest_s = note->ends_s;
    }
    note_silence(notes, note);
    return note;
}

void notes_drop(struct notes *notes, struct note *note)
{
    struct note **at = slot_of(notes, note->kind, note->log, note->key);

    while (*at != note)
        at = &(*at)->next;
    *at = note->next;
    notes->count--;
    TAILQ_REMOVE(list_of(notes, note), note, in_all);
    if (!is_lasting(note)) {
        notes->passing_count--;
        notes->bytes -= cost_of(note->key, note->value);
    }
    notes->log_count -= note->kind == NOTE_LOG;
    if (note->log)
        TAILQ_REMOVE(&note->log->of_log, note, in_log);
    if (note->is_changed)
        TAILQ_REMOVE(&notes->changed, note, in_changed);
    if (note->is_saved) {
        notes->dropped = memory_room(
            notes->dropped, notes->dropped_count, &notes->dropped_room, sizeof(*notes->dropped));
        notes->dropped[notes->dropped_count++] = note->number;
    }
    free(note);
}

static void end(struct notes *notes, struct note *note, const struct note_ending *ending)
{
    ending->ended(ending->arg, note);
    notes_drop(notes, note);
}

static void make_room(struct notes *notes, size_t bytes, const struct note_ending *ending)
{
    struct note *oldest;

    while ((notes->passing_count >= notes->most || notes->bytes + bytes > notes->most_bytes) &&
           (oldest = TAILQ_FIRST(&notes->passing))) {
        oldest->log->count++;
        notes_change(notes, oldest->log);
        notes->ended_early++;
        end(notes, oldest, ending);
    }
}

/* --- logs and their time ----------------------------------------------------- */

static void end_oldest_log(struct notes *notes, const struct note_ending *ending)
{
    struct note *log = TAILQ_FIRST(&notes->lasting);

    while (log->kind != NOTE_LOG)
        log = TAILQ_NEXT(log, in_all);
    /* What is kept of its rules is needed until the last window has ended. */
    for (struct note *note = TAILQ_FIRST(&log->of_log), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_log);
        if (note->kind != NOTE_PARTS) {
            notes->ended_early++;
            end(notes, note, ending);
        }
    }
    for (struct note *parts; (parts = TAILQ_FIRST(&log->of_log));)
        notes_drop(notes, parts);
    notes_drop(notes, log);
}

struct note *notes_log(
    struct notes *notes, struct span name, int64_t now_s, const struct note_ending *ending)
{
    struct note *log = notes_find(notes, NOTE_LOG, NULL, name);
    const struct note_start start = {
        .kind = NOTE_LOG,
        .key = name,
        .time_s = INT64_MIN,
        .ends_s = INT64_MAX,
        .silence_s = LASTING_S,
    };

    if (!log) {
        if (notes->log_count >= notes->most_logs)
            end_oldest_log(notes, ending);
        log = insert(notes, NULL, &start, notes->next_number++, now_s);
    }
    notes_touch(notes, log, now_s);
    return log;
}

void notes_pass(
    struct notes *notes, struct note *log, int64_t time_s, const struct note_ending *ending)
{
    if (time_s <= log->time_s)
        return;
    log->time_s = time_s;
    notes_change(notes, log);
    if (time_s < log->earliest_s)
        return;
    log->earliest_s = INT64_MAX;
    for (struct note *note = TAILQ_FIRST(&log->of_log), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_log);
        if (note->ends_s <= time_s)
            end(notes, note, ending);
        else if (note->ends_s < log->earliest_s)
            log->earliest_s = note->ends_s;
    }
}

/* --- notes ------------------------------------------------------------------- */

struct note *notes_add(struct notes *notes, struct note *log, const struct note_start *start,
    int64_t now_s, const struct note_ending *ending)
{
    struct note_start lasting = *start;
    struct note *note;

    if (start->kind == NOTE_PARTS) {
        lasting.ends_s = INT64_MAX;
        lasting.silence_s = LASTING_S;
    } else {
        make_room(notes, cost_of(start->key, start->value), ending);
    }
    note = insert(notes, log, &lasting, notes->next_number++, now_s);
    notes_touch(notes, note, now_s);
    return note;
}

static void touch_one(struct notes *notes, struct note *note, int64_t now_s)
{
    note->touched_s = now_s;
    TAILQ_REMOVE(list_of(notes, note), note, in_all);
    TAILQ_INSERT_TAIL(list_of(notes, note), note, in_all);
    notes_change(notes, note);
}

void notes_touch(struct notes *notes, struct note *note, int64_t now_s)
{
    touch_one(notes, note, now_s);
    if (note->log && note->log->touched_s != now_s)
        touch_one(notes, note->log, now_s);
}

/* --- quiet moments ----------------------------------------------------------- */

/* A clock that was set back must not make a silence longer. */
static void rest_list(
    struct notes *notes, struct note_list *list, int64_t now_s, const struct note_ending *ending)
{
    for (struct note *note = TAILQ_FIRST(list), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_all);
        if (note->touched_s > now_s)
            note->touched_s = now_s;
        if (silent_until(note) > now_s)
            note_silence(notes, note);
        else if (TAILQ_EMPTY(&note->of_log))
            end(notes, note, ending);
        else if (now_s + 1 < notes->deadline_s)
            notes->deadline_s = now_s + 1; /* the last of its notes ends now */
    }
}

void notes_rest(struct notes *notes, int64_t now_s, const struct note_ending *ending)
{
    if (now_s < notes->deadline_s)
        return;
    notes->deadline_s = INT64_MAX;
    rest_list(notes, &notes->passing, now_s, ending);
    rest_list(notes, &notes->lasting, now_s, ending);
}

int64_t notes_deadline(const struct notes *notes)
{
    return notes->deadline_s;
}

void notes_end(struct notes *notes, enum note_kind kind, const struct note_ending *ending)
{
    for (struct note *note = TAILQ_FIRST(&notes->passing), *next; note; note = next) {
        next = TAILQ_NEXT(note, in_all);
        if (note->kind == kind)
            end(notes, note, ending);
    }
}

/* --- durable ----------------------------------------------------------------- */

static void write_row(const struct note *note, struct buffer *row)
{
    buffer_clear(row);
    buffer_append_byte(row, ROW_VERSION);
    buffer_append_byte(row, (char)note->kind);
    pack_number(row, note->log ? note->log->number : 0);
    pack_number(row, note->count);
    pack_number(row, (uint64_t)note->time_s);
    pack_number(row, (uint64_t)note->ends_s);
    pack_number(row, (uint64_t)note->silence_s);
    pack_number(row, (uint64_t)note->touched_s);
    pack_number(row, note->cursor);
    pack_number(row, note->position);
    pack_text(row, note->key);
    pack_text(row, note->value);
}

struct row {
    struct note_start start;
    uint64_t log, count, cursor, position;
    int64_t touched_s;
};

static bool read_row(struct span bytes, struct row *row)
{
    uint64_t time, ends, silence, touched;

    if (bytes.len < 2 || bytes.at[0] != ROW_VERSION || (unsigned char)bytes.at[1] >= NOTE_KINDS)
        return false;
    *row = (struct row){.start.kind = (enum note_kind)bytes.at[1]};
    bytes = span_from(bytes, 2);
    if (!pack_take_number(&bytes, &row->log) || !pack_take_number(&bytes, &row->count) ||
        !pack_take_number(&bytes, &time) || !pack_take_number(&bytes, &ends) ||
        !pack_take_number(&bytes, &silence) || !pack_take_number(&bytes, &touched) ||
        !pack_take_number(&bytes, &row->cursor) || !pack_take_number(&bytes, &row->position) ||
        !pack_take_text(&bytes, &row->start.key) || !pack_take_text(&bytes, &row->start.value))
        return false;
    row->start.time_s = (int64_t)time;
    row->start.ends_s = (int64_t)ends;
    row->start.silence_s = (int64_t)silence;
    row->touched_s = (int64_t)touched;
    return bytes.len == 0 && row->start.key.at && row->start.silence_s >= 0;
}

bool notes_save(struct notes *notes, const struct notes_output *output)
{
    bool is_any = notes->dropped_count > 0 || !TAILQ_EMPTY(&notes->changed);

    for (size_t i = 0; i < notes->dropped_count; i++)
        output->drop(output->arg, notes->dropped[i]);
    notes->dropped_count = 0;
    for (struct note *note; (note = TAILQ_FIRST(&notes->changed));) {
        write_row(note, &notes->row);
        output->put(output->arg, note->number, buffer_span(&notes->row));
        TAILQ_REMOVE(&notes->changed, note, in_changed);
        note->is_changed = false;
        note->is_saved = true;
    }
    return is_any;
}

static int compare_number(const void *number, const void *item)
{
    const struct note *const *log = item;

    return *(const uint64_t *)number < (*log)->number ? -1
                                                      : *(const uint64_t *)number > (*log)->number;
}

static struct note *log_of_number(const struct notes *notes, uint64_t number)
{
    struct note **found = notes->loaded_count == 0
                              ? NULL
                              : bsearch(&number, notes->loaded, notes->loaded_count,
                                    sizeof(*notes->loaded), compare_number);

    return found ? *found : NULL;
}

bool notes_load(struct notes *notes, uint64_t number, struct span bytes)
{
    struct row row;
    struct note *log = NULL, *note;

    if (number >= notes->next_number)
        notes->next_number = number + 1;
    if (!read_row(bytes, &row) ||
        (row.start.kind != NOTE_LOG && !(log = log_of_number(notes, row.log))) ||
        notes_find(notes, row.start.kind, log, row.start.key)) {
        notes->dropped = memory_room(
            notes->dropped, notes->dropped_count, &notes->dropped_room, sizeof(*notes->dropped));
        notes->dropped[notes->dropped_count++] = number;
        return false;
    }
    note = insert(notes, log, &row.start, number, row.touched_s);
    note->count = row.count;
    note->cursor = row.cursor;
    note->position = row.position;
    note->is_saved = true;
    if (note->kind == NOTE_LOG) {
        notes->loaded = memory_room(
            notes->loaded, notes->loaded_count, &notes->loaded_room, sizeof(*notes->loaded));
        notes->loaded[notes->loaded_count++] = note;
    }
    return true;
}

void notes_drop_logs(struct notes *notes, bool (*is_known)(void *arg, uint64_t cursor), void *arg)
{
    for (struct note *log = TAILQ_FIRST(&notes->lasting), *next; log; log = next) {
        if (log->kind == NOTE_LOG && !is_known(arg, log->cursor))
            for (struct note *note; (note = TAILQ_FIRST(&log->of_log));)
                notes_drop(notes, note);
        next = TAILQ_NEXT(log, in_all);
        if (log->kind == NOTE_LOG && !is_known(arg, log->cursor))
            notes_drop(notes, log);
    }
}

/* --- for people -------------------------------------------------------------- */

void notes_look(struct span bytes, struct notes_stats *stats)
{
    struct row row;

    if (!read_row(bytes, &row))
        return;
    stats->kept[row.start.kind]++;
    if (row.start.kind == NOTE_LOG)
        stats->ended_early += row.count;
}

size_t notes_count(const struct notes *notes)
{
    return notes->passing_count;
}

uint64_t notes_ended_early(const struct notes *notes)
{
    return notes->ended_early;
}
